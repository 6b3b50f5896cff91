"""The Vectronix device without bytes, at the other end of `lander_rangefinder.record.RANGEFINDER`."""

import math
from collections.abc import Callable

import numpy as np

from lander_common.compiled import compiled
from lander_common.parameters import ParameterError
from lander_rangefinder.record import ECHO, PROMPT, REFUSED, TAKEN
from lander_rangefinder.step import send
from lander_sim.devices.parameters import EmulatorParameters
from lander_sim.sensors.laser import LaserModel

_SAME = 1e-9  # [s] times closer than this are the same
_MOST = 9_999_999  # [cm] seven digits

DEVICE = np.dtype([
    ('latency', float), ('pulse_delay', float),  # [s]
    ('started', np.int64),
    ('busy', np.int64), ('fired', np.int64),  # with a shot; its laser has fired
    ('pulse', float), ('reply', float),  # [s] when the laser fires, when the answer goes out
    ('range_m', float),  # [m] NaN: no echo
])
"""State of the device."""


@compiled
def hear(device: np.void, line: np.void, extra_latency: float, time: float) -> bool:
    """Take the commands on the line; return whether the laser fires now."""
    if device.started == 0:
        device.started = 1
        send(line, PROMPT)
    for _ in range(line.commands):
        if device.busy == 1:
            send(line, REFUSED)
            send(line, PROMPT)
        else:
            send(line, TAKEN)
            device.busy, device.fired, device.pulse = 1, 0, time + device.pulse_delay
            device.reply = time + max(device.latency + extra_latency, device.pulse_delay)
    line.commands = 0
    return device.busy == 1 and device.fired == 0 and time >= device.pulse - _SAME


@compiled
def answer(device: np.void, line: np.void, time: float) -> bool:
    """Answer if it is time; return whether a reply went out. A range goes out in whole centimetres."""
    if device.busy == 0 or time < device.reply - _SAME:
        return False
    device.busy = 0
    centimetres = 0 if np.isnan(device.range_m) else int(np.rint(device.range_m * 100))
    line.centimetres = centimetres if 0 < centimetres <= _MOST else 0
    send(line, ECHO)
    send(line, PROMPT)
    return True


@compiled
def unplug(device: np.void, line: np.void) -> None:
    """Take the device off the line, without power: it forgets its shot, and questions are lost."""
    device.started = device.busy = line.commands = 0


@compiled
def due(device: np.void) -> float:
    """Return the flight time [s] from which the device acts of itself; infinite while it only listens."""
    if device.busy == 0:
        return np.inf
    return (device.reply if device.fired == 1 else device.pulse) - _SAME


class DirectDevice:
    """What `VectronixEmulator` is on a link."""

    def __init__(self, parameters: EmulatorParameters, laser: LaserModel, record: np.ndarray,
                 line: np.ndarray):
        """Switch the device on; `record`: (1,) of DEVICE, `line`: (1,) of RANGEFINDER.

        Raises:
            ParameterError: it is another device.
        """
        if parameters.device != 'vectronix_ascii':
            raise ParameterError('rangefinder_device.device', parameters.device,
                                 'vectronix_ascii in a flight without a range-finder link')
        parameters = parameters.of_device()
        self._laser, self.record, self._line = laser, record, line
        record[0]['latency'], record[0]['pulse_delay'] = parameters.latency_s, parameters.pulse_delay_s

    @property
    def due(self) -> float:
        """Flight time [s] from which it acts of itself; infinite while it only listens."""
        return _due(self.record)

    def step(self, time: float, measure: Callable[[], tuple[float, float] | None]) -> int:
        """Live up to `time` [s]; return the number of range replies that went out. As VectronixEmulator."""
        if self._laser.unplugged:
            _unplug(self.record, self._line)
            return 0
        if _hear(self.record, self._line, self._laser.extra_latency, time):
            slant_range, cosine = measure() or (math.inf, 1.0)
            self.record[0]['fired'] = 1
            self.record[0]['range_m'] = self._laser.fire(time, slant_range, cosine).range_m
        return int(_answer(self.record, self._line, time))


@compiled
def _hear(device: np.ndarray, line: np.ndarray, extra_latency: float, time: float) -> bool:
    return hear(device[0], line[0], extra_latency, time)


@compiled
def _answer(device: np.ndarray, line: np.ndarray, time: float) -> bool:
    return answer(device[0], line[0], time)


@compiled
def _unplug(device: np.ndarray, line: np.ndarray) -> None:
    unplug(device[0], line[0])


@compiled
def _due(device: np.ndarray) -> float:
    return due(device[0])

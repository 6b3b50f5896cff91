"""The device's end of the Safran Vectronix ASCII protocol, with a simulated laser behind it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from lander_common.parameters import Parameters, parameter
from lander_rangefinder.transport import Listener, TransportError
from lander_rangefinder.vectronix import format_target
from lander_rangefinder.vectronix_frames import BrokenFrame, Frame, FrameReader, encode
from lander_sim.sensors.laser import LaserModel

_SAME = 1e-9  # [s] times closer than this are the same
_FAKE = 'LM,Mf,v0123400,v0432100,R000E301'  # the example of the manual
_CHECKSUM, _NOT_SUPPORTED, _INVALID, _OTHER = 0, 1, 2, 5


@dataclass(frozen=True)
class EmulatorParameters(Parameters):
    """How fast the device is."""

    latency_s: float = parameter(
        0.12, unit='s', minimum=0.01, maximum=10,
        doc='From the command to the answer; LRF 7047: up to 0.3 s, LRF 6042: up to 0.86 s')
    pulse_delay_s: float = parameter(
        0.0, unit='s', minimum=0, maximum=1, doc='From the command to the laser pulse')


@dataclass(slots=True)
class _Shot:
    pulse: float  # [s] when the laser fires
    reply: float  # [s] when the answer goes out
    targets: int
    range_m: float | None = None
    fired: bool = False
    fake: bool = False


class VectronixEmulator:
    """A range finder on a link; the flight time it lives in is given to `step`."""

    def __init__(self, parameters: EmulatorParameters, laser: LaserModel, link: Listener):
        """Switch the device on; its prompt goes out with the first step."""
        self._p, self._laser, self._link = parameters, laser, link
        self._reader = FrameReader()
        self._shot: _Shot | None = None
        self._started = False

    @property
    def due(self) -> float:
        """Flight time [s] from which it acts of itself; infinite while it only listens."""
        shot = self._shot
        if shot is None:
            return math.inf
        return (shot.reply if shot.fired or shot.fake else shot.pulse) - _SAME

    def step(self, time: float, measure: Callable[[], tuple[float, float] | None]) -> int:
        """Live up to `time` [s]; return the number of range replies that went out.

        `measure` is called when the laser fires: slant range [m] and cosine of incidence of the beam,
        None if it meets no ground. May be called several times with the same `time`.
        """
        try:
            if not self._started:
                self._started = True
                self._link.write(b'<')
            for item in self._reader.feed(self._link.read()):
                if isinstance(item, Frame):
                    self._command(item.body, time)
                elif isinstance(item, BrokenFrame):
                    self._refuse(_CHECKSUM)
            return self._work(time, measure)
        except TransportError:
            self._shot = None  # nobody left to answer
            return 0

    def _command(self, body: str, time: float) -> None:
        match body.split(','):
            case ['LM', 'Md' | 'Mf' as name, '3' | '5' as targets, *rest] if rest in ([], ['0']):
                if self._shot is not None:  # what the device does then is not public
                    self._refuse(_OTHER)
                    return
                self._link.write(encode('AC'))
                latency = max(self._p.latency_s + self._laser.extra_latency, self._p.pulse_delay_s)
                self._shot = _Shot(time + self._p.pulse_delay_s, time + latency, int(targets),
                                   fake=name == 'Mf')
            case ['LM', 'Md' | 'Mf', *_]:
                self._refuse(_INVALID)
            case _:
                self._refuse(_NOT_SUPPORTED)

    def _refuse(self, number: int) -> None:
        self._link.write(encode(f'NA,{number}') + b'!')

    def _work(self, time: float, measure: Callable[[], tuple[float, float] | None]) -> int:
        shot = self._shot
        if shot is None:
            return 0
        if not shot.fired and not shot.fake and time >= shot.pulse - _SAME:
            slant_range, cos_incidence = measure() or (math.inf, 1.0)
            echo = self._laser.fire(time, slant_range, cos_incidence)
            shot.fired, shot.range_m = True, echo.range_m if echo.detected else None
        if time < shot.reply - _SAME:
            return 0
        self._shot = None
        if shot.fake:
            self._link.write(encode(_FAKE) + b'<')
            return 0
        targets = [format_target(shot.range_m), *[format_target(None)] * (shot.targets - 1)]
        self._link.write(encode('LM,Md,' + ','.join(targets)) + b'<')
        return 1

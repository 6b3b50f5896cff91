"""The device's end of the Safran Vectronix ASCII protocol, with a simulated laser behind it."""

import math
from dataclasses import dataclass

from lander_common.transport import Listener
from lander_rangefinder.vectronix import format_target
from lander_rangefinder.vectronix_frames import BrokenFrame, Frame, FrameReader, encode
from lander_sim.devices.emulator import SAME, Emulator, Measure
from lander_sim.devices.parameters import EmulatorParameters
from lander_sim.sensors.laser import LaserModel

_FAKE = 'LM,Mf,v0123400,v0432100,R000E301'  # the example of the manual
_CHECKSUM, _NOT_SUPPORTED, _INVALID, _OTHER = 0, 1, 2, 5


@dataclass(slots=True)
class _Shot:
    pulse: float  # [s] when the laser fires
    reply: float  # [s] when the answer goes out
    targets: int
    range_m: float | None = None
    fired: bool = False
    fake: bool = False


class VectronixEmulator(Emulator):
    """Answers one command at a time."""

    def __init__(self, parameters: EmulatorParameters, laser: LaserModel, link: Listener):
        """Switch the device on; its prompt goes out with the first step."""
        super().__init__(parameters, laser, link)
        self._reach = math.inf  # what does not fit into the digits is no range
        self._reader = FrameReader()
        self._shot: _Shot | None = None
        self._started = False

    @property
    def due(self) -> float:
        """Flight time [s] from which it acts of itself; infinite while it only listens."""
        shot = self._shot
        if shot is None:
            return math.inf
        return (shot.reply if shot.fired or shot.fake else shot.pulse) - SAME

    def _hear(self, data: bytes, time: float) -> None:
        if not self._started:
            self._started = True
            self._link.write(b'<')
        for item in self._reader.feed(data):
            if isinstance(item, Frame):
                self._command(item.body, time)
            elif isinstance(item, BrokenFrame):
                self._refuse(_CHECKSUM)

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

    def _work(self, time: float, measure: Measure) -> int:
        shot = self._shot
        if shot is None:
            return 0
        if not shot.fired and not shot.fake and time >= shot.pulse - SAME:
            shot.fired, shot.range_m = True, self._fire(time, measure)
        if time < shot.reply - SAME:
            return 0
        self._shot = None
        if shot.fake:
            self._link.write(encode(_FAKE) + b'<')
            return 0
        targets = [format_target(shot.range_m), *[format_target(None)] * (shot.targets - 1)]
        self._link.write(encode('LM,Md,' + ','.join(targets)) + b'<')
        return 1

    def _stop(self) -> None:
        self._shot = None

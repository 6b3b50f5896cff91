"""The device's end of LightWare's text protocol (LW20, SF20), with a simulated laser behind it."""

import math
import re
from dataclasses import dataclass, field

from lander_common.transport import Listener
from lander_sim.devices.emulator import SAME, Emulator, Measure
from lander_sim.devices.parameters import EmulatorParameters
from lander_sim.sensors.laser import LaserModel

_LONGEST = 32  # [characters] of a question
_MOST_QUESTIONS = 8  # on one shot
_QUESTION = re.compile(rb'\?LD([FL]),([0-9])')


@dataclass(slots=True)
class _Shot:
    pulse: float  # [s] when the laser fires
    reply: float  # [s] when the answers go out
    questions: list[str] = field(default_factory=list)
    range_m: float | None = None
    fired: bool = False


class LightwareAsciiEmulator(Emulator):
    """Takes its first line to choose the port, and answers the others; both returns are the same."""

    def __init__(self, parameters: EmulatorParameters, laser: LaserModel, link: Listener):
        """Switch the device on."""
        super().__init__(parameters, laser, link)
        self._line = bytearray()
        self._chosen = False
        self._shot: _Shot | None = None

    @property
    def due(self) -> float:
        """Flight time [s] from which it acts of itself; infinite while it only listens."""
        shot = self._shot
        return math.inf if shot is None else (shot.reply if shot.fired else shot.pulse) - SAME

    def _hear(self, data: bytes, time: float) -> None:
        for byte in data:
            if byte not in b'\r\n':
                if len(self._line) < _LONGEST:
                    self._line.append(byte)
            elif self._line:
                line, self._line = bytes(self._line), bytearray()
                if self._chosen:
                    self._answer(line, time)
                self._chosen = True

    def _answer(self, line: bytes, time: float) -> None:
        match = _QUESTION.fullmatch(line)
        if match is None:
            return
        if self._shot is None:
            latency = max(self._p.latency_s + self._laser.extra_latency, self._p.pulse_delay_s)
            self._shot = _Shot(time + self._p.pulse_delay_s, time + latency)
        if len(self._shot.questions) < _MOST_QUESTIONS:
            self._shot.questions.append(f'ld{match[1].decode().lower()},{match[2].decode()}')

    def _work(self, time: float, measure: Measure) -> int:
        shot = self._shot
        if shot is None:
            return 0
        if not shot.fired and time >= shot.pulse - SAME:
            shot.fired, shot.range_m = True, self._fire(time, measure)
        if time < shot.reply - SAME:
            return 0
        self._shot = None
        distance = -1.0 if shot.range_m is None else max(0.0, shot.range_m)
        self._link.write(''.join(f'{q}:{distance:.2f}\r\n' for q in shot.questions).encode())
        return 1

    def _stop(self) -> None:
        self._shot = None

"""The device's end of the Benewake protocol, with a simulated laser behind it."""

import struct
from typing import ClassVar

from lander_common.scanner import FrameScanner
from lander_common.transport import Listener
from lander_rangefinder.benewake import WEAK, Benewake, BenewakeTf02, BenewakeTfmini, encode
from lander_rangefinder.protocols import find
from lander_sim.devices.parameters import EmulatorParameters
from lander_sim.devices.streaming import StreamingEmulator
from lander_sim.sensors.laser import LaserModel

_RATE, _OUTPUT = 0x03, 0x07
_STRONG, _FAINT = 1000, 10  # strengths
_SURE, _UNSURE = 8, 3  # reliabilities of the TF02


class _Commands(FrameScanner):
    head = b'\x5a'
    shortest = 2

    def length(self, data: bytearray, start: int) -> int:
        return data[start + 1] if 4 <= data[start + 1] <= 16 else 0

    def check(self, frame: bytes) -> bool:
        return sum(frame[:-1]) & 0xFF == frame[-1]


class BenewakeEmulator(StreamingEmulator):
    """Streams from the start, and obeys the commands for rate and output; it repeats them as an answer."""

    at_once: ClassVar = True

    def __init__(self, parameters: EmulatorParameters, laser: LaserModel, link: Listener):
        """Switch the device on."""
        super().__init__(parameters, laser, link)
        self._commands = _Commands()
        self._model: type[Benewake] = find(parameters.device)
        self._set_rate = self._rate

    def _hear(self, data: bytes, time: float) -> None:
        for found in self._commands.feed(data):
            number, content = found.frame[2], found.frame[3:-1]
            if not found.good:
                continue
            if number == _RATE and len(content) == 2:
                self._set_rate = float(struct.unpack('<H', content)[0])
                self._stream(self._set_rate)
            elif number == _OUTPUT and len(content) == 1:
                self._stream(self._set_rate if content[0] else 0.0)
            else:
                continue
            self._link.write(found.frame)

    def _frame(self, range_m: float | None) -> bytes:
        tf02 = self._model is BenewakeTf02
        centimetres = 0 if range_m is None else round(range_m * 100)
        if not 0 < centimetres < self._model.beyond:
            nothing = WEAK if self._model is BenewakeTfmini else self._model.beyond
            return encode(nothing, _FAINT, _UNSURE if tf02 else 0)
        return encode(centimetres, _STRONG, _SURE if tf02 else 0)

"""The device's end of the Noptel protocol in continuous mode, with a simulated laser behind it."""

from lander_common.transport import Listener
from lander_rangefinder.noptel import RATES, check, encode
from lander_sim.devices.parameters import EmulatorParameters
from lander_sim.devices.streaming import StreamingEmulator
from lander_sim.sensors.laser import LaserModel

_RANGE, _BREAK = 0xCC, 0xC6
_LENGTHS = {_RANGE: 5, _BREAK: 2}  # [bytes] of commands
_AMPLITUDE = 300


class NoptelEmulator(StreamingEmulator):
    """Is silent until it is told to range."""

    def __init__(self, parameters: EmulatorParameters, laser: LaserModel, link: Listener):
        """Switch the device on."""
        super().__init__(parameters, laser, link)
        self._heard = bytearray()

    def _hear(self, data: bytes, time: float) -> None:
        heard = self._heard
        heard += data
        while heard:
            length = _LENGTHS.get(heard[0], 1)
            if len(heard) < length:
                return
            command = bytes(heard[:length])
            good = length > 1 and check(command[:-1]) == command[-1]
            if good:
                self._stream(RATES.get(command[1], 0.0) if command[0] == _RANGE else 0.0)
            del heard[:length if good else 1]

    def _frame(self, range_m: float | None) -> bytes:
        return encode([(range_m, _AMPLITUDE)] if range_m is not None and range_m > 0.5 else [])

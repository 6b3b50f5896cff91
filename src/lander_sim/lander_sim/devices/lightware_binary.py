"""The device's end of LightWare's two-byte output, with a simulated laser behind it."""

from typing import ClassVar

from lander_rangefinder.lightware_binary import encode
from lander_sim.devices.streaming import StreamingEmulator

_LOST = 16000  # [cm]
_MOST = 16383  # [cm] 14 bits


class LightwareBinaryEmulator(StreamingEmulator):
    """Streams from the start and does not listen."""

    at_once: ClassVar = True

    def _hear(self, data: bytes, time: float) -> None:
        """Take no notice."""

    def _frame(self, range_m: float | None) -> bytes:
        centimetres = _LOST if range_m is None else round(range_m * 100)
        return encode(centimetres if 0 < centimetres <= _MOST else _LOST)

"""The device's end of LightWare's binary protocol (SF45/B), with a simulated laser behind it."""

import struct

from lander_common.transport import Listener
from lander_rangefinder import lightware_frames as frames
from lander_rangefinder.lightware_sf45 import RATES, STREAM_CM
from lander_sim.devices.parameters import EmulatorParameters
from lander_sim.devices.streaming import StreamingEmulator
from lander_sim.sensors.laser import LaserModel

_NAME = b'SF45'.ljust(16, b'\0')
_LOST = -100  # [cm]
_SIZES = {frames.DISTANCE_OUTPUT: 4, frames.RATE: 1, frames.STREAM: 4}  # [bytes] of what can be written
_FIELDS = 9  # bits of the output that the device knows
_NOISE, _TEMPERATURE, _YAW = 20, 3500, 0  # [-], [1/100 degC], [1/100 deg]
_MOST = 32767  # [cm]


class Sf45Emulator(StreamingEmulator):
    """Is silent until it is told to stream; then sends the fields that were chosen."""

    def __init__(self, parameters: EmulatorParameters, laser: LaserModel, link: Listener):
        """Switch the device on."""
        super().__init__(parameters, laser, link)
        self._scanner = frames.LightwareScanner()
        self._values = {frames.DISTANCE_OUTPUT: 1, frames.RATE: 1, frames.STREAM: 0}

    def _hear(self, data: bytes, time: float) -> None:
        for found in self._scanner.feed(data):
            number, content = found.frame[3], found.frame[4:-2]
            if found.good and number == frames.PRODUCT:
                self._link.write(frames.encode(number, _NAME))
            if not found.good or number not in self._values:
                continue
            size = _SIZES[number]
            if found.frame[1] & 1 and len(content) == size:
                self._values[number] = int.from_bytes(content, 'little')
                on = self._values[frames.STREAM] == STREAM_CM
                self._stream(RATES.get(self._values[frames.RATE], 50.0) if on else 0.0)
            self._link.write(frames.encode(number, self._values[number].to_bytes(size, 'little')))

    def _frame(self, range_m: float | None) -> bytes:
        found = range_m is not None and 0 < round(range_m * 100) <= _MOST
        distance, strength = (round(range_m * 100), 80) if found else (_LOST, 0)
        every = [distance, distance, strength] * 2 + [_NOISE, _TEMPERATURE, _YAW]
        chosen = [every[bit] for bit in range(_FIELDS) if self._values[frames.DISTANCE_OUTPUT] >> bit & 1]
        return frames.encode(frames.DISTANCE, struct.pack(f'<{len(chosen)}h', *chosen))

"""Benewake single-point lidars: frames of nine bytes, streamed unasked.

    59 59 distance strength two-more-bytes check

Distance is in centimetres and strength a number, both of 16 bits, low byte first. The check is the low
byte of the sum of the eight bytes before it. It catches each flipped bit, but it is weak: of frames that
are not ours one in 256 passes, and a payload may look like a head. So a frame counts only if it begins
where a good one has ended: the first one after garbage is lost, and noise must make two frames in a row
(1 : 2^48 for each byte). What is left: two bits of one place that flip in opposite ways within a frame.

Sources: product manuals of TFmini, TFmini Plus, TFmini-S and TF03 (frame, commands, distances that are
none), driver of ArduPilot (TF02). Ranges: the same; fields of view (3.6, 3 and 0.5 degrees) and sigmas
are recalled from data sheets; latencies are assumed: one period.
"""

import struct
from typing import ClassVar

from lander_common.scanner import FrameScanner
from lander_rangefinder.protocol import Damaged, DeviceProtocol, Echoes, Event, Profile, Target

_BODY = struct.Struct('<2xHHBBB')
_HEAD = b'\x59\x59'
_RATES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)  # [Hz] that all models can do, up to their limit
WEAK, SATURATED, DAZZLED = 0xFFFF, 0xFFFE, 0xFFFC
"""Distances that are none, of TFmini-S and TFmini Plus: -1, -2, -4."""
_REASONS = {WEAK: 'weak signal', SATURATED: 'signal too strong', DAZZLED: 'too much ambient light'}
_UNUSABLE = 0x8000  # larger distances are none, on all models
_OVEREXPOSED = 0xFFFF  # strength


class _Scanner(FrameScanner):
    head = _HEAD
    shortest = 9

    def length(self, data: bytearray, start: int) -> int:
        return 9

    def check(self, frame: bytes) -> bool:
        return sum(frame[:8]) & 0xFF == frame[8]


class Benewake(DeviceProtocol):
    """What the models have in common; they differ in reach and in how they say that there is no echo."""

    streams: ClassVar = True
    beyond: ClassVar[int]
    """Distance [cm] that is given for everything farther away."""

    def __init__(self) -> None:
        """Start with nothing received."""
        self._scanner = _Scanner()

    @property
    def skipped(self) -> int:
        """Bytes that belonged to no frame."""
        return self._scanner.skipped

    def set_up(self, rate_hz: float) -> bytes:
        """Return the commands for the rate and to give output; nothing is saved in the device."""
        rate = next((r for r in _RATES if r >= rate_hz), _RATES[-1])
        return encode_command(b'\x03' + struct.pack('<H', rate)) + encode_command(b'\x07\x01')

    def feed(self, data: bytes) -> list[Event]:
        """Return the events that end in `data`; never raises."""
        return [self._event(f.frame) if f.good else Damaged(f'frame {f.frame.hex()} has a wrong checksum')
                for f in self._scanner.feed(data) if f.in_step]

    def _event(self, frame: bytes) -> Event:
        distance, strength, sixth, _, _ = _BODY.unpack(frame)
        code = self._missing(distance, strength, sixth)
        return Echoes((Target(code=code) if code else Target(distance / 100, True, f'{distance} cm'),))

    def _missing(self, distance: int, strength: int, sixth: int) -> str:
        """Return why there is no echo, or an empty text."""
        if distance in _REASONS:
            return f'{_REASONS[distance]}, strength {strength}'
        if distance >= _UNUSABLE:
            return f'out of range, distance {distance}'
        if strength == _OVEREXPOSED:
            return _REASONS[SATURATED]
        if distance >= self.beyond:
            return f'out of range, distance {distance}'
        return f'{_REASONS[WEAK]}, strength 0' if strength == 0 else ''


class BenewakeTfmini(Benewake):
    """TFmini, TFmini-S, TFmini Plus."""

    beyond: ClassVar = 1200
    profile: ClassVar = Profile(
        models='Benewake TFmini, TFmini-S, TFmini Plus', baud=115200, rate_hz=100.0, latency_s=0.01,
        timeout_s=0.3, sigma_m=0.05, minimum_range_m=0.3, maximum_range_m=12.0, field_of_view_rad=0.063)


class BenewakeTf02(Benewake):
    """TF02: its seventh byte is the reliability, 7 and 8 are good."""

    beyond: ClassVar = 2200
    profile: ClassVar = Profile(
        models='Benewake TF02', baud=115200, rate_hz=100.0, latency_s=0.01, timeout_s=0.3, sigma_m=0.06,
        minimum_range_m=0.4, maximum_range_m=22.0, field_of_view_rad=0.052)

    def _missing(self, distance: int, strength: int, sixth: int) -> str:
        return super()._missing(distance, strength, sixth) or (
            f'unreliable, level {sixth} of 8' if sixth < 7 else '')


class BenewakeTf03(Benewake):
    """TF03: 18000 cm is its preset threshold of over range."""

    beyond: ClassVar = 18000
    profile: ClassVar = Profile(
        models='Benewake TF03', baud=115200, rate_hz=100.0, latency_s=0.01, timeout_s=0.3, sigma_m=0.1,
        minimum_range_m=0.1, maximum_range_m=180.0, field_of_view_rad=0.0087)


def encode(distance: int, strength: int, sixth: int = 0, seventh: int = 0) -> bytes:
    """Return the frame of a distance [cm]."""
    frame = _HEAD + struct.pack('<HHBB', distance, strength, sixth, seventh)
    return frame + bytes([sum(frame) & 0xFF])


def encode_command(content: bytes) -> bytes:
    """Return the frame of a command: its number and what belongs to it."""
    frame = bytes([0x5A, len(content) + 3]) + content
    return frame + bytes([sum(frame) & 0xFF])

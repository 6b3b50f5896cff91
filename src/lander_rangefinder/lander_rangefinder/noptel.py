"""Noptel LRF range finders in continuous mode: binary, up to three targets in a frame.

    command   CC rate 00 00 check     1: 1 Hz, 2: 4 Hz, 3: 10 Hz, 4: 20 Hz, 5: 100 Hz, 6: 200 Hz
              C6 check                stop
    answers   59 CC, three times range (float, 4 bytes) and amplitude (2 bytes), status, check

Low byte first, metres. The check is the low byte of the sum of all bytes before it, XOR 50 hex. It
catches each flipped bit; of random bytes one place in 2^29 passes, for a range must also be possible.

No echo is a range of about 0, an error or the limit of eye safety exactly 0.5 m. What the bits of the
status mean is not public. Source: a public app that reads the device (Giraut), with one recorded answer.
The values of the profile are assumed, the latency one period.
"""

import struct
from typing import ClassVar

from lander_common.scanner import FrameScanner
from lander_rangefinder.protocol import Damaged, DeviceProtocol, Echoes, Event, Fault, Profile, Target

_HEAD = b'\x59\xcc'
_BODY = struct.Struct('<2xfHfHfHBx')
_ERROR = 0.5  # [m]
_MOST = 1e5  # [m] no device reaches as far
RATES = {1: 1.0, 2: 4.0, 3: 10.0, 4: 20.0, 5: 100.0, 6: 200.0}
"""Code in the command: shots a second [Hz]."""
NO_ECHO = struct.unpack('<f', bytes.fromhex('00000120'))[0]
"""Range [m] that stands for no echo."""


def check(data: bytes) -> int:
    """Return the byte that follows `data`."""
    return (sum(data) & 0xFF) ^ 0x50


class _Scanner(FrameScanner):
    head = _HEAD
    shortest = _BODY.size

    def length(self, data: bytearray, start: int) -> int:
        return _BODY.size

    def check(self, frame: bytes) -> bool:
        return check(frame[:-1]) == frame[-1]


class Noptel(DeviceProtocol):
    """The host's end of the protocol."""

    streams: ClassVar = True
    profile: ClassVar = Profile(
        models='Noptel LRF', baud=115200, rate_hz=10.0, latency_s=0.1, timeout_s=0.5, sigma_m=0.5,
        minimum_range_m=1.0, maximum_range_m=25e3, field_of_view_rad=0.001)

    def __init__(self) -> None:
        """Start with nothing received."""
        self._scanner = _Scanner()

    @property
    def skipped(self) -> int:
        """Bytes that belonged to no range frame."""
        return self._scanner.skipped

    def set_up(self, rate_hz: float) -> bytes:
        """Return the commands to stop, and to range at the next higher rate that there is."""
        code = next((c for c, rate in RATES.items() if rate >= rate_hz), max(RATES))
        return encode_command(b'\xc6') + encode_command(bytes([0xCC, code, 0, 0]))

    def feed(self, data: bytes) -> list[Event]:
        """Return the events that end in `data`; never raises."""
        return [_event(f.frame) if f.good else Damaged(f'frame {f.frame.hex()} has a wrong checksum')
                for f in self._scanner.feed(data) if f.good or f.in_step]


def _event(frame: bytes) -> Event:
    *pairs, status = _BODY.unpack(frame)
    ranges = pairs[::2]
    for r in ranges:
        if not 0.0 <= r <= _MOST:  # also refuses NaN
            return Damaged(f'impossible range {r:g} m, status {status:#04x}')
    if _ERROR in ranges:
        return Fault(f'error or limit of eye safety, status {status:#04x}')
    return Echoes(tuple(_target(r, a) for r, a in zip(ranges, pairs[1::2])))


def _target(range_m: float, amplitude: int) -> Target:
    if range_m < _ERROR:
        return Target(code=f'amplitude {amplitude}')
    if amplitude == 0:
        return Target(code='range without amplitude')
    return Target(range_m, True, f'amplitude {amplitude}')


def encode(targets: list[tuple[float, int]], status: int = 0) -> bytes:
    """Return the answer with up to three targets of range [m] and amplitude."""
    filled = [*targets, *[(NO_ECHO, 0)] * (3 - len(targets))]
    body = _HEAD + struct.pack('<fHfHfHB', *[x for target in filled for x in target], status)
    return body + bytes([check(body)])


def encode_command(content: bytes) -> bytes:
    """Return a command with its check."""
    return content + bytes([check(content)])

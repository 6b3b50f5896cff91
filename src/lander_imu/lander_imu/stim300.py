"""Safran Sensonor STIM300: datagrams over RS-422, streamed unasked.

    identifier, content, CRC, and CR LF if the device is so configured

A measurement holds rates and status, then, as its identifier says, accelerations, inclinations, their
temperatures and an auxiliary or pulse input, and at the end a counter and a latency. All numbers have their
high byte first. What rates and accelerations mean (unit, full scale, samples a second) stands in the
configuration datagram only, so a measurement without it has no value: it is asked for by `C`.

The CRC has the polynomial 04C11DB7 hex and starts with ones; zeros fill the content up to whole words of
four bytes. Of bytes that are not ours it lets one frame in 2^32 pass.

Sources: data sheet TS1524 rev. 31 (February 2024), sections 5.2, 5.5, 5.6, 7.5 and 8; identifiers 98 to 9C
and AD to AF hex, of units with an auxiliary input, from public drivers. One datagram of a real unit that
somebody has published with its CRC is among the tests.
"""

import math
import zlib
from dataclasses import dataclass
from enum import Enum

from lander_common.constants import STANDARD_GRAVITY
from lander_common.scanner import FrameScanner
from lander_imu.stim300_errors import ERRORS

TICKS = 2000
"""Internal samples a second [Hz], which the counter of one byte counts."""
SAMPLE_RATES = (125, 250, 500, 1000, 2000)
"""Samples a second [Hz] that can be set, in the order of their codes."""
BAUD = 921600
PART, SERIAL, CONFIGURATION, EXTENDED_ERRORS = b'N\r', b'I\r', b'C\r', b'E\r'
"""Commands; each costs the device one or more measurements, in whose place it sends the answer."""
INVALID = 0b1101_1000
"""Bits of a status with which the values are no measurement: integrity, start-up, overload, error."""

_SPECIAL = {0xB1: 20, 0xB3: 20, 0xB5: 20, 0xB7: 20, 0xBC: 26, 0xBD: 26, 0xBE: 21, 0xBF: 21, 0xD1: 36,
            0xD2: 36}
_ACCELERATION, _INCLINATION, _TEMPERATURE, _AUXILIARY = 1, 2, 4, 8
_REVERSED = bytes(int(f'{n:08b}'[::-1], 2) for n in range(256))
_REASONS = ((0x80, 'system integrity error'), (0x40, 'start-up'), (0x20, 'outside operating conditions'))
_CHANNEL_REASONS = ((0x10, 'overload'), (0x08, 'error in channel'))
_ACCELERATION_BITS = {0: 19, 3: 20, 4: 18, 6: 16}  # by full scale: a count is 2^-n g, or 2^-(n+3) m/s
_FULL_SCALES = {0: 10, 3: 5, 4: 30, 6: 80}  # [g]
_GYRO_DELAYS = (24.7e-3, 12.7e-3, 6.7e-3, 3.7e-3, 2.2e-3)  # [s] of the low-pass filters of 16 to 262 Hz
_ACCELEROMETER_DELAYS = (28.8e-3, 16.8e-3, 10.8e-3, 7.8e-3, 6.3e-3)
_GYRO_DELAYED = 4e-3  # [s] more, with an output unit "delayed"


class Unit(Enum):
    """What an output stands for."""

    RATE = 'mean or instantaneous value'
    INCREMENT = 'increment since the last datagram'
    INTEGRAL = 'integral since the start'


_UNITS = {0: Unit.RATE, 1: Unit.INCREMENT, 2: Unit.RATE, 3: Unit.INTEGRAL, 4: Unit.INTEGRAL}


def _contents() -> dict[int, int]:
    """Return what the measurements hold, by identifier."""
    found = {}
    for content in range(8):
        high = 0x90 if content <= _TEMPERATURE else 0xA0
        found[high | content] = content
        found[high | content | 0x08] = found[0xF0 | content] = content | _AUXILIARY
    return found


CONTENTS = _contents()


def length_of(content: int) -> int:
    """Return the length [bytes] of a measurement that holds `content`, CRC included."""
    groups = 1 + bool(content & _ACCELERATION) + bool(content & _INCLINATION)
    return 8 + groups * (17 if content & _TEMPERATURE else 10) + 4 * bool(content & _AUXILIARY)


_LENGTHS = _SPECIAL | {identifier: length_of(content) for identifier, content in CONTENTS.items()}


@dataclass(frozen=True, slots=True)
class Measurement:
    """One datagram of measurements; counts as the device gave them."""

    counter: int  # 0 to 255, of internal samples
    latency_s: float  # [s] from the digitised sample to the sending
    rate: tuple[int, int, int]  # device axes
    force: tuple[int, int, int]
    valid: bool
    faults: str  # what the status says, in words; empty if nothing
    size: int  # [bytes] of the datagram


@dataclass(frozen=True, slots=True)
class Configuration:
    """How the device is set, and so what its counts mean."""

    firmware: str
    sample_rate_hz: int  # 0: by an external trigger
    rate_unit: Unit
    force_unit: Unit
    full_scale_g: tuple[int, ...]  # of x, y, z
    radians: float  # [rad/s] or [rad] of a count
    newtons: tuple[float, ...]  # [m/s^2] or [m/s] of a count of x, y, z
    delay_s: float  # [s] of the slowest accelerometer filter
    gyro_lead_s: float  # [s] by which rates are newer than forces
    problem: str  # why nothing can be made of its measurements; empty if something can


@dataclass(frozen=True, slots=True)
class Identity:
    """Part or serial number."""

    what: str  # 'part_number' or 'serial_number'
    text: str


@dataclass(frozen=True, slots=True)
class Errors:
    """What the device has found since it was last asked."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Damaged:
    """Bytes that are no whole, correct datagram, or one that holds too little."""

    reason: str


Event = Measurement | Configuration | Identity | Errors | Damaged


def crc(data: bytes) -> int:
    """Return the CRC of a datagram without its last four bytes."""
    # zlib has the same polynomial from the other end: turn the bits of each byte, and those of the result.
    reflected = zlib.crc32((data + bytes(-len(data) % 4)).translate(_REVERSED))
    return int.from_bytes(reflected.to_bytes(4, 'little').translate(_REVERSED), 'big') ^ 0xFFFFFFFF


class _Scanner(FrameScanner):
    head = b''
    shortest = 2

    def length(self, data: bytearray, start: int) -> int:
        if data[start] == 0x0D and data[start + 1] == 0x0A:
            return 2
        return _LENGTHS.get(data[start], 0)

    def check(self, frame: bytes) -> bool:
        return len(frame) == 2 or crc(frame[:-4]) == int.from_bytes(frame[-4:], 'big')


class Stim300:
    """The host's end of the protocol."""

    def __init__(self) -> None:
        """Start with nothing received."""
        self._scanner = _Scanner()

    @property
    def skipped(self) -> int:
        """Bytes that belonged to no datagram."""
        return self._scanner.skipped

    def feed(self, data: bytes) -> list[Event]:
        """Return the events that end in `data`; never raises."""
        events = []
        for found in self._scanner.feed(data):
            if found.good and len(found.frame) > 2:
                events.append(_event(found.frame))
            elif not found.good and found.in_step:
                events.append(Damaged(f'datagram {found.frame[:1].hex()} has a wrong CRC'))
        return [e for e in events if e is not None]


def _event(frame: bytes) -> Event | None:
    identifier = frame[0]
    if identifier in CONTENTS:
        return _measurement(frame, CONTENTS[identifier])
    if identifier in (0xBC, 0xBD):
        return _configuration(frame)
    if identifier in (0xB1, 0xB3):
        return Identity('part_number', _part_number(frame))
    if identifier in (0xB5, 0xB7):
        return Identity('serial_number', chr(frame[1]) + frame[2:9].hex())
    if identifier in (0xBE, 0xBF):
        bits = int.from_bytes(frame[1:17], 'big')
        return Errors(tuple(name for bit, name in ERRORS.items() if bits >> bit & 1))
    return None  # the bias trim offset is already in the values


def _measurement(frame: bytes, content: int) -> Measurement | Damaged:
    if not content & _ACCELERATION:
        return Damaged(f'datagram {frame[0]:02x} holds no acceleration: set the device to send it')
    gyro, accelerometer = frame[10], frame[20]
    words = _words(frame, content) if any(_status(frame, content)) else ''
    return Measurement(
        frame[-7], int.from_bytes(frame[-6:-4], 'big') * 1e-6, _counts(frame, 1), _counts(frame, 11),
        not (gyro | accelerometer) & INVALID, words, len(frame))


def _counts(frame: bytes, at: int) -> tuple[int, int, int]:
    take = int.from_bytes
    return (take(frame[at:at + 3], 'big', signed=True), take(frame[at + 3:at + 6], 'big', signed=True),
            take(frame[at + 6:at + 9], 'big', signed=True))


def _status(frame: bytes, content: int) -> bytes:
    """Return the status bytes, in the order of `_words`."""
    ends = [10, 20] + ([30] if content & _INCLINATION else [])
    if content & _TEMPERATURE:
        ends += [ends[-1] + 7 * (k + 1) for k in range(len(ends))]
    if content & _AUXILIARY:
        ends.append(ends[-1] + 4)
    return bytes(frame[end] for end in ends)


def _words(frame: bytes, content: int) -> str:
    groups = ['gyros', 'accelerometers'] + (['inclinometers'] if content & _INCLINATION else [])
    if content & _TEMPERATURE:
        groups += [f'temperatures of {g}' for g in groups]
    if content & _AUXILIARY:
        groups.append('auxiliary input')
    return '; '.join(f'{group}: {reasons(status)}'
                     for group, status in zip(groups, _status(frame, content), strict=True) if status)


def reasons(status: int) -> str:
    """Return in words what a status byte says."""
    axes = ' '.join(axis for k, axis in enumerate('xyz') if status >> k & 1)
    found = [name for bit, name in _REASONS if status & bit]
    found += [f'{name} {axes}'.strip() for bit, name in _CHANNEL_REASONS if status & bit]
    return ', '.join(found) or f'axis {axes} without a reason'


def _part_number(frame: bytes) -> str:
    high, low = [b >> 4 for b in frame], [b & 15 for b in frame]
    thirteenth, fifteenth = high[9] + 16 * high[11], high[10] + 16 * low[10]
    digits = [low[1], high[2], low[2], high[3], low[3], '-', high[5], low[5], high[6], low[6], high[7],
              low[7], low[11], '-', thirteenth, low[9], fifteenth]
    text = ''.join(d if d == '-' else chr(d + (48 if d < 10 else 55)) for d in digits)
    return f'{text} rev {chr(frame[15])}'


def _configuration(frame: bytes) -> Configuration:
    problems = []
    code = frame[3] >> 5
    sample_rate = SAMPLE_RATES[code] if code < len(SAMPLE_RATES) else 0
    if not sample_rate:
        problems.append('it sends by external trigger')
    rate_unit, force_unit = _UNITS.get(frame[5] & 7), _UNITS.get(frame[8] & 15)
    if Unit.INTEGRAL in (rate_unit, force_unit) or rate_unit is None or force_unit is None:
        problems.append('its output is an integral: set it to average values or increments')
    if frame[5] & 0x70 != 0x70 or frame[8] & 0x70 != 0x70:
        problems.append('not all axes are active')
    if not frame[3] & 2:
        problems.append('it sends no acceleration')
    scales = (frame[17] >> 4, frame[17] & 15, frame[18] >> 4)
    if not set(scales) <= set(_ACCELERATION_BITS):
        problems.append(f'full scales {scales} are not known')
    if frame[15] or frame[16] >> 4:
        problems.append('full scales of the gyros are not known')
    increments = force_unit is Unit.INCREMENT
    newtons = tuple(2.0 ** -(_ACCELERATION_BITS.get(s, 0) + 3 * increments)
                    * (1.0 if increments else STANDARD_GRAVITY) for s in scales)
    delay = max(_filter(_ACCELEROMETER_DELAYS, frame, 9))
    gyro = max(_filter(_GYRO_DELAYS, frame, 6)) + (_GYRO_DELAYED if frame[5] & 8 else 0.0)
    return Configuration(
        f'{chr(frame[1])}{frame[2]}', sample_rate, rate_unit or Unit.INTEGRAL, force_unit or Unit.INTEGRAL,
        tuple(_FULL_SCALES.get(s, 0) for s in scales),
        math.radians(1.0) * 2.0 ** -(21 if rate_unit is Unit.INCREMENT else 14), newtons, delay, delay - gyro,
        ', '.join(problems))


def _filter(delays: tuple[float, ...], frame: bytes, at: int) -> list[float]:
    """Return the delays [s] of x, y and z; an unknown filter counts as the slowest."""
    codes = (frame[at] >> 4 & 7, frame[at] & 7, frame[at + 1] >> 4 & 7)
    return [delays[c] if c < len(delays) else delays[0] for c in codes]

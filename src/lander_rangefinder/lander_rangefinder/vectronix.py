"""Safran Vectronix LRF 6019, 6042, 6742 and 7047: single ranges over the ASCII protocol.

    command   >LM,Md,3*D5        one shot, three targets
    answers   >AC*84             accepted, or >NA,n*CS refused
              >LM,Md,v0006091,R000E301,R000E301*46
              <                  ready, or ! failed

A target is `v` (valid) or `T` (module out of temperature, accuracy not guaranteed) and seven digits of
centimetres, or `R...` and an error code: no range.
"""

import re
from typing import ClassVar

from lander_rangefinder.protocol import (
    Accepted,
    Damaged,
    DeviceProtocol,
    Echoes,
    Event,
    Finished,
    Profile,
    Refused,
    Target,
)
from lander_rangefinder.vectronix_frames import BrokenFrame, Frame, FrameReader, Prompt, encode

REFUSALS = {'0': 'wrong checksum', '1': 'command not supported', '2': 'invalid parameter',
            '3': 'parity error', '4': 'overflow', '5': 'other error'}
_TARGET = re.compile(r'([vT])(\d{7})')
_NO_RANGE = re.compile(r'R\d{3}E\d{3}')
_TIME_STAMP = re.compile(r't\d+')


class VectronixAscii(DeviceProtocol):
    """The host's end of the protocol.

    Latency: the manuals promise at most 0.3 s (LRF 7047) and 0.86 s (LRF 6042). The rest is assumed.
    """

    profile: ClassVar = Profile(
        models='Safran Vectronix LRF 6019, 6042, 6742, 7047', baud=115200, rate_hz=5.0, latency_s=0.12,
        timeout_s=1.0, sigma_m=0.5, minimum_range_m=1.0, maximum_range_m=25e3, field_of_view_rad=0.001)

    def __init__(self) -> None:
        """Start with nothing received."""
        self._reader = FrameReader()

    @property
    def skipped(self) -> int:
        """Bytes between frames that are neither frame nor prompt."""
        return self._reader.skipped

    def command(self) -> bytes:
        """Return the command for one range with three targets."""
        return encode('LM,Md,3')

    def feed(self, data: bytes) -> list[Event]:
        """Return the events that end in `data`; never raises."""
        return [_event(item) for item in self._reader.feed(data)]


def _event(item: Frame | Prompt | BrokenFrame) -> Event:
    if isinstance(item, Prompt):
        return Finished(item.success)
    if isinstance(item, BrokenFrame):
        return Damaged(f'frame {item.text!r} {item.reason}')
    match item.body.split(','):
        case ['AC']:
            return Accepted()
        case ['NA', number]:
            return Refused(f'{REFUSALS.get(number, "unknown error")} (NA,{number})')
        case ['LM', 'Md', _, *_] as parts:
            texts = [t for t in parts[2:] if not _TIME_STAMP.fullmatch(t)]
            targets = [parse_target(t) for t in texts]
            if targets and None not in targets:
                return Echoes(tuple(targets))
    return Damaged(f'unexpected answer {item.body!r}')


def parse_target(text: str) -> Target | None:
    """Read one target of eight characters; return None if it is not one."""
    if match := _TARGET.fullmatch(text):
        return Target(int(match[2]) / 100, match[1] == 'v', text)
    return Target(code=text) if _NO_RANGE.fullmatch(text) else None


def format_target(range_m: float | None, valid: bool = True) -> str:
    """Write one target, rounded to 1 cm; what does not fit into seven digits is no range."""
    centimetres = 0 if range_m is None else round(range_m * 100)
    return f'{"v" if valid else "T"}{centimetres:07d}' if 0 < centimetres <= 9_999_999 else 'R000E301'

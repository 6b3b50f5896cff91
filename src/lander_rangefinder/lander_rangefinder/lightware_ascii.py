"""LightWare LW20 and SF20 over their text protocol: first and last return, on request.

    command   ?LDL,2    ?LDF,1          each ends with carriage return and line feed
    answers   ldl,2:23.67    ldf,1:1.25     metres
    set-up    www       any line: the device then takes the serial line for its port

There is no checksum: what a flipped bit makes of a digit is believed if it is a digit. Lines must have
the exact form. A lost signal is negative, or one of 130, 160, 230 and 250 m (values that LightWare
devices give for it). The last return comes first in merit: in front of the ground there may be dust.

An answer has no number that would tell to which question it belongs: one later than two time-outs is
taken for that to a later question. Sources: manual of LW20/SF20, driver of ArduPilot. Range 100 m:
documentation of PX4; the rest of the profile is assumed.
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
    Target,
)

LOST = (13000, 16000, 23000, 25000)
"""Distances [cm] of LightWare devices that mean a lost signal."""
_LONGEST = 32  # [characters] of an answer
_ANSWER = re.compile(rb'ld([fl]),[0-9]:(-?[0-9]{1,4}\.[0-9]{1,3})')


class LightwareAscii(DeviceProtocol):
    """The host's end of the protocol."""

    profile: ClassVar = Profile(
        models='LightWare LW20, SF20', baud=115200, rate_hz=20.0, latency_s=0.02, timeout_s=0.3, sigma_m=0.1,
        minimum_range_m=0.2, maximum_range_m=100.0, field_of_view_rad=0.005)

    def __init__(self) -> None:
        """Start with nothing received."""
        self._line = bytearray()
        self._last: Target | None = None
        self.skipped = 0

    def set_up(self, rate_hz: float) -> bytes:
        """Return the line that makes the device choose its serial port."""
        return b'www\r\n'

    def command(self) -> bytes:
        """Return the questions for the last and the first return."""
        self._last = None
        return b'?LDL,2\r\n?LDF,1\r\n'

    def feed(self, data: bytes) -> list[Event]:
        """Return the events that end in `data`; never raises."""
        events: list[Event] = []
        for byte in data:
            if byte in b'\r\n':
                self._end(events)
            elif len(self._line) < _LONGEST:
                self._line.append(byte)
            else:
                self.skipped += 1
        return events

    def _end(self, events: list[Event]) -> None:
        line, self._line = bytes(self._line), bytearray()
        match = _ANSWER.fullmatch(line)
        if match is None:
            self.skipped += len(line)
            if line.startswith(b'ld'):
                events.append(Damaged(f'line {line.decode("ascii", "backslashreplace")!r} is no distance'))
            return
        target = _target(match[2].decode())
        if match[1] == b'l':
            self._last = target
            return
        targets = (target,) if self._last is None else (self._last, target)
        self._last = None
        events += [Accepted(), Echoes(targets), Finished(True)]


def _target(text: str) -> Target:
    range_m = float(text)
    if range_m < 0.0 or round(range_m * 100) in LOST:
        return Target(code=f'lost signal {text} m')
    return Target(range_m, True, f'{text} m')

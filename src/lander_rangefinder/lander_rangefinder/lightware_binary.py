"""LightWare SF30 and legacy devices that stream readings of two bytes.

The first byte has its top bit set, the second has not; seven bits of each, the first byte's are the
higher ones: centimetres. 130 and 160 m mean a lost signal.

There is no check at all. A reading counts only if it begins where another one ended, so the first one
after garbage is lost; a flipped bit below the top one goes unnoticed. Random bytes are believed: prefer
any other protocol that the device has. Sources: manual of SF30, driver of ArduPilot. Of the profile,
range and field of view are assumed.
"""

from typing import ClassVar

from lander_rangefinder.lightware_ascii import LOST
from lander_rangefinder.protocol import Damaged, DeviceProtocol, Echoes, Event, Profile, Target


class LightwareBinary(DeviceProtocol):
    """The host's end; nothing is sent, the rate is set in the device."""

    streams: ClassVar = True
    profile: ClassVar = Profile(
        models='LightWare SF30 and others with two-byte output', baud=115200, rate_hz=50.0,
        latency_s=0.02, timeout_s=0.3, sigma_m=0.1, minimum_range_m=0.2, maximum_range_m=100.0,
        field_of_view_rad=0.005)

    def __init__(self) -> None:
        """Start with nothing received, out of step."""
        self._high: int | None = None
        self._in_step = False
        self.skipped = 0

    def feed(self, data: bytes) -> list[Event]:
        """Return the events that end in `data`; never raises."""
        events: list[Event] = []
        for byte in data:
            if byte & 0x80:
                if self._high is not None:
                    self._lose(events, 'first byte twice')
                self._high = byte & 0x7F
            elif self._high is None:
                self._lose(events, 'second byte twice')
            else:
                if self._in_step:
                    events.append(_event(self._high << 7 | byte))
                self._high, self._in_step = None, True
        return events

    def _lose(self, events: list[Event], reason: str) -> None:
        self.skipped += 1
        if self._in_step:
            events.append(Damaged(f'reading cut off: {reason}'))
        self._in_step = False


def _event(centimetres: int) -> Event:
    lost = centimetres in LOST
    return Echoes((Target(code=f'lost signal {centimetres} cm') if lost
                   else Target(centimetres / 100, True, f'{centimetres} cm'),))


def encode(centimetres: int) -> bytes:
    """Return the reading of a distance [cm], 0 to 16383."""
    return bytes([0x80 | centimetres >> 7, centimetres & 0x7F])

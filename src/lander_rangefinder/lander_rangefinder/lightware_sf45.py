"""LightWare SF45/B in LightWare's binary protocol: streams first and last return.

Set up to send, for each shot, five numbers of 16 bits with sign: first return [cm], its strength [%],
last return [cm], its strength, and the yaw of the turning head [1/100 degree]. A lost signal has a
negative distance or no strength. The last return comes first in merit: in front of the ground there may
be dust.

The head of the device must stand still (its own software sets that): a shot to the side is no altitude.

Sources: LightWare's guides of SF000, LW20 and LW24 (commands 0, 27, 30, 44, 66), drivers of PX4 and
ArduPilot (rates, 921600 baud, 0.2 to 50 m). Of frames that are not ours CRC-16 lets one in 65,536 pass.
That a lost signal is negative, field of view, latency (one period at 50 Hz) and sigma are assumed.
"""

import struct
from typing import ClassVar

from lander_rangefinder import lightware_frames as frames
from lander_rangefinder.protocol import Damaged, DeviceProtocol, Echoes, Event, Fault, Profile, Target

RATES = {1: 50, 2: 100, 3: 200, 4: 400, 5: 500, 6: 625, 7: 1000, 8: 1250, 9: 1538, 10: 2000, 11: 2500,
         12: 5000}
"""Value of command 66: shots a second [Hz]; an older firmware has 48 to 388 Hz there."""
OUTPUT = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 8
"""Value of command 27: first return and strength, last return and strength, yaw."""
SHOT = struct.Struct('<hhhhh')
"""Content of command 44 with that output."""
STREAM_CM = 5
"""Value of command 30."""
_WIDEST_YAW = 1.0  # [deg]


class LightwareSf45(DeviceProtocol):
    """The host's end of the protocol."""

    streams: ClassVar = True
    asks_identity: ClassVar = True
    profile: ClassVar = Profile(
        models='LightWare SF45/B', baud=921600, rate_hz=50.0, latency_s=0.02, timeout_s=0.3, sigma_m=0.1,
        minimum_range_m=0.2, maximum_range_m=50.0, field_of_view_rad=0.005)

    def __init__(self) -> None:
        """Start with nothing received."""
        self._scanner = frames.LightwareScanner()

    @property
    def skipped(self) -> int:
        """Bytes that belonged to no frame."""
        return self._scanner.skipped

    def set_up(self, rate_hz: float) -> bytes:
        """Return the commands for product name, output, the next higher rate there is, and to stream."""
        code = next((c for c, rate in RATES.items() if rate >= rate_hz), max(RATES))
        return (frames.encode(frames.PRODUCT)
                + frames.encode(frames.DISTANCE_OUTPUT, OUTPUT.to_bytes(4, 'little'), write=True)
                + frames.encode(frames.RATE, bytes([code]), write=True)
                + frames.encode(frames.STREAM, STREAM_CM.to_bytes(4, 'little'), write=True))

    def feed(self, data: bytes) -> list[Event]:
        """Return the events that end in `data`; never raises."""
        events = []
        for found in self._scanner.feed(data):
            if found.good and found.frame[3] == frames.DISTANCE:
                events.append(_event(found.frame[4:-2]))
            elif found.good and found.frame[3] == frames.PRODUCT:
                name = found.frame[4:-2].partition(b'\0')[0].decode('ascii', 'replace')
                self.identity = ''.join(c for c in name if c.isprintable())
            elif not found.good and found.in_step:
                events.append(Damaged(f'frame {found.frame.hex()} has a wrong CRC'))
        return events


def _event(content: bytes) -> Event:
    if len(content) != SHOT.size:
        return Damaged(f'{len(content)} bytes of distance data instead of {SHOT.size}')
    first, first_strength, last, last_strength, yaw = SHOT.unpack(content)
    if abs(yaw) > _WIDEST_YAW * 100:
        return Fault(f'the head looks {yaw / 100:g} degrees aside')
    return Echoes((_target(last, last_strength), _target(first, first_strength)))


def _target(centimetres: int, strength: int) -> Target:
    if centimetres < 0:
        return Target(code=f'lost signal {centimetres} cm')
    if strength <= 0:
        return Target(code=f'weak signal, strength {strength} %')
    return Target(centimetres / 100, True, f'{centimetres} cm')

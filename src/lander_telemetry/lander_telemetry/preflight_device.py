"""One device before the flight: what has been heard of it, and whether that is good enough to start."""

from collections import deque
from dataclasses import dataclass

from lander_telemetry.parameters import PreflightParameters

_WINDOW, _FEWEST = 1.0, 5  # [s] of wall time that is looked at; longer for so many messages of a slow device
_SILENT = 1.0  # [s] wall time
_HEALTH_AGE = 3.0  # [s] wall time; diagnostics come once a second


@dataclass(frozen=True)
class Device:
    """Where a device is heard, and what is asked of it."""

    name: str
    topic: str
    driver: str = ''  # name of our driver in the diagnostics; empty: yours, which need not publish any
    worst: int = 0  # level of its diagnostics that is still good enough
    repeats: bool = False  # it may send one stamp several times


DEVICES = {d.name: d for d in (
    Device('imu', 'imu'),
    Device('star_tracker', 'star_tracker'),
    Device('ground_velocity', 'ground_velocity'),
    Device('contact', 'contact'),
    # Without a return, as in orbit, it warns; what is wrong with a shot is told by the shot.
    Device('rangefinder', 'rangefinder/range_sample', 'rangefinder', worst=1),
    Device('valves', 'valves/status', 'valve_driver', repeats=True),
    Device('rover_release', 'rover/release_status', 'rover_release', worst=1, repeats=True))}


@dataclass(frozen=True)
class Health:
    """The last diagnostics of a driver."""

    wall: float  # [s]
    level: int
    message: str
    values: dict[str, str]


@dataclass(frozen=True)
class Row:
    """One line of the table; '-' is not known, '' in `problem` is none."""

    name: str
    found: str = '-'
    identified: str = '-'
    alive: str = '-'
    clock: str = '-'
    problem: str = ''


class DeviceWatch:
    """What has been heard of one device. `wall` is steady time, others are of the node's clock [s]."""

    def __init__(self, device: Device, parameters: PreflightParameters, wall: float):
        """Begin with nothing heard."""
        self.device, self._p = device, parameters
        self._rate = parameters.rates.get(device.name, 0.0)
        self._window = max(_WINDOW, _FEWEST / self._rate if self._rate else 0.0)
        self._arrivals: deque[tuple[float, float, float]] = deque()  # wall, stamp, clock less stamp
        self._heard = wall
        self._stamp = float('-inf')
        self._back = (float('-inf'), '')  # when stamps last did not increase, and how
        self._complaint = ''
        self.publishers = 0
        self.health: Health | None = None

    def hear(self, stamp: float, clock: float, wall: float, complaint: str = '') -> None:
        """Take a message stamped `stamp`; `complaint`: why it must not start with what the message says."""
        if stamp < self._stamp or (stamp == self._stamp and not self.device.repeats):
            self._back = (wall, f'stamps go back from {self._stamp:.3f} s to {stamp:.3f} s'
                          if stamp < self._stamp else f'the stamp {stamp:.3f} s came twice')
        self._stamp, self._heard, self._complaint = stamp, wall, complaint
        self._arrivals.append((wall, stamp, clock - stamp))

    def row(self, wall: float) -> Row:
        """Judge what has been heard."""
        while self._arrivals and self._arrivals[0][0] <= wall - self._window:
            self._arrivals.popleft()
        name, missing = self.device.name, self._missing(wall)
        if missing:
            return Row(name, 'NO', problem=missing)
        identified, unknown = self._identity()
        alive, dead = self._life(wall)
        clock, insane = self._clock(wall)
        return Row(name, 'yes', identified, alive, clock, '; '.join(filter(None, (unknown, dead, insane))))

    def _missing(self, wall: float) -> str:
        health, device = self.health, self.device
        if not self.publishers:
            return f'nobody publishes {device.topic}'
        if not device.driver:
            return ''
        if health is None:
            return f'no diagnostics of {device.driver}'
        if wall - health.wall > _HEALTH_AGE:
            return f'no diagnostics of {device.driver} for {wall - health.wall:.0f} s'
        if health.values.get('link') == 'closed':
            return health.values.get('last_problem') or health.message
        if health.values.get('device') == 'silent':
            return 'the driver does not hear the device'
        return ''

    def _identity(self) -> tuple[str, str]:
        values = self.health.values if self.health else {}
        identity = values.get('identity', 'not asked')
        words = ': '.join(filter(None, (values.get('protocol', ''), identity)))
        return words, 'does not say what it is' if identity == 'no answer' else ''

    def _life(self, wall: float) -> tuple[str, str]:
        if wall - self._heard > max(_SILENT, 3.0 / self._rate if self._rate else 0.0):
            return 'NO', f'silent for {wall - self._heard:.1f} s'
        if len(self._arrivals) < 2:
            return 'NO', 'no messages yet'
        if self._complaint:
            return 'NO', self._complaint
        if self.health and self.health.level > self.device.worst:
            return 'NO', self.health.message
        span = self._arrivals[-1][1] - self._arrivals[0][1]
        rate = (len(self._arrivals) - 1) / span if span > 0.0 else 0.0
        if self._rate and abs(rate - self._rate) > self._p.rate_tolerance * self._rate:
            return 'NO', f'{rate:.1f} Hz instead of {self._rate:g} Hz'
        return f'{rate:.1f} Hz', ''

    def _clock(self, wall: float) -> tuple[str, str]:
        if wall - self._back[0] <= self._window:
            return 'NO', self._back[1]
        off = max((a[2] for a in self._arrivals), key=abs, default=0.0)
        if abs(off) > self._p.clock_tolerance_s:
            return 'NO', f'stamps {abs(off):.2f} s {"behind" if off > 0.0 else "ahead of"} the clock'
        return f'{1e3 * off:+.0f} ms' if self._arrivals else '-', ''

"""Lock-step: when the simulator may go on, and how long the ring took to answer."""

import math

import numpy as np

from lander_common.samples import ThrusterCommand

_IMPATIENT = 0.02  # [s] wall time to wait for a node that has just missed its turn


class LockStep:
    """Waits each cycle for the thruster command.

    Times called `wall` are of a steady clock [s]. The first cycle is waited for without limit: nodes
    are still starting. Later a cycle that takes longer than `timeout` is given up, and the flight
    goes on without the missing node; until it answers again it is waited for only briefly.
    """

    def __init__(self, timeout: float):
        """Give up on a cycle after `timeout` seconds of wall time."""
        self._timeout = timeout
        self._limit = math.inf
        self._time = math.nan
        self._began = 0.0
        self._range_since: float | None = None
        self._range_pending: float | None = None
        self.command: ThrusterCommand | None = None
        self.late_cycles = 0
        self.latencies: list[float] = []  # [s] from a range sample to the next thruster command

    def begin(self, time: float, wall: float) -> None:
        """Start the cycle stamped `time`."""
        self._time, self._began = time, wall
        self.command = None
        # Only a command computed after the sample was there counts as its effect.
        self._range_pending = self._range_since
        self._range_since = None

    def take_command(self, command: ThrusterCommand, wall: float) -> bool:
        """Take a command; return whether it completes the cycle (False for one that is not due)."""
        if self.command is not None or command.time != self._time:
            return False
        self.command = command
        self._limit = self._timeout
        if self._range_pending is not None:
            self.latencies.append(wall - self._range_pending)
            self._range_pending = None
        return True

    def take_range(self, wall: float) -> None:
        """Note when a range sample came, for the latency."""
        self._range_since = wall

    def give_up(self, wall: float) -> bool:
        """Return whether waiting has taken too long, and count it."""
        if self.command is not None or wall - self._began < self._limit:
            return False
        self.late_cycles += 1
        self._limit = _IMPATIENT
        return True

    @property
    def started(self) -> bool:
        """Whether the ring has answered at least once."""
        return self._limit < math.inf

    def latency(self) -> tuple[float, float]:
        """Return median and 99th percentile of the latency [s], NaN without samples."""
        if not self.latencies:
            return math.nan, math.nan
        return float(np.median(self.latencies)), float(np.percentile(self.latencies, 99))


class Pacer:
    """Keeps flight time at `rate` times wall time; rate 0 lets it run as fast as it can."""

    def __init__(self, rate: float):
        """Pace at `rate`, as a multiple of real time."""
        self._rate = rate
        self._anchor: tuple[float, float] | None = None

    def delay(self, time: float, wall: float) -> float:
        """Return how long to wait [s] before flight time `time` may begin."""
        if self._rate <= 0.0:
            return 0.0
        if self._anchor is None:
            self._anchor = (time, wall)
        due = self._anchor[1] + (time - self._anchor[0]) / self._rate
        if due < wall - 0.1:  # too slow for this rate: do not try to catch up
            self._anchor = (time, wall)
        return max(0.0, due - wall)

    def restart(self) -> None:
        """Forget the past: the next time given is on time."""
        self._anchor = None


class Pace:
    """Keeps the pace that each part of the flight has: powered, coasting, or held for the preflight check."""

    def __init__(self, rate: float, coast_rate: float, longest: float):
        """Pace powered flight, in cycles of up to `longest` [s], at `rate`, and the coast at `coast_rate`."""
        self._powered, self._coast, self._real_time = Pacer(rate), Pacer(coast_rate), Pacer(1.0)
        self._longest = longest
        self.held = False
        """Whether guidance waits for its preflight check: devices are then looked at in real time."""

    def delay(self, time: float, dt: float, wall: float) -> float:
        """Return the wait [s] until flight time `time`, at the end of a cycle of `dt` [s], may begin."""
        flying = self._powered if dt <= self._longest else self._coast
        pacer = self._real_time if self.held else flying
        for other in {self._powered, self._coast, self._real_time} - {pacer}:
            other.restart()
        return pacer.delay(time, wall)

"""The time of validity of what a device counts: its own clock carried over to the clock of the host.

The intervals are those of the device. Where they lie on the host's clock follows from the arrivals: what
comes late was held up on the way, so the early ones of the last seconds count; but not the earliest, for a
host whose clock is told to it, as in a simulation, may read it before it has heard.
"""

import math
from collections import deque

WINDOW = 100  # arrivals that count
EARLY = 0.1  # share of them that came still earlier than what is believed
SETTLING = 1.0  # [s] in which stamps approach a better offset
SLEW = 0.01  # [s/s] by which they are moved at most
STEP = 0.1  # [s] a larger error is a clock that was set


class DeviceClock:
    """One device since its last interruption; times are those of the host [s]."""

    def __init__(self, after: float = -math.inf):
        """Start anew; stamps come after the time `after` of the last one before."""
        self._offsets: deque[float] = deque(maxlen=WINDOW)
        self._device, self.last = math.nan, after  # of the last stamp

    def heard(self, device: float, host: float) -> None:
        """Learn that the host heard of the time `device` [s] at `host` [s]."""
        self._offsets.append(host - device)

    def stamp(self, device: float) -> float | None:
        """Return the host's time [s] of `device` [s]; None where it would not be after the last stamp."""
        target = device + sorted(self._offsets)[int(EARLY * len(self._offsets))]
        if not math.isnan(self._device):
            interval = device - self._device
            error = target - (self.last + interval)
            if abs(error) <= STEP:
                most = SLEW * interval
                target = self.last + interval + min(max(error * interval / SETTLING, -most), most)
        if target <= self.last:
            return None
        self._device, self.last = device, target
        return target

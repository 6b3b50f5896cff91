"""The time of validity of what a device counts: its own clock carried over to the clock of the host.

The intervals are those of the device. Where they lie on the host's clock follows from the arrivals: what
comes late was held up on the way, so the earliest arrivals count, and the offset creeps up only as fast as
the two clocks can drift apart.
"""

import math

DRIFT = 2e-4  # [s/s] by which the clocks may run apart
SLEW = 0.01  # [s/s] by which stamps are moved towards a better offset
STEP = 0.1  # [s] a larger error is a clock that was set


class DeviceClock:
    """One device since its last interruption; times are those of the host [s]."""

    def __init__(self, after: float = -math.inf):
        """Start anew; stamps come after the time `after` of the last one before."""
        self._offset = math.inf
        self._seen = 0.0  # [s] of the device, at the last arrival
        self._device, self.last = math.nan, after  # of the last stamp
        self.steps = 0  # times that the host's clock was set

    def arrived(self, device: float, host: float) -> None:
        """Learn that what is valid at `device` [s] of the device was, at the latest, valid at `host` [s]."""
        found = host - device
        self._offset = min(self._offset + DRIFT * (device - self._seen), found)
        self._seen = device

    def stamp(self, device: float) -> float | None:
        """Return the host's time [s] of `device` [s]; None where it would not be after the last stamp."""
        target = device + self._offset
        if not math.isnan(self._device):
            interval = device - self._device
            error = target - (self.last + interval)
            if abs(error) <= STEP:
                most = SLEW * interval
                target = self.last + interval + min(max(error, -most), most)
            else:
                self.steps += 1
        if target <= self.last:
            return None
        self._device, self.last = device, target
        return target

"""The valves as commanded: which pulse runs now, since when and how long."""

import numpy as np

TICK = 1e-6  # [s] times closer than this are the same: rounding of stamps


class Valves:
    """Book of the pulses of n valves. Times in seconds of flight."""

    def __init__(self, n: int):
        """Start with all valves closed."""
        self._opened, self._end = np.full(n, np.inf), np.full(n, -np.inf)

    def open_for(self, now: float) -> np.ndarray:
        """Return how long each valve has been open, (n,) [s], 0 for a closed one."""
        return np.where(self._end >= now - TICK, now - self._opened, 0.0)

    def given(self, start: float, now: float) -> np.ndarray:
        """Return the on-time of each valve from `start`, when its pulse was fired, to `now`, (n,) [s]."""
        return np.clip(np.minimum(self._end, now) - start, 0.0, None)

    def fire(self, now: float, on_time: np.ndarray) -> None:
        """Open each valve for `on_time` (n,) [s] from now on; an open one goes on without a gap."""
        self._opened = np.where(self.open_for(now) > 0.0, self._opened, now)
        self._end = np.where(on_time > 0.0, now + on_time, -np.inf)

    def close(self, which: np.ndarray) -> None:
        """Close the valves marked in `which`, (n,) bool, at once."""
        self._end[which] = -np.inf

    def left(self, now: float) -> np.ndarray:
        """Return the on-time still to go, (n,) [s]."""
        left = self._end - now
        left[left < TICK] = 0.0
        return left

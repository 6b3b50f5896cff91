"""The valves as commanded: which pulse runs now, since when and how long."""

import numpy as np

from lander_common.compiled import compiled

TICK = 1e-6  # [s] times closer than this are the same: rounding of stamps


class Valves:
    """Book of the pulses of n valves. Times in seconds of flight."""

    def __init__(self, n: int):
        """Start with all valves closed."""
        self._opened, self._end = np.full(n, np.inf), np.full(n, -np.inf)

    def open_for(self, now: float) -> np.ndarray:
        """Return how long each valve has been open, (n,) [s], 0 for a closed one."""
        return _open_for(self._opened, self._end, now)

    def given(self, start: float, now: float) -> np.ndarray:
        """Return the on-time of each valve from `start`, when its pulse was fired, to `now`, (n,) [s]."""
        return _given(self._end, start, now)

    def fire(self, now: float, on_time: np.ndarray) -> None:
        """Open each valve for `on_time` (n,) [s] from now on; an open one goes on without a gap."""
        _fire(self._opened, self._end, now, on_time)

    def close(self, which: np.ndarray) -> None:
        """Close the valves marked in `which`, (n,) bool, at once."""
        self._end[which] = -np.inf

    def left(self, now: float) -> np.ndarray:
        """Return the on-time still to go, (n,) [s]."""
        return _left(self._end, now)


@compiled
def _open_for(opened, end, now):
    result = np.zeros(end.size)
    for i in range(end.size):
        if end[i] >= now - TICK:
            result[i] = now - opened[i]
    return result


@compiled
def _given(end, start, now):
    result = np.empty(end.size)
    for i in range(end.size):
        result[i] = max(min(end[i], now) - start, 0.0)
    return result


@compiled
def _fire(opened, end, now, on_time):
    for i in range(end.size):
        if not (end[i] >= now - TICK and now - opened[i] > 0.0):
            opened[i] = now
        end[i] = now + on_time[i] if on_time[i] > 0.0 else -np.inf


@compiled
def _left(end, now):
    result = np.empty(end.size)
    for i in range(end.size):
        left = end[i] - now
        result[i] = left if left >= TICK else 0.0
    return result

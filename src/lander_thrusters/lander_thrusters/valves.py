"""The valves as commanded: which pulse runs now, since when and how long. Times in seconds of flight."""

import numpy as np

from lander_common.compiled import compiled

TICK = 1e-6  # [s] times closer than this are the same: rounding of stamps


@compiled
def open_for(al: np.void, i: int, now: float) -> float:
    """Return how long valve i has been open [s], 0 for a closed one."""
    return now - al.opened[i] if al.end[i] >= now - TICK else 0.0


@compiled
def given(al: np.void, i: int, now: float) -> float:
    """Return how long valve i was open in this window, until now [s]."""
    return max(min(al.end[i], now) - al.start, 0.0)


@compiled
def fire(al: np.void, i: int, now: float, on_time: float) -> None:
    """Open valve i for `on_time` [s] from now on; an open one goes on without a gap."""
    if not (al.end[i] >= now - TICK and now - al.opened[i] > 0.0):
        al.opened[i] = now
    al.end[i] = now + on_time if on_time > 0.0 else -np.inf


@compiled
def left(al: np.void, i: int, now: float) -> float:
    """Return the on-time still to go [s]."""
    rest = al.end[i] - now
    return rest if rest >= TICK else 0.0

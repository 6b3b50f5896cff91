"""How well a loop keeps its time: period, jitter, missed deadlines and age of the samples that drive it."""

from dataclasses import dataclass

import numpy as np

_WINDOW = 1.0  # [s]
_MOST = 4096  # cycles that are remembered


@dataclass(frozen=True)
class Timing:
    """The cycles of the last second, all in seconds; NaN without cycles."""

    period: float  # mean
    jitter: float  # standard deviation of the period
    worst: float  # greatest deviation of a period from the mean
    misses: int  # periods longer than the deadline
    age: float  # median, from the stamp of the sample to the end of the cycle
    worst_age: float


class LoopTiming:
    """Notes cycles in a ring of fixed size: a cycle costs two stores and no memory."""

    def __init__(self, deadline_s: float):
        """Count a period longer than `deadline_s` as missed."""
        self._deadline = deadline_s
        self._ends, self._ages = np.full(_MOST, -np.inf), np.zeros(_MOST)
        self._next = 0

    def cycle(self, steady: float, age: float) -> None:
        """Note a cycle that has ended at `steady` [s], driven by a sample that was `age` [s] old then."""
        self._ends[self._next], self._ages[self._next] = steady, age
        self._next = (self._next + 1) % _MOST

    def last_second(self, steady: float) -> Timing:
        """Return how the cycles went that have ended in the second before `steady` [s]."""
        ends, ages = np.roll(self._ends, -self._next), np.roll(self._ages, -self._next)
        first = int(np.searchsorted(ends, steady - _WINDOW, side='right'))
        # A period belongs to the second in which it ends: also one that began long before.
        periods = np.diff(ends[max(first - 1, 0):])
        periods, ages = periods[np.isfinite(periods)], ages[first:]
        if not len(periods):
            age = (float(np.median(ages)), float(ages.max())) if len(ages) else (np.nan, np.nan)
            return Timing(np.nan, np.nan, np.nan, 0, *age)
        mean = float(periods.mean())
        return Timing(mean, float(periods.std()), float(np.abs(periods - mean).max()),
                      int(np.count_nonzero(periods > self._deadline)), float(np.median(ages)),
                      float(ages.max()))

"""What became of each measurement, and how each sensor fares."""

from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np


def _nothing() -> np.ndarray:
    return np.zeros(0)


class Outcome(IntEnum):
    """How a measurement ended; numbers as in AidSourceStatus.msg."""

    FUSED = 0
    REJECTED = 1
    TERRAIN_CHANGE = 2


class State(IntEnum):
    """Health of a sensor; numbers as in SensorState.msg."""

    WAITING = 0
    OK = 1
    DEGRADED = 2
    LOST = 3


@dataclass(frozen=True, slots=True)
class AidStatus:
    """What became of one measurement; the same shape for every sensor. SI unit of the source."""

    time: float  # [s] of validity
    source: str
    outcome: Outcome
    reason: str = ''
    observation: np.ndarray = field(default_factory=_nothing)  # (m,)
    observation_variance: np.ndarray = field(default_factory=_nothing)  # (m,)
    innovation: np.ndarray = field(default_factory=_nothing)  # (m,) observation minus prediction
    innovation_variance: np.ndarray = field(default_factory=_nothing)  # (m,)
    test_ratio: float = float('nan')  # [-] above 1 fails the gate


@dataclass(frozen=True, slots=True)
class SensorHealth:
    """How one sensor fares, seen from the filter."""

    name: str
    state: State
    age_s: float  # [s] since the last fused measurement; NaN before the first
    fused: int
    rejected: int
    terrain_changes: int
    empty: int  # samples in which the sensor itself said that it measured nothing


class SensorMonitor:
    """Counts the outcomes of one sensor and judges its health by the last ten samples."""

    def __init__(self, name: str, timeout: float):
        """Call the sensor `name` lost when it is silent for `timeout` [s]."""
        self.name = name
        self._timeout = timeout
        self._recent: deque[bool] = deque(maxlen=10)
        self._last_heard = self._last_fused = float('-inf')
        self._counts = dict.fromkeys(Outcome, 0)
        self._empty = 0

    def count(self, time: float, outcome: Outcome, fused_at: float | None = None) -> None:
        """Take note of a measurement heard at `time` [s], and valid at `fused_at` if it was fused."""
        self._counts[outcome] += 1
        self._hear(time, outcome != Outcome.REJECTED)
        if outcome != Outcome.REJECTED:
            self._last_fused = max(self._last_fused, time if fused_at is None else fused_at)

    def count_empty(self, time: float) -> None:
        """Take note of a sample without a measurement at `time` [s]."""
        self._empty += 1
        self._hear(time, False)

    def health(self, now: float) -> SensorHealth:
        """Judge the sensor at `now` [s]."""
        if not self._recent:
            state = State.WAITING
        elif now - self._last_heard > self._timeout:
            state = State.LOST
        else:
            state = State.OK if 2 * sum(self._recent) > len(self._recent) else State.DEGRADED
        age = now - self._last_fused if np.isfinite(self._last_fused) else float('nan')
        return SensorHealth(self.name, state, age, self._counts[Outcome.FUSED],
                            self._counts[Outcome.REJECTED], self._counts[Outcome.TERRAIN_CHANGE], self._empty)

    def _hear(self, time: float, good: bool) -> None:
        self._recent.append(good)
        self._last_heard = max(self._last_heard, time)

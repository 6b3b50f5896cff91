"""What became of each measurement, and how each sensor fares: the codes of the record in words."""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from lander_estimation.aiding.hypotheses import NAMES
from lander_estimation.outcome import REASONS
from lander_estimation.record import SOURCES, STATUSES


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


def take_statuses(est: np.void) -> list[AidStatus]:
    """Return what is in the ring and was not taken before, oldest first."""
    first = max(int(est['status_taken']), int(est['status_count']) - STATUSES)
    est['status_taken'] = est['status_count']
    return [_status(est['statuses'][k % STATUSES]) for k in range(first, int(est['status_count']))]


def _status(status: np.void) -> AidStatus:
    size = int(status['size'])
    parts = [status[name][:size].copy() for name in
             ('observation', 'observation_variance', 'innovation', 'innovation_variance')]
    return AidStatus(float(status['time']), SOURCES[status['source']], Outcome(int(status['outcome'])),
                     REASONS[status['reason']], *parts, float(status['test_ratio']))


def health(est: np.void, source: int) -> SensorHealth:
    """Judge a sensor by its last samples."""
    monitor = est['monitors'][source]
    now = float(est['now'])
    recent = monitor['recent'][:monitor['heard']]
    if len(recent) == 0:
        state = State.WAITING
    elif now - monitor['last_heard'] > est['model']['timeout_s']:
        state = State.LOST
    else:
        state = State.OK if 2 * int(recent.sum()) > len(recent) else State.DEGRADED
    age = now - float(monitor['last_fused'])
    fused, rejected, changes = monitor['outcomes'].tolist()
    return SensorHealth(SOURCES[source], state, age if np.isfinite(age) else float('nan'), fused, rejected,
                        changes, int(monitor['empty']))


def hypotheses(est: np.void) -> dict[str, float]:
    """Return the explanations of the ranges that are weighed now, with their probabilities."""
    window = est['model']['range_window_s'] + est['model']['horizon_s']
    judged = [m for m in est['beams'][:est['model']['beams']] if est['now'] - m['judged'] <= window]
    if not judged:
        return {'ranges as expected': 1.0}
    latest = max(judged, key=lambda memory: memory['judged'])
    return dict(zip(NAMES, latest['probability'].tolist()))

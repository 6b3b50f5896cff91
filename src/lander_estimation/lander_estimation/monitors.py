"""How each sensor fares: its outcomes counted, and the last ten samples remembered."""

import numpy as np

from lander_common.compiled import compiled
from lander_estimation.outcome import REJECTED
from lander_estimation.record import RECENT


@compiled
def _hear(monitor: np.void, time: float, good: bool) -> None:
    monitor.recent[monitor.heard % RECENT] = good
    monitor.heard += 1
    monitor.last_heard = max(monitor.last_heard, time)


@compiled
def count(monitor: np.void, time: float, outcome: int, valid: float) -> None:
    """Take note of a measurement heard at `time` [s] that is `valid` [s] at another time."""
    monitor.outcomes[outcome] += 1
    _hear(monitor, time, outcome != REJECTED)
    if outcome != REJECTED:
        monitor.last_fused = max(monitor.last_fused, valid)


@compiled
def count_empty(monitor: np.void, time: float) -> None:
    """Take note at `time` [s] of a sample in which the sensor itself said that it measured nothing."""
    monitor.empty += 1
    _hear(monitor, time, False)

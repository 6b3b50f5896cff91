"""The fate of one measurement: fused, rejected, or believed after all because many agree."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_estimation.aiding.attitude import predict as predict_attitude
from lander_estimation.aiding.range import predict as predict_range
from lander_estimation.aiding.range_fate import decide, settle
from lander_estimation.aiding.rejections import agree
from lander_estimation.aiding.terrain_map import predict as predict_map
from lander_estimation.aiding.velocity import predict as predict_velocity
from lander_estimation.layout import D_ATTITUDE, D_VELOCITY
from lander_estimation.monitors import count
from lander_estimation.outcome import (
    ABOVE_GATE,
    FIXES_AGREE,
    FUSED,
    NO_REASON,
    NOT_COMPUTABLE,
    REJECTED,
    VELOCITIES_AGREE,
)
from lander_estimation.record import RANGE, RANGE_2, STAR_TRACKER, STATUSES, TERRAIN_MAP
from lander_estimation.swath import note
from lander_estimation.update import apply, project


@compiled
def report(est: np.void, time: float, source: int, outcome: int, reason: int) -> np.void:
    """Write what became of a measurement to the ring of the latest; return the record of it."""
    status = est.statuses[est.status_count % STATUSES]
    est.status_count += 1
    status.time, status.source, status.outcome, status.reason = time, source, outcome, reason
    status.size = 0
    status.test_ratio = math.nan
    count(est.monitors[source], est.now, outcome, time)
    return status


@compiled
def sensor(item: np.void) -> int:
    """Return which sensor a MEASUREMENT comes from, as the index of its name and monitor."""
    return RANGE_2 if item.source == RANGE and item.beam == 1 else item.source


@compiled
def fuse(est: np.void, item: np.void) -> None:
    """Fuse a MEASUREMENT into state and covariance at the fusion horizon, unless it is rejected."""
    source = item.source
    if source == RANGE:
        reason = predict_range(est, item)
    elif source == STAR_TRACKER:
        reason = predict_attitude(est, item)
    else:
        reason = predict_velocity(est, item)
    if reason != NO_REASON:
        report(est, item.time, sensor(item), REJECTED, reason)
        return
    ratio = project(est.prediction, est.cov) / est.model.gate[source]
    outcome = FUSED
    if not math.isfinite(ratio):
        outcome, reason = REJECTED, NOT_COMPUTABLE
    elif source == RANGE:
        outcome, reason = decide(est, item, ratio)
    elif ratio > 1.0:
        outcome, reason = _second_chance(est, item.time, source)
    _finish(est, item.time, sensor(item), outcome, reason, ratio)
    if outcome != REJECTED and source == RANGE:
        settle(est, item)
        note(est, item)
    elif outcome != REJECTED:
        est.rejections[source].count = 0


@compiled
def fuse_map(est: np.void) -> None:
    """Ask the terrain map, if there is one, and fuse what it says."""
    if predict_map(est) != NO_REASON:
        return
    ratio = project(est.prediction, est.cov) / est.model.gate[TERRAIN_MAP]
    outcome, reason = (FUSED, NO_REASON) if ratio <= 1.0 else (REJECTED, ABOVE_GATE)
    _finish(est, est.base.time, TERRAIN_MAP, outcome, reason, ratio)
    if outcome == FUSED:
        est.way = 0.0  # the ground has been measured here


@compiled
def _finish(est: np.void, time: float, source: int, outcome: int, reason: int, ratio: float) -> None:
    """Report what becomes of the measurement in `est.prediction`, and do it."""
    p = est.prediction
    status = report(est, time, source, outcome, reason)
    status.size, status.test_ratio = p.size, ratio
    for i in range(p.size):
        status.observation[i] = p.observation[i]
        status.observation_variance[i] = p.variance[i]
        status.innovation[i] = p.innovation[i]
        status.innovation_variance[i] = p.innovation_variance[i]
    if outcome != REJECTED:
        apply(p, est.x, est.cov, est.correction)


@compiled
def _second_chance(est: np.void, time: float, source: int) -> tuple[int, int]:
    """Raise the variance of the blamed states if the rejected measurements agree with each other."""
    model, p, offset = est.model, est.prediction, est.correction
    first, reason = (D_ATTITUDE, FIXES_AGREE) if source == STAR_TRACKER else (D_VELOCITY, VELOCITIES_AGREE)
    last = first + 3
    offset[:3] = 0.0
    size = 0.0
    for i in range(p.size):
        square = 0.0
        for k in range(first, last):
            square += p.jacobian[i, k] * p.jacobian[i, k]
        for k in range(first, last):
            offset[k - first] += p.jacobian[i, k] * p.innovation[i] / square
    if not agree(est.rejections[source], time, offset, p.size, p.scatter, model.recovery_count,
                 model.recovery_gate, model.fix_window_s):
        return REJECTED, ABOVE_GATE
    for i in range(3):
        size += offset[i] * offset[i]
    for k in range(first, last):
        est.cov[k, k] += size
    if not math.isfinite(project(p, est.cov)):
        return REJECTED, NOT_COMPUTABLE
    return FUSED, reason

"""The filter state on its way behind now: from one measurement to the next, at most a fifth of a second."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.vectors import length
from lander_estimation import covariance
from lander_estimation.fusion import fuse, fuse_map
from lander_estimation.imu import copy, extend, rebase
from lander_estimation.layout import (
    ACCELEROMETER_BIAS,
    D_ACCELEROMETER_BIAS,
    ERROR_SIZE,
    POSITION,
    TERRAIN,
    VELOCITY,
)
from lander_estimation.measurement_queue import TOLERANCE, next_time, pop
from lander_estimation.record import INTERVALS
from lander_estimation.strapdown import LONGEST_STEP, carry
from lander_estimation.terrain import horizontal
from lander_estimation.update import apply, project

LONGEST_MOVE = 0.2  # [s] of the covariance at once, if there are IMU samples
LONGEST_SUM = 4.0  # [s] the sums of the IMU start anew after that, so that they stay small


@compiled
def advance(est: np.void) -> None:
    """Move the filter state over whole IMU intervals until it trails behind now by the horizon.

    A full buffer shortens the horizon.
    """
    limit = est.now - est.model.horizon_s + TOLERANCE
    while est.count > 0:
        interval = est.intervals[est.head]
        end = interval.end.time
        if end > limit and est.count < INTERVALS - 2:
            break
        while True:
            time = next_time(est)
            if time >= end - TOLERANCE:
                break
            if time > est.base.time + TOLERANCE:
                _move(est, interval, time)
            fuse(est, est.queue[pop(est)])
        asked = est.model.map.rows > 0 and est.map_way >= est.model.map.spacing
        long = end - est.sums_since > LONGEST_SUM
        if asked or long or end - est.base.time > LONGEST_MOVE - TOLERANCE:
            if end > est.base.time + TOLERANCE:
                _move(est, interval, end)
            if asked:
                fuse_map(est)
                est.map_way = 0.0
            if long:
                rebase(est)
        est.horizon = end
        est.head = (est.head + 1) % INTERVALS
        est.count -= 1


@compiled
def _move(est: np.void, interval: np.void, time: float) -> None:
    """Move state and covariance to `time` [s], which lies in the oldest interval or at its end."""
    while time - est.base.time > LONGEST_STEP + TOLERANCE:
        _move_once(est, interval, est.base.time + LONGEST_STEP)
    _move_once(est, interval, time)


@compiled
def _move_once(est: np.void, interval: np.void, time: float) -> None:
    start = est.base
    end = est.split
    if time == interval.end.time:
        copy(interval.end, end)
    else:
        before = est.intervals[(est.head + INTERVALS - 1) % INTERVALS].end
        if start.time > before.time:
            extend(start, interval, time, end)
        else:
            extend(before, interval, time, end)
    decay = covariance.predict(est, est.x, start, end, est.cov)
    site = est.model.site_height
    est.x[TERRAIN] = site + (est.x[TERRAIN] - site) * decay
    p = (est.x[POSITION], est.x[POSITION + 1], est.x[POSITION + 2])
    along = horizontal(p, (est.x[VELOCITY], est.x[VELOCITY + 1], est.x[VELOCITY + 2]))
    way = length(along) * (end.time - start.time)
    est.way += way
    est.map_way += way
    carry(est.x, start, end, est.x)
    est.climb += length((est.x[POSITION], est.x[POSITION + 1], est.x[POSITION + 2])) - length(p)
    for i in range(3):
        est.swath.travel[i] += est.x[POSITION + i] - p[i]
    coast = end.coast_s - start.coast_s
    if coast > 0.0:
        _fuse_bias(est, coast, start, end)
    copy(end, start)


@compiled
def _fuse_bias(est: np.void, coast: float, start: np.void, end: np.void) -> None:
    """In unpowered flight the accelerometer shows its bias: fuse the mean over `coast` [s] as such."""
    p = est.prediction
    p.size = 3
    noise = (est.model.accelerometer_noise + est.model.coast_noise) / coast
    p.jacobian[:] = 0.0
    for i in range(3):
        p.jacobian[i, D_ACCELEROMETER_BIAS + i] = 1.0
        p.noise[i] = noise
        p.innovation[i] = (end.coast_v[i] - start.coast_v[i]) / coast - est.x[ACCELEROMETER_BIAS + i]
    if math.isfinite(project(p, est.cov)):
        apply(p, est.x, est.cov, est.correction)


@compiled
def covariance_now(est: np.void) -> float:
    """Write to `cov_now` the covariance for now; return the decay of the terrain error since `base`."""
    for i in range(ERROR_SIZE):
        for j in range(ERROR_SIZE):
            est.cov_now[i, j] = est.cov[i, j]
    end = est.intervals[(est.head + est.count + INTERVALS - 1) % INTERVALS].end
    if end.time <= est.base.time:
        return 1.0
    return covariance.predict(est, est.x, est.base, end, est.cov_now)


@compiled
def sum_now(est: np.void, weights: np.ndarray) -> tuple[float, float]:
    """Return the variance of a weighted sum of the error states now, and the decay as `covariance_now`.

    `weights`, (17,), are overwritten.
    """
    end = est.intervals[(est.head + est.count + INTERVALS - 1) % INTERVALS].end
    if end.time > est.base.time:
        return covariance.predict_sum(est, est.x, est.base, end, est.cov, weights)
    variance = 0.0
    for i in range(ERROR_SIZE):
        for j in range(ERROR_SIZE):
            variance += weights[i] * est.cov[i, j] * weights[j]
    return variance, 1.0

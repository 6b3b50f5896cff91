"""The navigation filter as kernels on one record, ESTIMATOR; see filter.NavigationFilter for its use.

The filter state trails behind now by the horizon. Measurements wait until it reaches their time of
validity and are fused exactly there, so that neither latency nor order of arrival changes a result. The
estimate for now is the filter state carried on by what the IMU has summed up since.
"""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS, MOON_RATE
from lander_common.quaternions import matrix, product
from lander_common.ticks import tenth
from lander_common.vectors import length, turn_back
from lander_estimation.advance import advance, sum_now
from lander_estimation.aiding import attitude, velocity
from lander_estimation.aiding import range as altimeter
from lander_estimation.aiding.hypotheses import ALTITUDE, GROUND
from lander_estimation.fusion import report, sensor
from lander_estimation.imu import accept, begin, clear
from lander_estimation.layout import D_POSITION, D_TERRAIN, GYRO_BIAS, POSITION, QUATERNION, TERRAIN, VELOCITY
from lander_estimation.measurement_queue import TOLERANCE, insert
from lander_estimation.monitors import count_empty
from lander_estimation.outcome import DUPLICATE, FUTURE, NO_REASON, NO_STATE, NOT_TIME, REJECTED, TOO_OLD
from lander_estimation.record import GROUND_VELOCITY, INTERVALS, RANGE, RANGE_2, STAR_TRACKER
from lander_estimation.strapdown import carry
from lander_estimation.swath import clearance
from lander_estimation.terrain import UNMEASURED

VALID, DEGRADED = 1, 2
"""As in lander_common.samples.RangeSample."""


@compiled
def start(est: np.void, time: float) -> None:
    """Start at `time` [s] from what is in `x` and `cov`; what the sensors have done so far is kept."""
    est.initialised = 1
    est.now = est.horizon = est.sums_since = time
    clear(est.base, time)
    est.head = est.count = 0
    clear(est.intervals[INTERVALS - 1].end, time)
    est.last_rate[:] = 0.0
    est.last_force[:] = 0.0
    est.navigation.time = math.nan
    est.queue_count = 0
    for k in range(len(est.rejections)):
        est.rejections[k].count = 0
    for k in range(len(est.beams)):
        memory = est.beams[k]
        memory.count = memory.repeats = 0
        memory.last_time = memory.judged = memory.against_time = memory.reading = math.nan
    est.latched = 0
    est.way, est.climb = UNMEASURED, 0.0
    est.swath.count = 0
    est.swath.travel[:] = 0.0
    est.map_way = math.inf  # ask at once


@compiled
def step(est: np.void, time: float, rate: np.ndarray, force: np.ndarray) -> bool:
    """Advance to the time of an IMU sample [rad/s], [m/s^2] and write the estimate for it to `navigation`.

    A repeated or backward sample changes nothing. A sample that holds something that is not a number is
    replaced by the one before it, at a price in covariance.

    Returns:
        Whether `navigation` is valid: a state vector has arrived, and a sample of its time or later.
    """
    if not est.initialised:
        return False
    if math.isnan(est.navigation.time) and time == est.now:
        begin(est, rate, force)
    elif accept(est, time, rate, force):
        advance(est)
    else:
        return not math.isnan(est.navigation.time)
    _see(est)
    return True


@compiled
def _see(est: np.void) -> None:
    """Carry the filter state to now and turn it into the frames of the site."""
    last = est.intervals[(est.head + est.count + INTERVALS - 1) % INTERVALS].end
    x, model, n = est.x_now, est.model, est.navigation
    carry(est.x, est.base, last, x)
    q = (x[QUATERNION], x[QUATERNION + 1], x[QUATERNION + 2], x[QUATERNION + 3])
    m = matrix(q)
    to_map = model.to_moon
    p = (x[POSITION] - model.origin[0], x[POSITION + 1] - model.origin[1], x[POSITION + 2] - model.origin[2])
    v = turn_back(m, (x[VELOCITY], x[VELOCITY + 1], x[VELOCITY + 2]))
    q = product((model.q_map_moon[0], model.q_map_moon[1], model.q_map_moon[2], model.q_map_moon[3]), q)
    n.time = est.now
    for i in range(3):
        n.position_map[i] = to_map[0, i] * p[0] + to_map[1, i] * p[1] + to_map[2, i] * p[2]
        n.velocity_body[i] = v[i]
        n.angular_velocity[i] = est.last_rate[i] - x[GYRO_BIAS + i] - m[2][i] * MOON_RATE
    for i in range(4):
        n.q_map_body[i] = q[i]


@compiled
def _untimely(est: np.void, time: float) -> int:
    if not math.isfinite(time):
        return NOT_TIME
    if not est.initialised:
        return NO_STATE
    if time < est.horizon - TOLERANCE:
        return TOO_OLD
    return FUTURE if time > est.now + est.model.future_limit_s else NO_REASON


@compiled
def _keep(est: np.void, reason: int) -> None:
    """Queue `est.incoming` unless there is a reason against it."""
    item = est.incoming
    if reason == NO_REASON:
        reason = _untimely(est, item.time)
    if reason == NO_REASON:
        reason = insert(est, item)
    if reason != NO_REASON and reason != DUPLICATE:
        report(est, item.time, sensor(item), REJECTED, reason)


@compiled
def _key(item: np.void, time: float, source: int, beam: int) -> None:
    item.time, item.source, item.beam, item.degraded = time, source, beam, 0


@compiled
def add_range(est: np.void, time: float, received: float, validity: int, range_m: float, variance: float,
              beam: int) -> None:
    """Queue a shot of a range finder: times [s], validity as in RangeSample, range [m], variance [m^2]."""
    if validity != VALID and validity != DEGRADED:
        count_empty(est.monitors[RANGE_2 if beam == 1 else RANGE], est.now)
        return
    item = est.incoming
    _key(item, time, RANGE, beam)
    item.degraded = validity == DEGRADED
    item.value[0], item.variance[0] = range_m, variance
    _keep(est, altimeter.defect(item, est.model))


@compiled
def add_attitude(est: np.void, time: float, valid: bool, q: np.ndarray, variance: np.ndarray) -> None:
    """Queue an attitude fix: quaternion from base_link to `moon`, (4,), variances [rad^2] base_link, (3,)."""
    if not valid:
        count_empty(est.monitors[STAR_TRACKER], est.now)
        return
    item = est.incoming
    _key(item, time, STAR_TRACKER, 0)
    for i in range(4):
        item.value[i] = q[i]
    for i in range(3):
        item.variance[i] = variance[i]
    _keep(est, attitude.defect(item))


@compiled
def add_velocity(est: np.void, time: float, measured: np.ndarray, variance: np.ndarray) -> None:
    """Queue a velocity over the ground [m/s] and its variances, both (3,), base_link; NaN: not measured."""
    if velocity.empty(measured):
        count_empty(est.monitors[GROUND_VELOCITY], est.now)
        return
    item = est.incoming
    _key(item, time, GROUND_VELOCITY, 0)
    for i in range(3):
        item.value[i], item.variance[i] = measured[i], variance[i]
    _keep(est, velocity.defect(item, est.model))


@compiled
def update_ground(est: np.void) -> None:
    """Write to `ground`: time [s], terrain height, altitude, its lower and its upper bound [m].

    Before the start they are not numbers.
    """
    if not est.initialised:
        est.ground[:] = math.nan
        return
    site, x, weights, ground = est.model.site_height, est.x_now, est.covariance.weights, est.ground
    p = (x[POSITION], x[POSITION + 1], x[POSITION + 2])
    r = length(p)
    weights[:] = 0.0
    weights[D_TERRAIN] = 1.0
    for i in range(3):
        weights[D_POSITION + i] = -p[i] / r
    variance, decay = sum_now(est, weights)
    x[TERRAIN] = site + (est.x[TERRAIN] - site) * decay
    variance += altimeter.terrain_aside(x, est.model)
    height = r - MOON_RADIUS - x[TERRAIN]
    spread = est.model.bound_sigma * math.sqrt(max(variance, 0.0))
    ground[0], ground[1], ground[2] = est.now, x[TERRAIN], height
    lower, upper = height - spread, height + spread
    for k in range(est.model.beams):
        memory = est.beams[k]
        age = est.now - memory.judged
        real = memory.probability[GROUND] + memory.probability[ALTITUDE]
        if memory.count >= 2 and age <= est.model.horizon_s + est.model.range_window_s and (
                real >= est.model.credible):
            other = height + memory.offset
            spread = est.model.bound_sigma * math.sqrt(memory.variance + variance)
            lower, upper = min(lower, other - spread), max(upper, other + spread)
    ground[3], ground[4] = min(height, max(0.0, lower), clearance(est)), upper


@compiled
def status_due(est: np.void, time: float) -> bool:
    """Return whether `time` [s] has reached another tenth of a second since the last call."""
    tick = tenth(time)
    due = tick != est.status_tick
    est.status_tick = tick
    return due

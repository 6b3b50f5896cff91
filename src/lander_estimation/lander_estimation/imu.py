"""The way of IMU samples into the filter: order, gaps, samples that are not numbers, and their sums.

Each interval keeps the sums of all before it, so the motion between any two instants costs the same however
many samples lie between them (preintegration, Lupton and Sukkarieh 2012).
"""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.quaternions import conjugate, matrix, product, renormalise, rotation
from lander_common.vectors import add_scaled, dot, length, turn, turn_back
from lander_estimation.layout import ACCELEROMETER_BIAS
from lander_estimation.monitors import count
from lander_estimation.outcome import FUSED, REJECTED
from lander_estimation.record import IMU, INTERVALS


@compiled
def clear(sums: np.void, time: float) -> None:
    """Begin sums at `time` [s]."""
    sums.time = time
    sums.q[0] = sums.q[1] = sums.q[2] = 0.0
    sums.q[3] = 1.0
    sums.v[:] = 0.0
    sums.p[:] = 0.0
    sums.powered_s = sums.coast_s = sums.gap = 0.0
    sums.coast_v[:] = 0.0


@compiled
def copy(source: np.void, target: np.void) -> None:
    """Copy sums."""
    target.time = source.time
    for i in range(4):
        target.q[i] = source.q[i]
    for i in range(3):
        target.v[i] = source.v[i]
        target.p[i] = source.p[i]
        target.coast_v[i] = source.coast_v[i]
    target.powered_s = source.powered_s
    target.coast_s = source.coast_s
    target.gap = source.gap


@compiled
def extend(start: np.void, interval: np.void, time: float, end: np.void) -> None:
    """Write to `end` the sums at `time` [s] from those at an earlier instant in the same interval."""
    dt = time - start.time
    half = rotation(0.5 * dt, interval.rate)
    middle = product((start.q[0], start.q[1], start.q[2], start.q[3]), half)
    q = renormalise(product(middle, half))
    push = (0.0, 0.0, 0.0)
    powered, coast = 0.0, 0.0
    if interval.powered:
        push = turn(matrix(middle), interval.force)
        powered = dt
    elif interval.gap == 0.0:
        coast = dt
    for i in range(3):
        end.p[i] = start.p[i] + dt * (start.v[i] + 0.5 * dt * push[i])
        end.v[i] = start.v[i] + dt * push[i]
        end.coast_v[i] = start.coast_v[i] + coast * interval.force[i]
    for i in range(4):
        end.q[i] = q[i]
    end.time = time
    end.powered_s = start.powered_s + powered
    end.coast_s = start.coast_s + coast
    end.gap = start.gap + dt * interval.gap


@compiled
def increments(start: np.void, end: np.void) -> tuple:
    """Return rotation, velocity [m/s] and position [m] gained between two sums, in base_link at the first."""
    q = (start.q[0], start.q[1], start.q[2], start.q[3])
    m = matrix(q)
    dt = end.time - start.time
    v = (end.v[0] - start.v[0], end.v[1] - start.v[1], end.v[2] - start.v[2])
    p = (end.p[0] - start.p[0] - dt * start.v[0], end.p[1] - start.p[1] - dt * start.v[1],
         end.p[2] - start.p[2] - dt * start.v[2])
    return product(conjugate(q), (end.q[0], end.q[1], end.q[2], end.q[3])), turn_back(m, v), turn_back(m, p)


@compiled
def rebase(est: np.void) -> None:
    """Let the sums start where the filter state is."""
    base = est.base
    q = (base.q[0], base.q[1], base.q[2], base.q[3])
    back = conjugate(q)
    for k in range(-1, est.count):
        end = est.intervals[(est.head + k + INTERVALS) % INTERVALS].end
        _, v, p = increments(base, end)
        turned = product(back, (end.q[0], end.q[1], end.q[2], end.q[3]))
        coast = (end.coast_v[0], end.coast_v[1], end.coast_v[2])
        coast = add_scaled(coast, -1.0, base.coast_v)
        for i in range(4):
            end.q[i] = turned[i]
        for i in range(3):
            end.v[i], end.p[i], end.coast_v[i] = v[i], p[i], coast[i]
        end.powered_s -= base.powered_s
        end.coast_s -= base.coast_s
        end.gap -= base.gap
    clear(base, base.time)
    est.sums_since = base.time


@compiled
def coasting(x: np.ndarray, force: np.ndarray, dt: float, model: np.void) -> bool:
    """Return whether a mean specific force [m/s^2] over `dt` [s] is nothing but bias and noise."""
    limit = model.coast_force + 4.0 * math.sqrt(model.accelerometer_noise / dt)
    rest = add_scaled((force[0], force[1], force[2]), -1.0, x[ACCELEROMETER_BIAS:ACCELEROMETER_BIAS + 3])
    return dot(rest, rest) < limit * limit


@compiled
def begin(est: np.void, rate: np.ndarray, force: np.ndarray) -> None:
    """Take note of the sample at the start itself, which ends no interval of interest."""
    if _take(est, rate, force):
        count(est.monitors[IMU], est.now, FUSED, est.now)


@compiled
def accept(est: np.void, time: float, rate: np.ndarray, force: np.ndarray) -> bool:
    """Append the interval that ends with a sample; False if its time does not lie ahead of now."""
    if not time > est.now or time == math.inf:
        if time != est.now:
            count(est.monitors[IMU], est.now, REJECTED, est.now)
        return False
    model = est.model
    duration = time - est.now
    good = _take(est, rate, force)
    unpowered = coasting(est.x, est.last_force, duration, model)
    limit = model.coast_gap_s if unpowered else model.gap_s
    gap = 0.0 if good and duration <= limit else duration
    if gap > 0.0 and duration > max(limit, model.hold_s):
        held = max(limit, model.hold_s)
        _append(est, time - held, 0.0, gap, False)
        unpowered = coasting(est.x, est.last_force, held, model)
    _append(est, time, 1.0, gap, not unpowered)
    count(est.monitors[IMU], time, FUSED if gap == 0.0 else REJECTED, time)
    return True


@compiled
def _take(est: np.void, rate: np.ndarray, force: np.ndarray) -> bool:
    # not a number fails both comparisons
    good = length(rate) <= est.model.rate_limit and length(force) <= est.model.force_limit
    if good:
        for i in range(3):
            est.last_rate[i] = rate[i]
            est.last_force[i] = force[i]
    return good


@compiled
def _append(est: np.void, time: float, turning: float, gap: float, powered: bool) -> None:
    place = (est.head + est.count) % INTERVALS
    before = est.intervals[(place + INTERVALS - 1) % INTERVALS].end
    interval = est.intervals[place]
    for i in range(3):
        interval.rate[i] = turning * est.last_rate[i]
        interval.force[i] = est.last_force[i]
    interval.powered = powered
    interval.gap = gap
    extend(before, interval, time, interval.end)
    est.count += 1
    est.now = time

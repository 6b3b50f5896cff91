"""Finds the thruster that does not do as commanded, from the motion that the IMU measures."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.vectors import cross, transform
from lander_thrusters.detector_record import SAMPLES
from lander_thrusters.fault_test import SHOCK, judge, learn
from lander_thrusters.thrust_history import NONE, take
from lander_thrusters.valves import TICK

_AFTER_SHOCK = 0.5  # [s] ground contact or a leap of the IMU: so long it is nobody's fault
_AFTER_FAULT = 0.3  # [s] what was in the lines burns off
_LARGEST_TURN = 0.3  # [rad] in a long cycle: beyond, its mean force says little
_LONGEST_SILENCE = 2.5  # [s] without IMU samples

TROUBLES = ('', 'no IMU samples to find thruster faults with', 'motion that no single thruster explains')
_NO_TROUBLE, _SILENCE, _UNEXPLAINED = range(3)
NO_FAULT = -1


@compiled
def add_sample(d: np.void, time: float, rate: np.ndarray, force: np.ndarray) -> None:
    """Take an IMU sample; it counts from the age `age` on, whatever the order of arrival."""
    if time <= d.last_sample:
        return  # comes again, or far too late
    at = d.waiting
    while at > 0 and d.samples[at - 1, 0] >= time:
        at -= 1
    if at < d.waiting and d.samples[at, 0] == time:
        return
    if d.waiting == SAMPLES:
        _drop_first(d)
        at -= 1
        if at < 0:
            return
    for j in range(d.waiting, at, -1):
        for k in range(7):
            d.samples[j, k] = d.samples[j - 1, k]
    d.waiting += 1
    d.samples[at, 0] = time
    for k in range(3):
        d.samples[at, 1 + k], d.samples[at, 4 + k] = rate[k], force[k]


@compiled
def _drop_first(d):
    d.waiting -= 1
    for j in range(d.waiting):
        for k in range(7):
            d.samples[j, k] = d.samples[j + 1, k]


@compiled
def restart(d: np.void, time: float) -> None:
    """Forget the evidence, and judge only what happens a little later than `time` [s]."""
    for k in range(3):
        for i in range(d.evidence.count):
            d.evidence.sums[k, i] = 0.0
    d.anchored, d.quiet_until = 0, time + _AFTER_FAULT


@compiled
def look(d: np.void, time: float) -> int:
    """Judge the samples that count at `time` [s].

    Returns:
        The faulty thruster plus n times its kind, see fault_test, or NO_FAULT.
    """
    fault = NO_FAULT
    if np.isnan(d.last_sample):
        d.last_sample = time  # patience begins with the first look
    while d.waiting > 0 and d.samples[0, 0] <= time - d.age and fault == NO_FAULT:
        sample = d.samples[0]
        values = (sample[0], sample[1], sample[2], sample[3], sample[4], sample[5], sample[6])
        _drop_first(d)
        d.last_sample = values[0]
        fault = _compare(d, values[0], values[1:4], values[4:7])
    if time - d.last_sample > _LONGEST_SILENCE:
        d.trouble = _SILENCE
    else:
        d.trouble = _UNEXPLAINED if d.last_sample < d.shock_until else _NO_TROUBLE
    return fault


@compiled
def _compare(d, time, rate, force):
    """Add a sample to the window of evidence; at its end, judge it."""
    at, whole = take(d, time, TICK)
    if at == NONE or d.cycle_flying[at] == 0 or time < d.quiet_until:
        d.anchored = 0
        return NO_FAULT
    dt = d.cycle_length[at]
    if d.anchored == 0 or not whole:
        _anchor(d, at, rate)
        return NO_FAULT
    fastest = max(abs(rate[0]), abs(rate[1]), abs(rate[2]))
    if dt > d.span and fastest * dt > _LARGEST_TURN:
        d.anchored, d.shock_until = 0, time + _AFTER_SHOCK
        return NO_FAULT
    _feel(d, force, rate, dt)
    if d.cycle_end[at] - d.anchor_end < d.span - TICK:
        return NO_FAULT
    verdict = _judge_window(d, at, rate)
    _anchor(d, at, rate)
    if verdict == SHOCK:
        d.shock_until = time + _AFTER_SHOCK
        if dt < _AFTER_SHOCK:
            d.anchored, d.quiet_until = 0, d.shock_until
    return verdict if verdict >= 0 else NO_FAULT


@compiled
def _anchor(d, at, rate):
    """Begin a window of evidence at the end of a cycle."""
    d.anchored, d.anchor_end, d.anchor_length = 1, d.cycle_end[at], d.cycle_length[at]
    for i in range(d.evidence.count):
        d.anchor_burnt[0, i], d.anchor_burnt[1, i] = d.cycle_burnt[at, 0, i], d.cycle_burnt[at, 1, i]
    for k in range(3):
        d.anchor_rate[k] = rate[k]
        d.felt[k] = d.felt[3 + k] = 0.0


@compiled
def _feel(d, force, rate, dt):
    """Add a cycle of dt [s]: specific force, and what turning alone adds to the motion."""
    spin = transform(d.inverse, cross(rate, transform(d.inertia, rate)))
    swing = cross(rate, cross(rate, d.centre))
    for k in range(3):
        d.felt[k] += dt * (force[k] + swing[k])
        d.felt[3 + k] += dt * spin[k]


@compiled
def _judge_window(d, at, rate):
    """Compare what was felt in a window that ends with cycle `at` with what was commanded.

    Rates are means over the cycles at the ends of the window: their changes are compared with what thrusters
    gave between the middles of those.
    """
    e = d.evidence
    n, first, last = e.count, d.anchor_length, d.cycle_length[at]
    time = d.cycle_end[at] - d.anchor_end
    between = time + 0.5 * (first - last)
    e.firing = 0
    for i in range(n):
        if d.cycle_burnt[at, 0, i] > d.anchor_burnt[0, i] or d.cycle_burnt[at, 1, i] > d.anchor_burnt[1, i]:
            e.fired[e.firing] = i
            e.firing += 1
    for k in range(6):
        row, span = (0, time) if k < 3 else (1, between)
        mains = assists = expected = 0.0
        for i in range(n):
            e.held[k, i] = d.columns[k, i] * span
        for m in range(e.firing):
            i = e.fired[m]
            burnt = d.cycle_burnt[at, row, i] - d.anchor_burnt[row, i]
            e.given[k, i] = d.columns[k, i] * burnt
            e.held[k, i] = d.columns[k, i] * (span - burnt)
            expected += e.given[k, i]
            mains += d.shares[0, i] * burnt
            assists += d.shares[1, i] * burnt
        e.regressor[k, 0], e.regressor[k, 1], e.regressor[k, 2] = mains, assists, span
        felt = d.felt[k] if k < 3 else d.felt[k] + rate[k - 3] - d.anchor_rate[k - 3]
        learnt = d.state[k, 0] * mains + d.state[k, 1] * assists + d.state[k, 2] * span
        e.innovation[k] = felt - expected - learnt
    spread = d.thrust_spread * d.thrust_spread
    for k in range(6):
        for j in range(k + 1):
            total = 0.0
            for m in range(e.firing):
                total += e.given[k, e.fired[m]] * e.given[j, e.fired[m]]
            e.covariance[k, j] = spread * total
        known = d.noise[0] * time if k < 3 else d.noise[1] * (1.0 / first + 1.0 / last)
        for a in range(3):
            for b in range(3):
                known += e.regressor[k, a] * d.cov[k, a, b] * e.regressor[k, b]
        e.covariance[k, k] += known
    verdict = judge(e)
    if verdict != SHOCK:
        learn(e, d.state, d.cov, d.prior, min(time / d.drift_time, 1.0))
    return verdict

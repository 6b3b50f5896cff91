"""The parts of the fault detection: expected thrust, and the test that promises a false-alarm rate."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_thrusters.fault_test import CALM, OFF, ON, WEAK, judge, learn
from lander_thrusters.thrust_history import ThrustHistory


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.01, 0.1, 1.0]), st.floats(0, 2)), min_size=2, max_size=6))
def test_expected_thrust_is_a_first_order_lag_behind_the_valve(vehicle, cycles):
    """Integrated here in small steps, by the midpoint rule."""
    history, thruster, n = ThrustHistory(vehicle), vehicle.thrusters[0], 1000
    time = fraction = total = mean = 0.0
    for k, (dt, on) in enumerate(cycles):
        history.command(time, np.full(len(vehicle.thrusters), on), True)
        if k > 0:
            cycle, whole = history.take(time, 1e-6)
            assert whole
            assert cycle.time == time
            assert abs(cycle.burnt[0, 0] - total) < 2e-3 * time
            assert abs(cycle.burnt[1, 0] - mean) < 2e-3 * time
        mean, h = 0.0, dt / n
        for j in range(n):
            is_open = (j + 0.5) * h < on
            rate = 1.0 / (thruster.rise_time_s if is_open else thruster.fall_time_s)
            after = is_open + (fraction - is_open) * math.exp(-h * rate)
            middle = 0.5 * (fraction + after)
            mean += (total + 0.5 * middle * h) / n
            total, fraction = total + middle * h, after
        time += dt


def _setting(n=5, strength=1.0):
    rng = np.random.default_rng(0)
    given = strength * rng.normal(size=(6, n))
    return given, strength * rng.normal(size=(6, n)), np.zeros((3, n))


def test_false_alarms_come_as_seldom_as_promised():
    rng, n, threshold, windows = np.random.default_rng(2), 5, 4.0, 20000
    given, held, sums = _setting(n)
    alarms = 0
    for _ in range(windows):
        if judge(rng.normal(size=6), np.eye(6), given, held, 0.4, threshold, sums) != CALM:
            alarms += 1
            sums[:] = 0.0
    assert 0 < alarms <= windows * 3 * n * math.exp(-threshold)


def test_each_kind_is_told_from_the_others():
    rng, n = np.random.default_rng(3), 5
    for kind in (OFF, WEAK, ON):
        for i in range(n):
            given, held, sums = _setting(n, 2.0)
            shift = {OFF: -given[:, i], WEAK: -0.4 * given[:, i], ON: held[:, i]}[kind]
            verdicts = [judge(shift + rng.normal(size=6), np.eye(6), given, held, 0.4, 15.0, sums)
                        for _ in range(200)]
            assert next(v for v in verdicts if v != CALM) == i + n * kind


def test_no_single_window_decides_however_strong():
    given, held, sums = _setting(5, 1000.0)
    verdicts = [judge(-given[:, 2], np.eye(6), given, held, 0.4, 20.0, sums) for _ in range(4)]
    assert verdicts[:2] == [CALM, CALM]
    assert verdicts[2] == 2 + 5 * OFF


def test_constant_errors_are_learnt():
    rng = np.random.default_rng(4)
    state, prior = np.zeros((6, 3)), np.full((6, 3), 4.0)
    cov = np.array([np.diag(p) for p in prior])
    error = rng.normal(size=(6, 3))
    for _ in range(400):
        regressor = rng.uniform(0, 1, (6, 3))
        s = np.diag(0.01 + np.einsum('ki,kij,kj->k', regressor, cov, regressor))
        innovation = ((error - state) * regressor).sum(axis=1) + 0.1 * rng.normal(size=6)
        learn(state, cov, prior, regressor, innovation, s, 1e-5)
    assert np.abs(state - error).max() < 0.1
    assert (np.linalg.eigvalsh(cov) > 0).all()

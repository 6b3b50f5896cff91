"""The parts of the fault detection: expected thrust, and the test that promises a false-alarm rate."""

import dataclasses
import math
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common.compiled import compiled
from lander_common.vehicle import load_vehicle
from lander_thrusters import thrust_history
from lander_thrusters.fault_test import CALM, EVIDENCE, OFF, ON, WEAK, judge, learn
from lander_thrusters.parameters import AllocatorParameters
from lander_thrusters.record import allocator_record

VEHICLE_FILE = Path(__file__).parents[3] / 'config' / 'vehicles' / 'resilience.yaml'


@compiled
def _command(record, time):
    thrust_history.command(record[0], time, True)


@compiled
def _take(record, time):
    return thrust_history.take(record[0].detector, time, 1e-6)


@compiled
def _judge(evidence):
    return judge(evidence[0])


@compiled
def _learn(evidence, state, cov, prior, drift):
    learn(evidence[0], state, cov, prior, drift)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.01, 0.1, 1.0]), st.floats(0, 2)), min_size=2, max_size=6))
def test_expected_thrust_is_a_first_order_lag_behind_the_valve(vehicle, cycles):
    """Integrated here in small steps, by the midpoint rule."""
    record, thruster, n = allocator_record(AllocatorParameters(), vehicle), vehicle.thrusters[0], 1000
    time = fraction = total = mean = 0.0
    for k, (dt, on) in enumerate(cycles):
        record['on_time'] = on
        _command(record, time)
        if k > 0:
            at, whole = _take(record, time)
            assert whole
            assert record[0]['detector']['cycle_end'][at] == time
            burnt = record[0]['detector']['cycle_burnt'][at, :, 0]
            assert abs(burnt[0] - total) < 2e-3 * time
            assert abs(burnt[1] - mean) < 2e-3 * time
        mean, h = 0.0, dt / n
        for j in range(n):
            is_open = (j + 0.5) * h < on
            rate = 1.0 / (thruster.rise_time_s if is_open else thruster.fall_time_s)
            after = is_open + (fraction - is_open) * math.exp(-h * rate)
            middle = 0.5 * (fraction + after)
            mean += (total + 0.5 * middle * h) / n
            total, fraction = total + middle * h, after
        time += dt


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0.25, 1.0)), min_size=2, max_size=40),
       st.sampled_from([0.0, 0.5, 5.0]))
def test_expected_thrust_follows_the_throttle_at_its_rate(cycles, rate):
    lander = load_vehicle(VEHICLE_FILE.with_name('nova_c.yaml'))
    engine = dataclasses.replace(lander.thrusters[0], throttle_rate_s=rate)
    lander = dataclasses.replace(lander, thrusters=(engine, *lander.thrusters[1:]))
    record, dt, n = allocator_record(AllocatorParameters(), lander), 0.01, 20
    fraction, position, total = 0.0, engine.throttle_min, 0.0
    for k, (is_open, throttle) in enumerate(cycles):
        record['on_time'], record['throttle'] = 10.0 * is_open, throttle
        _command(record, k * dt)
        if k > 0:
            at, _ = _take(record, k * dt)
            assert abs(record[0]['detector']['cycle_burnt'][at, 0, 0] - total) < 0.01 * k * dt
        for _ in range(n):
            h = dt / n
            step = math.inf if rate == 0.0 else rate * h
            before = position
            position += min(max(throttle - position, -step), step)
            constant = engine.rise_time_s if is_open else engine.fall_time_s
            after = is_open + (fraction - is_open) * math.exp(-h / constant)
            total += 0.25 * (fraction + after) * ((before if rate else throttle) + position) * h
            fraction = after


def _setting(n=5, strength=1.0, threshold=15.0):
    rng, evidence = np.random.default_rng(0), np.zeros(1, EVIDENCE)
    e = evidence[0]
    e['count'], e['weak_loss'], e['threshold'], e['covariance'] = n, 0.4, threshold, np.eye(6)
    e['firing'], e['fired'][:n] = n, np.arange(n)
    e['given'][:, :n] = strength * rng.normal(size=(6, n))
    e['held'][:, :n] = strength * rng.normal(size=(6, n))
    return evidence, e['given'][:, :n].copy(), e['held'][:, :n].copy()


def _feel(evidence, innovation):
    evidence['innovation'] = innovation
    return _judge(evidence)


def test_false_alarms_come_as_seldom_as_promised():
    rng, n, threshold, windows = np.random.default_rng(2), 5, 4.0, 20000
    evidence, _, _ = _setting(n, threshold=threshold)
    alarms = 0
    for _ in range(windows):
        if _feel(evidence, rng.normal(size=6)) != CALM:
            alarms += 1
            evidence['sums'] = 0.0
    assert 0 < alarms <= windows * 3 * n * math.exp(-threshold)


def test_each_kind_is_told_from_the_others():
    rng, n = np.random.default_rng(3), 5
    for kind in (OFF, WEAK, ON):
        for i in range(n):
            evidence, given, held = _setting(n, 2.0)
            shift = {OFF: -given[:, i], WEAK: -0.4 * given[:, i], ON: held[:, i]}[kind]
            verdicts = [_feel(evidence, shift + rng.normal(size=6)) for _ in range(200)]
            assert next(v for v in verdicts if v != CALM) == i + n * kind


def test_no_single_window_decides_however_strong():
    evidence, given, _ = _setting(5, 1000.0, threshold=20.0)
    verdicts = [_feel(evidence, -given[:, 2]) for _ in range(4)]
    assert verdicts[:2] == [CALM, CALM]
    assert verdicts[2] == 2 + 5 * OFF


def test_constant_errors_are_learnt():
    rng, evidence = np.random.default_rng(4), np.zeros(1, EVIDENCE)
    state, prior = np.zeros((6, 3)), np.full((6, 3), 4.0)
    cov = np.array([np.diag(p) for p in prior])
    error = rng.normal(size=(6, 3))
    for _ in range(400):
        regressor = rng.uniform(0, 1, (6, 3))
        s = np.diag(0.01 + np.einsum('ki,kij,kj->k', regressor, cov, regressor))
        evidence['regressor'], evidence['covariance'] = regressor, s
        evidence['innovation'] = ((error - state) * regressor).sum(axis=1) + 0.1 * rng.normal(size=6)
        _learn(evidence, state, cov, prior, 1e-5)
    assert np.abs(state - error).max() < 0.1
    assert (np.linalg.eigvalsh(cov) > 0).all()

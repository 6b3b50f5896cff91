"""Propagation against an independent integration in the inertial frame."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from lander_common import moon, rotations
from lander_common.constants import MOON_GM, MOON_RADIUS, MOON_RATE
from lander_common.samples import ImuSample, StateVector
from lander_estimation import covariance, imu
from lander_estimation.aiding import range as altimeter
from lander_estimation.filter import NavigationFilter
from lander_estimation.layout import NOMINAL_SIZE, POSITION, QUATERNION, TERRAIN
from lander_estimation.model import new_record
from lander_estimation.strapdown import carry


def orbit(height):
    """Return position and velocity (moon) of a nearly polar circular orbit."""
    r = MOON_RADIUS + height
    position = r * moon.direction(0.1, 0.3)
    velocity = math.sqrt(MOON_GM / r) * np.cross([math.sin(0.3), -math.cos(0.3), 0.05], position / r)
    return position, velocity


def inertial_fall(position, velocity, duration):
    """Return position and velocity (moon) after free fall, integrated without rotating frames."""
    spin = np.array([0.0, 0.0, MOON_RATE])
    end = solve_ivp(lambda t, y: np.concatenate([y[3:], moon.gravity(y[:3])]), (0.0, duration),
                    np.concatenate([position, velocity + np.cross(spin, position)]),
                    method='DOP853', rtol=1e-13, atol=1e-9).y[:, -1]
    c, s = math.cos(MOON_RATE * duration), math.sin(MOON_RATE * duration)
    back = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
    p = back @ end[:3]
    return p, back @ end[3:] - np.cross(spin, p)


def test_coast_of_57_minutes_at_one_second(world):
    site = world.site
    position, velocity = orbit(100e3)
    flown = NavigationFilter(world.parameters, world.vehicle, site)
    flown.initialise(StateVector(0.0, site.to_map(position), site.rotation.T @ velocity,
                                 np.array([0.0, 0.0, 0.0, 1.0]), np.eye(3), 1e-4 * np.eye(3), 1e-8))
    rng = np.random.default_rng(5)
    bias = np.array([1e-3, -2e-3, 1e-3])
    for k in range(1, 57 * 60 + 1):
        navigation = flown.step(ImuSample(float(k), np.zeros(3), bias + 5e-4 * rng.normal(size=3)))
    expected_position, expected_velocity = inertial_fall(position, velocity, 57 * 60.0)
    error = site.to_moon(navigation.position_map) - expected_position
    print('position error after 57 min', np.linalg.norm(error))
    assert np.linalg.norm(error) < 0.1
    q_moon = np.linalg.norm(navigation.velocity_body) - np.linalg.norm(expected_velocity)
    assert abs(q_moon) < 1e-4
    assert np.linalg.eigvalsh(navigation.position_covariance).min() > 0.0


def at_rest():
    """Return a state vector, to be replaced."""
    q = np.array([0.0, 0.0, 0.0, 1.0])
    return StateVector(0.0, np.zeros(3), np.zeros(3), q, np.eye(3), np.eye(3), 1e-6)


def sums(world):
    """Return a record with three sums of the IMU to play with: first, middle and last."""
    est = new_record(world.parameters, world.vehicle, world.site)[0]
    return est, est['base'], est['split'], est['intervals'][0]['end']


@settings(max_examples=50, deadline=None)
@given(rate=st.tuples(*[st.floats(-0.2, 0.2)] * 3), force=st.tuples(*[st.floats(-5, 5)] * 3),
       dt=st.floats(1e-4, 1.0), split=st.floats(0.01, 0.99))
def test_splitting_an_interval_changes_nothing_but_rounding(world, rate, force, dt, split):
    est, first, middle, last = sums(world)
    imu.clear(first, 0.0)
    interval = est['intervals'][0]
    interval['rate'], interval['force'], interval['powered'] = rate, force, 1
    imu.extend(first, interval, split * dt, middle)
    imu.extend(first, interval, dt, last)
    position, velocity = orbit(20e3)
    start = np.array([*position, *velocity, 0.5, 0.5, 0.5, 0.5, 1e-3, -1e-3, 2e-3, 1e-5, 2e-5, -1e-5,
                      -2000.0, 0.0])
    whole, parts = start.copy(), start.copy()
    carry(whole, first, last, whole)
    carry(parts, first, middle, parts)
    carry(parts, middle, last, parts)
    assert abs(np.linalg.norm(whole[6:10]) - 1.0) < 1e-14
    # what remains: the midpoint rule for gravity, and biases seen from a body that turns, third order
    assert np.linalg.norm(whole[:3] - parts[:3]) < 1e-3
    assert np.linalg.norm(whole[3:6] - parts[3:6]) < 1e-4
    assert np.linalg.norm(whole[6:10] - parts[6:10]) < 1e-7


@pytest.mark.parametrize('dt', [0.01, 0.1])
def test_powered_turning_flight_against_the_inertial_frame(world, dt):
    """One minute of thrust, turned by 0.1 rad/s, against an integration of the equations of motion."""
    rate, force = np.array([0.03, -0.08, 0.05]), np.array([0.3, -0.2, 3.0])
    position, velocity = orbit(15e3)
    spin = np.array([0.0, 0.0, MOON_RATE])
    q = rotations.normalise(np.array([0.1, 0.5, -0.2, 0.8]))

    def slope(t, y):
        attitude = rotations.multiply(q, rotations.from_rotation_vector(rate * t))
        return np.concatenate([y[3:], moon.gravity(y[:3]) + rotations.rotate(attitude, force)])

    end = solve_ivp(slope, (0.0, 60.0), np.concatenate([position, velocity + np.cross(spin, position)]),
                    method='DOP853', rtol=1e-12, atol=1e-9).y[:, -1]
    turn = rotations.from_rotation_vector(-60.0 * spin)
    bias_rate, bias_force = np.array([2e-5, -1e-5, 3e-5]), np.array([1e-3, 2e-3, -1e-3])
    flown = NavigationFilter(world.parameters, world.vehicle, world.site)
    flown.initialise(at_rest())
    x = flown.record[0]['x']
    x[:18] = [*position, *velocity, *q, *bias_force, *bias_rate, -2000.0, 0.0]
    for k in range(1, round(60.0 / dt) + 1):
        flown.step(ImuSample(k * dt, rate + bias_rate, force + bias_force))
    x = flown.record[0]['x_now']
    p = rotations.rotate(turn, end[:3])
    v = rotations.rotate(turn, end[3:]) - np.cross(spin, p)
    print(np.linalg.norm(x[:3] - p), np.linalg.norm(x[3:6] - v))
    assert np.linalg.norm(x[:3] - p) < 0.02
    assert np.linalg.norm(x[3:6] - v) < 1e-3


@given(st.lists(st.tuples(st.floats(0.001, 0.2), st.booleans()), min_size=2, max_size=60))
@settings(max_examples=25, deadline=None)
def test_sums_started_anew_say_the_same(world, intervals):
    est = NavigationFilter(world.parameters, world.vehicle, world.site)
    est.initialise(at_rest())
    est, time = est.record[0], 0.0
    rng = np.random.default_rng(8)
    for dt, powered in intervals:
        time += dt
        imu.accept(est, time, 0.3 * rng.normal(size=3), (3.0 if powered else 1e-4) * rng.normal(size=3))
    middle = est['intervals'][len(intervals) // 2]['end']
    imu.copy(middle, est['base'])
    last = est['intervals'][len(intervals) - 1]['end']
    before = [np.array(part) for part in imu.increments(est['base'], last)]
    coast = last['coast_s'] - middle['coast_s']
    imu.rebase(est)
    after = [np.array(part) for part in imu.increments(est['base'], last)]
    assert all(np.allclose(a, b, atol=1e-12) for a, b in zip(before, after))
    assert last['coast_s'] == pytest.approx(coast, abs=1e-12)
    assert est['base']['q'].tolist() == [0.0, 0.0, 0.0, 1.0]


@pytest.mark.parametrize('tilt', [0.0, 0.5, 1.0, 1.2])
def test_a_beam_that_slants_sweeps_farther(world, tilt):
    """Against the footprint itself, before and after a turn of a milliradian; it holds for flat ground."""
    record = new_record(world.parameters, world.vehicle, world.site)
    x, model = np.zeros(NOMINAL_SIZE), record[0]['model']
    x[TERRAIN], height = -2451.0, 300.0
    x[POSITION:POSITION + 3] = [0.0, 0.0, MOON_RADIUS - 2451.0 + height]

    def foot(angle):
        x[QUATERNION:QUATERNION + 4] = rotations.from_rotation_vector(np.array([angle, 0.0, 0.0]))
        return np.array(altimeter.ray(x, np.zeros(3), model['beam'][0])[2])

    swept = np.linalg.norm(foot(tilt + 5e-4) - foot(tilt - 5e-4)) / 1e-3
    foot(tilt)
    assert covariance.reach(x, height, model) == pytest.approx(swept, rel=0.02)

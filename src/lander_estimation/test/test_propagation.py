"""Propagation against an independent integration in the inertial frame."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from lander_common import moon
from lander_common.constants import MOON_GM, MOON_RADIUS, MOON_RATE
from lander_common.samples import ImuSample, StateVector
from lander_estimation import model
from lander_estimation.filter import NavigationFilter
from lander_estimation.imu_buffer import ImuBuffer
from lander_estimation.propagation import propagate


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


@settings(max_examples=50, deadline=None)
@given(rate=st.tuples(*[st.floats(-0.2, 0.2)] * 3), force=st.tuples(*[st.floats(-5, 5)] * 3),
       dt=st.floats(1e-4, 1.0), split=st.floats(0.01, 0.99))
def test_splitting_an_interval_changes_nothing_but_rounding(world, rate, force, dt, split):
    packed = model.pack(world.parameters, world.site)
    position, velocity = orbit(20e3)
    whole = np.concatenate([position, velocity, [0.5, 0.5, 0.5, 0.5], np.zeros(6), [-2000.0]])
    parts = whole.copy()
    propagate(whole, np.array(rate), np.array(force), dt, packed)
    propagate(parts, np.array(rate), np.array(force), split * dt, packed)
    propagate(parts, np.array(rate), np.array(force), dt - split * dt, packed)
    assert abs(np.linalg.norm(whole[6:10]) - 1.0) < 1e-14
    # what remains is the Runge-Kutta error of a lander that turns under thrust
    assert np.linalg.norm(whole[:3] - parts[:3]) < 1e-4
    assert np.linalg.norm(whole[6:10] - parts[6:10]) < 1e-12


@given(st.lists(st.floats(0.001, 0.999), min_size=1, max_size=400))
@settings(max_examples=25, deadline=None)
def test_buffer_keeps_intervals_without_holes(splits):
    buffer = ImuBuffer(capacity=4)
    done = 0.0
    for k, split in enumerate(splits):
        buffer.append(float(k), k + 1.0, np.zeros(3), np.full(3, k), 0.0)
        if k % 3 == 2:
            first = buffer.rows[0]
            stop = first[0] + split * (first[1] - first[0]) if split < 0.5 else first[1]
            buffer.take(stop)
            done = stop
        rows = buffer.rows
        assert rows[0, 0] == done
        assert rows[-1, 1] == k + 1.0
        assert (rows[1:, 0] == rows[:-1, 1]).all()

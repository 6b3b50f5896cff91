"""Parts of the optimiser: spline basis, gravity, slope of the cost, first guess."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import BSpline

from lander_common import moon
from lander_guidance.optimiser import DescentProblem, conic, field, on_the_moon, reference, spline
from lander_guidance.optimiser.descent import LIGHT, Descent

PROBLEM = DescentProblem(
    position_m=[2000.0, 300.0, 1500.0], velocity_m_s=[-40.0, 10.0, -75.0], mass_kg=700.0, dry_mass_kg=500.0,
    thrust_min_n=400.0, thrust_max_n=2500.0, exhaust_velocity_m_s=3100.0, glide_angle_deg=5.0)


@settings(deadline=None, max_examples=25)
@given(st.integers(2, 40), st.data())
def test_the_basis_is_that_of_scipy(intervals, data):
    late = data.draw(st.integers(0, intervals - 1))
    times = spline.knots(intervals, late, data.draw(st.floats(0.05, 0.9)) if late else 0.0)
    assert times[0] == 0.0
    assert times[-1] == 1.0
    before = times[0] - np.arange(3, 0, -1) * (times[1] - times[0])
    after = times[-1] + np.arange(1, 4) * (times[-1] - times[-2])
    knots = np.concatenate([before, times, after])
    rng = np.random.default_rng(intervals)
    cubic, quadratic = rng.normal(size=(intervals + 3, 2)), rng.normal(size=(intervals + 2, 1))
    weights = spline.basis(times)
    for derivative in range(3):
        want = BSpline(knots, cubic, 3).derivative(derivative)(times) if derivative else BSpline(
            knots, cubic, 3)(times)
        np.testing.assert_allclose(spline.at_knots(weights[derivative], cubic)[1:-1], want[1:-1],
                                   rtol=1e-9, atol=1e-6)
    for derivative in range(2):
        s = BSpline(knots[1:-1], quadratic, 2)
        want = (s.derivative() if derivative else s)(times)
        np.testing.assert_allclose(spline.at_knots(weights[3 + derivative], quadratic)[1:-1], want[1:-1],
                                   rtol=1e-9, atol=1e-6)


def test_knots_meet_the_start_of_the_tilt_limit():
    times = conic.grid(replace(PROBLEM, tilt_limit_deg=5.0, tilt_time_s=7.0), 20, 80.0).times(80.0)
    assert np.abs(80.0 * times - 73.0).min() < 1e-9
    assert np.all(np.diff(times) > 0.0)


@settings(deadline=None, max_examples=25)
@given(st.tuples(*3 * [st.floats(-3e5, 3e5)]), st.tuples(*3 * [st.floats(-2e3, 2e3)]))
def test_the_gradient_is_the_slope_of_free_fall(position, velocity):
    world = on_the_moon(0.5)
    facts = world['gravity_m_s2'], world['radius_m'], np.array(world['spin_rad_s'])
    r, v = np.array(position), np.array(velocity)
    by_position, by_velocity = field.gradient(r, *facts)
    for j, unit in enumerate(np.eye(3)):
        d = 10.0 * unit
        slope = (field.free_fall(r + d, v, *facts) - field.free_fall(r - d, v, *facts)) / 20.0
        np.testing.assert_allclose(by_position[:, j], slope, atol=1e-11)
        slope = (field.free_fall(r, v + unit, *facts) - field.free_fall(r, v - unit, *facts)) / 2.0
        np.testing.assert_allclose(by_velocity[:, j], slope, atol=1e-11)


def test_free_fall_is_that_of_the_moon_but_for_its_flattening():
    latitude, longitude = 0.9, -0.4
    world = on_the_moon(latitude)
    up = moon.direction(latitude, longitude)
    east = np.array([-np.sin(longitude), np.cos(longitude), 0.0])
    to_moon = np.stack([east, np.cross(up, east), up], axis=1)
    r, v = np.array([3e4, -2e4, 5e3]), np.array([900.0, 400.0, -50.0])
    got = field.free_fall(r, v, world['gravity_m_s2'], world['radius_m'], np.array(world['spin_rad_s']))
    want = to_moon.T @ moon.free_fall(to_moon @ (r + [0.0, 0.0, world['radius_m']]), to_moon @ v)
    np.testing.assert_allclose(got, want, atol=2e-3)  # J2


@pytest.mark.parametrize('time', [41.0, 61.0, 121.0])
@pytest.mark.parametrize('change', [{}, on_the_moon(0.5), {'tilt_limit_deg': 10.0, 'tilt_time_s': 6.0}])
def test_the_slope_is_the_change_of_the_cost(time, change):
    solver = Descent(replace(PROBLEM, **change), 30)
    late, early = solver.settle(time + 0.05), solver.settle(time - 0.05)
    assert solver.settle(time).slope == pytest.approx((late.cost - early.cost) / 0.1, rel=0.05, abs=0.01)


def test_the_first_guess_meets_both_ends():
    case = conic.case_of(PROBLEM, LIGHT)
    times = np.linspace(0.0, 1.0, 400)
    path, log_mass, cost = reference.guess(case, 60.0, times)
    np.testing.assert_allclose(path[[0, -1]], [PROBLEM.position_m, PROBLEM.target_position_m], atol=1e-9)
    velocity = np.gradient(path, 60.0 * times, axis=0)
    np.testing.assert_allclose(velocity[[0, -1]], [PROBLEM.velocity_m_s, [0.0, 0.0, 0.0]], atol=0.5)
    assert log_mass[0] == pytest.approx(np.log(700.0))
    assert np.all(np.diff(log_mass) < 0.0)
    assert cost >= PROBLEM.exhaust_velocity_m_s * (log_mass[0] - log_mass[-1])

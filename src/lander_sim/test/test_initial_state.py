"""The start: an orbit over the site, what is told about it, and a vehicle that differs from the plan."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from lander_common import constants, moon, rotations
from lander_common.site import Site
from lander_common.vehicle import load_vehicle
from lander_sim.initial_state import measured_state, orbit_state, true_vehicle
from lander_sim.scenario import Start, Uncertainty

RESILIENCE = load_vehicle(Path(__file__).parents[3] / 'config/vehicles/resilience.yaml')
SPIN = np.array([0.0, 0.0, constants.MOON_RATE])
EXACT = Uncertainty(**dict.fromkeys(Uncertainty.__dataclass_fields__, 0.0))


def fall(position, velocity, seconds, step=2.0):
    """Propagate an unpowered body with the shared Moon model, Runge-Kutta 4."""
    for _ in range(round(seconds / step)):
        a1 = moon.free_fall(position, velocity)
        v2 = velocity + 0.5 * step * a1
        a2 = moon.free_fall(position + 0.5 * step * velocity, v2)
        v3 = velocity + 0.5 * step * a2
        a3 = moon.free_fall(position + 0.5 * step * v2, v3)
        v4 = velocity + step * a3
        a4 = moon.free_fall(position + step * v3, v4)
        position = position + step / 6.0 * (velocity + 2.0 * v2 + 2.0 * v3 + v4)
        velocity = velocity + step / 6.0 * (a1 + 2.0 * a2 + 2.0 * a3 + a4)
    return position, velocity


def site_left_of_track(site, position, velocity):
    """Return how far left of the orbit plane, of this moment, the site lies [m]."""
    normal = np.cross(position, velocity + np.cross(SPIN, position))
    return constants.MOON_RADIUS * math.asin(site.rotation[:, 2] @ normal / np.linalg.norm(normal))


@pytest.mark.parametrize('heading', [0.0, 40.0, -90.0])
@pytest.mark.parametrize('cross_track', [0.0, 5000.0])
def test_the_track_crosses_the_site_at_arrival_time(heading, cross_track):
    start, site = Start(cross_track_m=cross_track), Site(approach_heading_deg=heading)
    state = orbit_state(start, site)
    position, velocity = fall(state.position, state.velocity, start.arrival_time_s)
    assert abs(site_left_of_track(site, position, velocity) - cross_track) < 2000.0
    wrong = Start(arrival_time_s=1.0, cross_track_m=cross_track)
    state = orbit_state(wrong, Site(approach_heading_deg=0.0))
    position, velocity = fall(state.position, state.velocity, start.arrival_time_s)
    assert abs(site_left_of_track(Site(), position, velocity) - cross_track) > 5000.0, 'the Moon turns below'


def test_the_orbit_is_circular_at_its_altitude_and_the_attitude_retrograde():
    state = orbit_state(Start(altitude_m=60e3), Site(approach_heading_deg=30.0))
    inertial = state.velocity + np.cross(SPIN, state.position)
    assert moon.height(state.position) == pytest.approx(60e3, abs=1e-3)
    assert np.linalg.norm(inertial) == pytest.approx(
        math.sqrt(constants.MOON_GM / (constants.MOON_RADIUS + 60e3)), rel=1e-12)
    assert inertial @ state.position == pytest.approx(0.0, abs=1.0)
    axes = rotations.to_matrix(state.q_moon_body)
    assert axes[:, 2] @ state.velocity == pytest.approx(-np.linalg.norm(state.velocity))
    assert axes[:, 0] @ state.position > 0.99 * np.linalg.norm(state.position)


def test_the_site_is_the_given_angle_ahead():
    site, start = Site(), Start(angle_before_site_deg=30.0, arrival_time_s=1.0)
    state = orbit_state(start, site)
    angle = math.acos(site.rotation[:, 2] @ state.position / np.linalg.norm(state.position))
    assert math.degrees(angle) == pytest.approx(30.0, abs=0.01)
    assert site.rotation[:, 2] @ state.velocity > 0.0


def test_without_uncertainty_the_truth_is_told():
    site, rng = Site(), np.random.default_rng(1)
    true = orbit_state(Start(), site)
    told = measured_state(true, EXACT, site, 0.0, rng)
    np.testing.assert_allclose(site.to_moon(told.position_map), true.position, atol=1e-6)
    np.testing.assert_allclose(site.rotation @ told.velocity_map, true.velocity, atol=1e-9)
    q = rotations.multiply(site.quaternion, told.q_map_body)
    assert abs(q @ true.q_moon_body) == pytest.approx(1.0, abs=1e-12)
    assert np.all(np.linalg.eigvalsh(told.position_covariance) > 0.0)
    assert true_vehicle(RESILIENCE, EXACT, rng).mass == RESILIENCE.mass


def test_errors_of_the_state_vector_are_those_it_claims():
    site, u, rng = Site(), Uncertainty(), np.random.default_rng(7)
    true = orbit_state(Start(), site)
    draws = [measured_state(true, u, site, 0.0, rng) for _ in range(1500)]
    exact = measured_state(true, EXACT, site, 0.0, rng)
    position = np.array([d.position_map - exact.position_map for d in draws])
    velocity = np.array([d.velocity_map - exact.velocity_map for d in draws])
    turn = np.array([rotations.to_rotation_vector(rotations.multiply(
        rotations.conjugate(exact.q_map_body), d.q_map_body)) for d in draws])
    claims = (math.sqrt(draws[0].position_covariance[0, 0]), math.sqrt(draws[0].velocity_covariance[0, 0]),
              math.sqrt(draws[0].attitude_variance))
    for errors, sigma, asked in zip((position, velocity, turn), claims,
                                    (u.position_m, u.velocity_m_s, math.radians(u.attitude_deg))):
        assert sigma == pytest.approx(asked)
        assert errors.std(axis=0) == pytest.approx(np.full(3, sigma), rel=0.1)
        assert np.abs(errors.mean(axis=0)).max() < 0.15 * sigma


def test_the_true_vehicle_is_dispersed_as_asked():
    u, rng = Uncertainty(), np.random.default_rng(11)
    draws = [true_vehicle(RESILIENCE, u, rng) for _ in range(400)]
    plan = RESILIENCE.thrusters
    thrust = np.array([[t.thrust_n / p.thrust_n - 1.0 for t, p in zip(d.thrusters, plan)] for d in draws])
    isp = np.array([[t.isp_s / p.isp_s - 1.0 for t, p in zip(d.thrusters, plan)] for d in draws])
    angle = np.array([[np.cross(p.axis, t.axis) for t, p in zip(d.thrusters, plan)] for d in draws])
    centre = np.array([d.mass.dry_centre_m for d in draws]) - RESILIENCE.mass.dry_centre_m
    assert thrust.std() == pytest.approx(u.thrust_fraction, rel=0.1)
    assert isp.std() == pytest.approx(u.isp_fraction, rel=0.1)
    assert math.degrees(math.sqrt(np.mean(np.sum(angle**2, axis=2)))) == pytest.approx(
        math.sqrt(2.0) * u.misalignment_deg, rel=0.1)
    assert centre.std(axis=0) == pytest.approx(np.full(3, u.centre_of_mass_m), rel=0.15)
    propellant = np.array([d.mass.propellant_kg for d in draws])
    assert propellant.std() == pytest.approx(u.propellant_kg, rel=0.15)
    assert RESILIENCE.mass.propellant_kg == pytest.approx(propellant.mean(), abs=0.5)
    assert abs(np.corrcoef(thrust[:, 0], thrust[:, 1])[0, 1]) < 0.2, 'each thruster on its own'


def test_the_tank_is_never_less_than_empty():
    u, rng = Uncertainty(propellant_kg=100.0), np.random.default_rng(3)
    small = dataclasses.replace(RESILIENCE, mass=dataclasses.replace(RESILIENCE.mass, propellant_kg=1.0))
    masses = [true_vehicle(small, u, rng).mass.propellant_kg for _ in range(40)]
    assert min(masses) == 0.0
    assert max(masses) > 0.0

"""The laws one by one."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common import rotations
from lander_guidance.approach import Approach, profile, time_down
from lander_guidance.attitude import AttitudeControl
from lander_guidance.deorbit import inertial_velocity, perilune_radius
from lander_guidance.inbox import Inbox
from lander_guidance.parameters import GuidanceParameters
from lander_guidance.propulsion import MassEstimate, Propulsion, ThrustScale
from lander_guidance.sink_limit import allowed_sink, contact_speed
from lander_guidance.situation import Observer

P = GuidanceParameters()
UP, LEFT = np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0])


@settings(deadline=None)
@given(st.floats(0.0, 2e4), st.floats(0.3, 3.0), st.floats(0.05, 5.0), st.floats(0.0, 20.0))
def test_a_lander_at_its_sink_limit_can_stop(lower, touchdown, deceleration, reaction):
    sink, slope = allowed_sink(lower, touchdown, deceleration, reaction)
    excess = sink - touchdown
    assert excess * reaction + excess**2 / (2.0 * deceleration) == pytest.approx(lower, rel=1e-6, abs=1e-6)
    assert slope >= 0.0


@settings(deadline=None)
@given(st.floats(-1e4, 0.0))
def test_only_touchdown_speed_is_allowed_where_the_ground_may_be(lower):
    assert allowed_sink(lower, 1.2, 2.0, 1.0) == pytest.approx((1.2, 0.0))


def test_contact_is_faster_only_when_propellant_is_short():
    assert contact_speed(300.0, 1000.0, 1.2, 2.8) == 1.2
    assert contact_speed(300.0, 150.0, 1.2, 2.8) == 2.0
    assert contact_speed(300.0, 10.0, 1.2, 2.8) == 2.8
    assert contact_speed(-50.0, 0.0, 1.2, 2.8) == 1.2


@settings(deadline=None)
@given(st.floats(0.0, 1e4))
def test_sink_profile_is_continuous_and_its_slope_is_right(altitude):
    numbers = Approach(P, None)._numbers
    (low, slope), (high, _) = profile(altitude, 1.2, numbers), profile(altitude + 1e-3, 1.2, numbers)
    assert 1.2 <= low <= high + 1e-9
    edges = (P.soft_height_m, P.terminal_height_m, P.gate_height_m)
    if all(abs(altitude - edge) > 1e-2 for edge in edges) and slope > 0.0:
        assert (high - low) / 1e-3 == pytest.approx(slope, rel=1e-2, abs=1e-3)


def test_time_down_is_that_of_the_profile():
    numbers = Approach(P, None)._numbers
    altitude, time = 3000.0, 0.0
    while altitude > P.terminal_height_m:
        altitude -= 1e-2 * profile(altitude, 1.2, numbers)[0]
        time += 1e-2
    assert time_down(3000.0, P.gate_sink_m_s, numbers) == pytest.approx(time, rel=1e-3)


@pytest.mark.parametrize(('dt', 'slew'), [(0.01, 4.0), (0.1, 4.0), (0.5, 1.0), (1.0, 1.0)])
@pytest.mark.parametrize('angle', [1.0, 30.0, 120.0, 180.0])
def test_attitude_settles_at_any_step_length(world, dt, slew, angle):
    limit = Propulsion(P, world.vehicle).torque_limit
    control, inertia = AttitudeControl(P, limit), world.vehicle.inertia(400.0)
    inverse, w = np.linalg.inv(inertia), np.zeros(3)
    q = rotations.from_rotation_vector(np.array([0.0, math.radians(angle), 0.0]))
    fastest = 0.0
    for _ in range(int((1.2 * angle / slew + 20.0 / slew + 20.0) / dt)):
        torque, error = control.step(UP, LEFT, math.radians(slew), q, w, inertia, dt)
        assert (np.abs(torque) <= limit + 1e-9).all()
        new = w + dt * (inverse @ (torque - rotations.cross(w, inertia @ w)))
        q = rotations.normalise(rotations.multiply(q, rotations.from_rotation_vector(0.5 * dt * (w + new))))
        w = new
        fastest = max(fastest, math.degrees(np.linalg.norm(w)))
    assert math.degrees(error) < 0.1
    assert math.degrees(np.linalg.norm(w)) < 0.05
    assert fastest < 1.6 * slew


def test_attitude_bears_a_standing_torque(world):
    inertia = world.vehicle.inertia(50.0)
    control = AttitudeControl(P, Propulsion(P, world.vehicle).torque_limit)
    q, w = np.array([0.0, 0.0, 0.0, 1.0]), np.zeros(3)
    for _ in range(6000):
        torque, error = control.step(UP, LEFT, 0.07, q, w, inertia, 0.01)
        w = w + 0.01 * np.linalg.solve(inertia, torque + np.array([3.0, -5.0, 1.0]))
        q = rotations.normalise(rotations.multiply(q, rotations.from_rotation_vector(0.01 * w)))
    assert math.degrees(error) < 0.05


def test_propulsion_follows_the_vehicle_file(world):
    engines = Propulsion(P, world.vehicle)
    assert engines.main == 420.0
    assert engines.limit == pytest.approx(0.95 * 1710.0)
    assert engines.exhaust_velocity(420.0) == pytest.approx(318.0 * 9.80665)
    assert engines.flow(200.0) == pytest.approx(200.0 / (285.0 * 9.80665))
    assert engines.flow(1710.0) == pytest.approx(420.0 / (318.0 * 9.80665) + 1290.0 / (285.0 * 9.80665))
    assert (engines.torque_limit > 20.0).all()
    assert (engines.torque_limit < 40.0).all()


def test_mass_never_falls_below_the_dry_mass(world):
    tank = MassEstimate(world.vehicle, Propulsion(P, world.vehicle))
    tank.burn(1000.0, np.zeros(3), 10.0)
    assert tank.mass == pytest.approx(760.0 - 10.0 * Propulsion(P, world.vehicle).flow(1000.0))
    tank.burn(1e3, np.zeros(3), 1e6)
    assert tank.mass == world.vehicle.mass.dry_kg


def test_thrust_scale_is_learned():
    scale = ThrustScale()
    for _ in range(20000):
        scale.add(0.03, 0.03 * 0.97, 0.01)
    assert scale.value == pytest.approx(0.97, abs=1e-3)


@settings(max_examples=20)
@given(st.permutations(range(6)))
def test_inbox_does_not_care_for_the_order(order):
    class Sample:
        def __init__(self, time):
            self.time = time

    inbox = Inbox(0.015)
    for i in order:
        inbox.put(Sample(0.01 * i))
    assert [round(100 * s.time) for s in inbox.take(0.045)] == [0, 1, 2, 3]
    assert [round(100 * s.time) for s in inbox.take(1.0)] == [4, 5]


def test_perilune_of_the_osculating_orbit(world):
    flight = world.flight(world.perilune())
    situation = Observer(world.site, 1.0).observe(flight.navigation, 0.0)
    radius = perilune_radius(situation.position, inertial_velocity(situation))
    assert radius == pytest.approx(np.linalg.norm(flight.position), abs=1.0)

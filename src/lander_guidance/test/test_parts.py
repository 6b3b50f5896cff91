"""The laws one by one."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common import rotations
from lander_common.mass import inertia
from lander_common.quaternions import z_axis
from lander_guidance import inbox
from lander_guidance.attitude import ATTITUDE, control
from lander_guidance.blind import WIDEST
from lander_guidance.deorbit import inertial_velocity, perilune_radius
from lander_guidance.inbox import INBOX
from lander_guidance.parameters import GuidanceParameters
from lander_guidance.profile import largest_tilt, profile, time_down
from lander_guidance.propulsion import SCALE, engines, exhaust_velocity, flow, measure
from lander_guidance.record import make
from lander_guidance.sink_limit import allowed_sink, lowest

P = GuidanceParameters()
UP, LEFT = np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0])


@pytest.fixture(scope='module')
def gd(world):
    """Return the record of a flight before its first step."""
    return make(P, world.vehicle, world.site)[0]


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


@settings(deadline=None)
@given(st.floats(0.0, 1e4), st.floats(0.0, 1e3), st.floats(0.0, 1e4), st.floats(0.0, WIDEST))
def test_ground_that_was_seen_is_never_given_up(altitude, spread, nearer, half):
    kept = altitude - half / WIDEST * spread
    assert lowest(altitude, altitude - spread, spread, half) == pytest.approx(kept, abs=1e-6)
    seen = altitude - spread - nearer
    assert lowest(altitude, seen, spread, WIDEST) == pytest.approx(seen, abs=1e-6)
    assert lowest(altitude, seen, spread, half) == pytest.approx(kept - nearer, abs=1e-6)


@settings(deadline=None)
@given(st.floats(0.0, 1e4), st.floats(0.0, 1e3), st.floats(0.0, WIDEST))
def test_no_altitude_below_the_lowest_credible_one_counts(altitude, spread, half):
    lower = max(altitude - spread, 0.0)
    assert lowest(altitude, lower, spread, half) == pytest.approx(
        max(altitude - half / WIDEST * spread, lower), abs=1e-6)


@settings(deadline=None)
@given(st.floats(0.0, 1e4))
def test_sink_profile_is_continuous_and_its_slope_is_right(gd, altitude):
    p = gd['parameters']
    (low, slope), (high, _) = profile(p, altitude, 1.2, 62.0), profile(p, altitude + 1e-3, 1.2, 62.0)
    assert 1.2 <= low <= high + 1e-9
    edges = (P.soft_height_m, P.terminal_height_m, P.gate_height_m)
    if all(abs(altitude - edge) > 1e-2 for edge in edges) and slope > 0.0:
        assert (high - low) / 1e-3 == pytest.approx(slope, rel=1e-2, abs=1e-3)


def test_time_down_is_that_of_the_profile(gd):
    altitude, time = 3000.0, 0.0
    while altitude > P.terminal_height_m:
        altitude -= 1e-2 * profile(gd['parameters'], altitude, 1.2, P.approach_sink_m_s)[0]
        time += 1e-2
    assert time_down(gd['parameters'], 3000.0, P.approach_sink_m_s) == pytest.approx(time, rel=1e-3)


def test_tilt_grows_with_the_height_and_lets_the_range_finder_see(gd):
    tilts = [math.degrees(largest_tilt(gd['parameters'], h))
             for h in (-10.0, 0.0, 6.0, gd['parameters']['terminal_height_m'], 2500.0, 9e3)]
    assert tilts == pytest.approx([3.0, 3.0, 8.0, 15.4, 22.0, 60.0])


@pytest.mark.parametrize(('dt', 'slew'), [(0.01, 4.0), (0.1, 4.0), (0.5, 1.0), (1.0, 1.0)])
@pytest.mark.parametrize('angle', [1.0, 30.0, 120.0, 180.0])
def test_attitude_settles_at_any_step_length(world, gd, dt, slew, angle):
    limit, matrix = gd['engines']['torque_limit'], world.vehicle.inertia(400.0)
    a, inverse, w = np.zeros(1, ATTITUDE)[0], np.linalg.inv(matrix), np.zeros(3)
    q = rotations.from_rotation_vector(np.array([0.0, math.radians(angle), 0.0]))
    fastest = 0.0
    for _ in range(int((1.2 * angle / slew + 20.0 / slew + 20.0) / dt)):
        now = inertia(gd['body']['mass'], 400.0)
        control(a, UP, LEFT, math.radians(slew), q, w, now, dt, (0.7, 2.5), limit)
        assert (np.abs(a['torque']) <= limit + 1e-9).all()
        new = w + dt * (inverse @ (a['torque'] - rotations.cross(w, matrix @ w)))
        q = rotations.normalise(rotations.multiply(q, rotations.from_rotation_vector(0.5 * dt * (w + new))))
        w = new
        fastest = max(fastest, math.degrees(np.linalg.norm(w)))
    assert math.degrees(a['error']) < 0.1
    assert math.degrees(np.linalg.norm(w)) < 0.05
    assert fastest < 1.6 * slew


@pytest.mark.parametrize('share', [0.03, 0.1])
def test_attitude_settles_without_overshoot_when_the_torque_is_weak(world, gd, share):
    """As on Chandrayaan-2: a rate command that the torque cannot stop in time would swing."""
    limit, matrix = share * gd['engines']['torque_limit'], world.vehicle.inertia(100.0)
    a, w, dt = np.zeros(1, ATTITUDE)[0], np.zeros(3), 0.02
    q = rotations.from_rotation_vector(np.array([0.0, math.radians(60.0), 0.0]))
    across = math.inf
    for _ in range(int(200.0 / dt)):
        now = inertia(gd['body']['mass'], 100.0)
        control(a, UP, LEFT, math.radians(4.0), q, w, now, dt, (0.7, 2.5), limit)
        w = w + dt * np.linalg.solve(matrix, a['torque'] - rotations.cross(w, matrix @ w))
        q = rotations.normalise(rotations.multiply(q, rotations.from_rotation_vector(dt * w)))
        across = min(across, z_axis(q)[0])
    assert math.degrees(math.asin(across)) > -3.0  # it started on the other side
    assert math.degrees(a['error']) < 0.5


def test_attitude_bears_a_standing_torque(world, gd):
    matrix = world.vehicle.inertia(50.0)
    a, limit = np.zeros(1, ATTITUDE)[0], gd['engines']['torque_limit']
    q, w = np.array([0.0, 0.0, 0.0, 1.0]), np.zeros(3)
    for _ in range(6000):
        control(a, UP, LEFT, 0.07, q, w, inertia(gd['body']['mass'], 50.0), 0.01, (0.7, 2.5), limit)
        w = w + 0.01 * np.linalg.solve(matrix, a['torque'] + np.array([3.0, -5.0, 1.0]))
        q = rotations.normalise(rotations.multiply(q, rotations.from_rotation_vector(0.01 * w)))
    assert math.degrees(a['error']) < 0.05


def test_propulsion_follows_the_vehicle_file(world):
    e = engines(P, world.vehicle)
    assert e['main'] == 420.0
    assert e['limit'] == pytest.approx(0.95 * 1710.0)
    assert exhaust_velocity(e, 420.0) == pytest.approx(318.0 * 9.80665)
    assert flow(e, 200.0) == pytest.approx(200.0 / (285.0 * 9.80665))
    assert flow(e, 1710.0) == pytest.approx(420.0 / (318.0 * 9.80665) + 1290.0 / (285.0 * 9.80665))
    assert (e['torque_limit'] > 20.0).all()
    assert (e['torque_limit'] < 40.0).all()


@pytest.fixture
def thrust_scale():
    scale = np.zeros(1, SCALE)[0]
    scale['value'] = 1.0
    return scale


@pytest.mark.parametrize('left', [0.0, 0.3, 0.7])
def test_a_failed_engine_is_noticed_within_a_second(thrust_scale, left):
    """Hovering in pulses: what a failed engine takes away is believed in less than a second."""
    for i in range(600):
        measure(thrust_scale, 600.0, 380.0, 600.0 / 380.0 * 0.01 * (2.0 if i // 5 % 2 else 0.0), 0.01)
    assert thrust_scale['value'] == pytest.approx(1.0, abs=0.03)
    time = 0.0
    while abs(thrust_scale['value'] - left) > 0.1 and time < 5.0:
        measure(thrust_scale, 600.0, 380.0, left * 600.0 / 380.0 * 0.01, 0.01)
        time += 0.01
    assert time < 1.0


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_noise_is_no_failed_engine(seed):
    """Pulses, noise of 0.3 m/s^2 in a sample, corrections of 5 cm/s twice a second."""
    rng = np.random.default_rng(seed)
    scale = np.zeros(1, SCALE)[0]
    scale['value'] = 1.0
    for i in range(6000):
        measured = 0.015 * (1.6 if i % 10 < 6 else 0.1) + 0.003 * rng.normal()
        measured += 0.05 * rng.choice([-1.0, 1.0]) if i % 50 == 0 else 0.0
        measure(scale, 600.0, 400.0, measured, 0.01)
        assert abs(scale['value'] - 1.0) < 0.1  # a smaller difference is not believed to be a failure


def test_thrust_scale_is_learned(thrust_scale):
    scale = thrust_scale
    for _ in range(20000):
        measure(scale, 1200.0, 400.0, 0.03 * 0.97, 0.01)
    assert scale['value'] == pytest.approx(0.97, abs=1e-3)


@settings(deadline=None, max_examples=20)  # the first call compiles
@given(st.permutations(range(6)))
def test_inbox_does_not_care_for_the_order(order):
    box = np.zeros(1, INBOX)[0]
    for i in order:
        inbox.put(box, 0.01 * i, float(i), 0.0, 0.0)

    def take(before):
        taken = []
        while inbox.ripe(box, before):
            taken.append(int(box['values'][0, 0]))
            inbox.drop_first(box)
        return taken

    assert take(0.031) == [0, 1, 2, 3]
    assert take(1.0) == [4, 5]
    assert take(1.0) == []


def test_a_full_inbox_drops_the_oldest():
    box = np.zeros(1, INBOX)[0]
    for i in range(60):
        inbox.put(box, float(i), float(i), 0.0, 0.0)
    inbox.put(box, math.nan, 0.0, 0.0, 0.0)
    assert box['count'] == 50
    assert box['times'][[0, -1]].tolist() == [10.0, 59.0]


def test_perilune_of_the_osculating_orbit(world):
    position, velocity = world.perilune()
    radius = perilune_radius(tuple(position), inertial_velocity(tuple(position), tuple(velocity)))
    assert radius == pytest.approx(np.linalg.norm(position), abs=1.0)

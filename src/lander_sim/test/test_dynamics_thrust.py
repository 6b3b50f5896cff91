"""Thrusters, propellant, mass properties, and what the IMU sees of them."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common import moon, rotations
from lander_common.constants import STANDARD_GRAVITY
from lander_common.mass import mass_table
from lander_common.vehicle import load_vehicle
from lander_sim.dynamics import VehicleDynamics
from lander_sim.propulsion import decay, respond
from lander_sim.rigid_body import mass_properties

RESILIENCE = load_vehicle(Path(__file__).parents[3] / 'config/vehicles/resilience.yaml')
COUNT = len(RESILIENCE.thrusters)
OFF = np.zeros(COUNT)


class NoGround:
    """Ground far below."""

    def height_at(self, position):
        return -1e5


def flying(vehicle=RESILIENCE, propellant=300.0):
    dynamics = VehicleDynamics(vehicle, NoGround())
    q = rotations.normalise(np.array([0.1, -0.3, 0.2, 0.9]))
    velocity = np.array([300.0, -20.0, 10.0])
    dynamics.set_state(np.array([0.0, 1.0e6, 1.45e6]), velocity, q, np.zeros(3), propellant)
    return dynamics


def only(index, on_time):
    command = np.zeros(COUNT)
    command[index] = on_time
    return command


@given(index=st.integers(0, COUNT - 1), dt=st.sampled_from([0.01, 0.1, 1.0]), share=st.floats(0.0, 1.0))
@settings(max_examples=60, deadline=None)
def test_impulse_of_a_pulse_is_thrust_times_on_time(index, dt, share):
    """Also for pulses shorter than the rise time: what is missing at the start comes at the end."""
    dynamics, thruster = flying(), RESILIENCE.thrusters[index]
    dynamics.step(dt, only(index, share * dt))
    for _ in range(150):
        dynamics.step(0.01, OFF)
    impulse = (300.0 - dynamics.propellant) * thruster.isp_s * STANDARD_GRAVITY
    # What counts as gone, or as full.
    lost = 2e-9 * thruster.thrust_n * (thruster.rise_time_s + thruster.fall_time_s)
    assert impulse == pytest.approx(thruster.thrust_n * share * dt, rel=1e-8, abs=lost)


@given(on_time=st.floats(1e-4, 0.5))
@settings(max_examples=30, deadline=None)
def test_pulse_changes_speed_by_its_impulse(on_time):
    dynamics = flying()
    gained = 0.0
    for k in range(150):
        dynamics.step(0.01, only(0, min(max(on_time - 0.01 * k, 0.0), 0.01)))
        gained += dynamics.mean_specific_force[2] * 0.01
    assert gained == pytest.approx(RESILIENCE.thrusters[0].thrust_n * on_time / 640.0, rel=1e-4, abs=1e-7)


@given(fraction=st.floats(0, 1), on=st.floats(0, 0.2), off=st.floats(0, 0.2), share=st.floats(0, 1),
       rise=st.floats(0, 0.1), fall=st.floats(0, 0.1))
@settings(deadline=None)
def test_response_does_not_depend_on_where_steps_end(fraction, on, off, share, rise, fall):
    def after(fraction, on, off):
        return respond(fraction, on, off, rise, fall, decay(on, rise), decay(off, fall))[:2]

    whole, total = after(fraction, on, off)
    a, first = after(fraction, share * on, 0.0)
    b, second = after(a, (1.0 - share) * on, 0.0)
    c, third = after(b, 0.0, share * off)
    d, fourth = after(c, 0.0, (1.0 - share) * off)
    if min(rise, fall) > 1e-6 or share in (0.0, 1.0):
        assert d == pytest.approx(whole, abs=1e-9)
    assert first + second + third + fourth == pytest.approx(total, abs=1e-9)


def test_slow_valve_closing_adds_impulse():
    slow = dataclasses.replace(RESILIENCE.thrusters[0], rise_time_s=0.01, fall_time_s=0.03)
    dynamics = flying(dataclasses.replace(RESILIENCE, thrusters=(slow, *RESILIENCE.thrusters[1:])))
    dynamics.step(0.1, only(0, 0.02))
    for _ in range(100):
        dynamics.step(0.01, OFF)
    open_for = 0.02 + (1.0 - math.exp(-2.0)) * (0.03 - 0.01)
    impulse = (300.0 - dynamics.propellant) * slow.isp_s * STANDARD_GRAVITY
    assert impulse == pytest.approx(slow.thrust_n * open_for, rel=1e-8)


def test_rocket_equation():
    dynamics, exhaust = flying(), RESILIENCE.thrusters[0].isp_s * STANDARD_GRAVITY
    gained = 0.0
    for _ in range(10_000):
        dynamics.step(0.01, only(0, 0.01))
        gained += dynamics.mean_specific_force[2] * 0.01
    assert dynamics.propellant < 290.0
    assert gained == pytest.approx(exhaust * math.log(640.0 / dynamics.mass), abs=3e-6)


def test_thrust_ends_with_the_propellant():
    dynamics = flying(propellant=0.5)
    for _ in range(1000):
        dynamics.step(0.01, only(0, 0.01))
    assert dynamics.propellant == 0.0
    assert dynamics.mass == RESILIENCE.mass.dry_kg
    assert np.abs(dynamics.mean_specific_force).max() < 1e-5


@given(propellant=st.floats(0.0, 420.0), x=st.floats(-0.3, 0.3), y=st.floats(-0.3, 0.3))
@settings(deadline=None)  # the first call compiles
def test_mass_properties_are_those_of_the_vehicle(propellant, x, y):
    vehicle = dataclasses.replace(
        RESILIENCE, mass=dataclasses.replace(RESILIENCE.mass, dry_centre_m=[x, y, 0.15]))
    b = mass_properties(mass_table(vehicle.mass), propellant)
    xx, yy, zz, xy, xz, yz = b.inertia
    matrix = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    assert b.centre == pytest.approx(vehicle.centre_of_mass(propellant), abs=1e-12)
    assert matrix == pytest.approx(vehicle.inertia(propellant), rel=1e-12, abs=1e-9)
    xx, yy, zz, xy, xz, yz = b.inverse
    inverse = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    assert inverse @ matrix == pytest.approx(np.eye(3), abs=1e-12)


@pytest.mark.parametrize('index', range(COUNT))
def test_each_thruster_gives_its_column_of_the_wrench_matrix(index):
    quick = tuple(dataclasses.replace(t, rise_time_s=0.0, fall_time_s=0.0) for t in RESILIENCE.thrusters)
    dynamics = flying(dataclasses.replace(RESILIENCE, thrusters=quick))
    wrench = RESILIENCE.wrench_matrix(300.0)[:, index]
    alpha = np.linalg.solve(RESILIENCE.inertia(300.0), wrench[3:])
    felt = wrench[:3] / 640.0 - np.cross(alpha, RESILIENCE.centre_of_mass(300.0))
    dynamics.step(0.001, only(index, 1.0))
    assert dynamics.body_rate / 0.001 == pytest.approx(alpha, rel=1e-4, abs=1e-6)
    assert dynamics.mean_specific_force == pytest.approx(felt, rel=1e-4, abs=1e-6)


def fire(dynamics, rng, steps):
    for _ in range(steps):
        dynamics.step(0.01, rng.uniform(-0.01, 0.02, COUNT))
        yield


def test_imu_means_add_up_to_the_true_motion():
    """Strapdown navigation on the exact means arrives where the vehicle is."""
    dynamics, dt = flying(), 0.01
    p, v, q = dynamics.position, dynamics.velocity, dynamics.q_moon_body
    spin = np.array([0.0, 0.0, moon.fictitious(np.array([1.0, 0.0, 0.0]), np.zeros(3))[0] ** 0.5])
    for _ in fire(dynamics, np.random.default_rng(5), 3000):
        angle = dynamics.mean_rate * dt
        push = dynamics.mean_specific_force * dt
        push = rotations.rotate(q, push + 0.5 * np.cross(angle, push))
        middle = p + 0.5 * dt * v
        new = v + push + dt * moon.free_fall(middle, v)
        p = p + 0.5 * dt * (v + new)
        v = new
        earth = rotations.from_rotation_vector(-spin * dt)
        q = rotations.multiply(earth, rotations.multiply(q, rotations.from_rotation_vector(angle)))
    error = rotations.multiply(rotations.conjugate(q), dynamics.q_moon_body)
    assert np.linalg.norm(dynamics.body_rate) > 0.1  # it did tumble
    assert np.linalg.norm(rotations.to_rotation_vector(error)) < 1e-4
    assert v == pytest.approx(dynamics.velocity, abs=0.005)
    assert p == pytest.approx(dynamics.position, rel=0, abs=0.05)


def test_same_commands_give_the_same_bits():
    hashes = []
    for seed in (1, 1, 2):
        dynamics = flying()
        list(fire(dynamics, np.random.default_rng(seed), 300))
        hashes.append(dynamics.state_hash())
    assert hashes[0] == hashes[1] != hashes[2]
    assert len(hashes[0]) == 64


def test_many_steps_in_one_call_give_the_bits_of_single_ones():
    commands = np.random.default_rng(3).uniform(-0.01, 0.02, (500, COUNT))
    one_by_one, together = flying(), flying()
    for dynamics in (one_by_one, together):
        dynamics.set_thruster_fault(3, 'stuck_on')
    for row in commands:
        one_by_one.step(0.01, row)
    together.fly(0.01, commands[:200])
    together.fly(0.01, commands[200:])
    assert together.time == one_by_one.time
    assert together.state_hash() == one_by_one.state_hash()
    assert np.array_equal(together.increments, one_by_one.increments)


def test_many_steps_in_one_call_end_at_the_first_wrong_command():
    good, bad = np.full((5, COUNT), 0.005), np.full((8, COUNT), 0.005)
    bad[5, 2] = math.nan
    stopped, whole = flying(), flying()
    whole.fly(0.01, good)
    with pytest.raises(ValueError, match='allowed are numbers'):
        stopped.fly(0.01, bad)
    assert (stopped.time, stopped.state_bytes()) == (whole.time, whole.state_bytes())
    with pytest.raises(ValueError, match='shape'):
        stopped.fly(0.01, OFF)


def test_more_thrusters_than_the_record_holds_are_refused():
    many = dataclasses.replace(RESILIENCE, thrusters=RESILIENCE.thrusters[:1] * 33)
    with pytest.raises(ValueError, match='33 thrusters; allowed are 32'):
        VehicleDynamics(many, NoGround())


def test_thruster_faults():
    used = {}
    for kind in ('none', 'stuck_off', 'stuck_on', 'weak', 'cleared'):
        dynamics = flying()
        if kind == 'cleared':
            dynamics.set_thruster_fault(0, 'weak', 0.25)
            dynamics.set_thruster_fault(0, 'stuck_on')
            dynamics.clear_thruster_fault(0)
        elif kind != 'none':
            dynamics.set_thruster_fault(0, kind, 0.25)
        for _ in range(200):
            dynamics.step(0.01, only(0, 0.005))
        used[kind] = 300.0 - dynamics.propellant
    assert used['stuck_off'] == 0.0
    assert used['stuck_on'] == pytest.approx(2.0 * used['none'], rel=0.05)
    assert used['weak'] == pytest.approx(0.25 * used['none'], rel=1e-9)
    assert used['cleared'] == used['none']


def test_wrong_faults_and_commands_are_refused():
    dynamics = flying()
    with pytest.raises(ValueError, match='stuck_off, stuck_on, weak'):
        dynamics.set_thruster_fault(0, 'leak')
    with pytest.raises(ValueError, match='0 to 1'):
        dynamics.set_thruster_fault(0, 'weak', 20.0)
    before = dynamics.state_bytes()
    with pytest.raises(ValueError, match='shape'):
        dynamics.step(0.01, np.zeros(3))
    with pytest.raises(ValueError, match='allowed are numbers'):
        dynamics.step(0.01, only(3, math.nan))
    assert dynamics.state_bytes() == before

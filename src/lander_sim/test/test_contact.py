"""Touchdown: bounce, slide, hold, tip over, come to rest."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from lander_common import rotations
from lander_common.constants import MOON_RADIUS
from lander_common.vehicle import Vehicle, load_vehicle
from lander_sim.contact import SPRINGBACK
from lander_sim.dynamics import VehicleDynamics

VEHICLES = Path(__file__).parents[3] / 'config/vehicles'
RESILIENCE = load_vehicle(VEHICLES / 'resilience.yaml')
OFF = np.zeros(len(RESILIENCE.thrusters))
GRAVITY = 1.6238  # [m/s^2] at the point of the sphere where these tests are
PROPELLANT = 40.0


class Slope:
    """A plane through (MOON_RADIUS, 0, 0) that rises towards moon +y."""

    def __init__(self, slope_deg=0.0):
        angle = math.radians(slope_deg)
        self.normal = np.array([math.cos(angle), -math.sin(angle), 0.0])
        self.along = np.array([math.sin(angle), math.cos(angle), 0.0])
        self.asked = 0

    def height_at(self, position):
        self.asked += 1
        up = position / np.linalg.norm(position)
        return MOON_RADIUS * (self.normal[0] / (self.normal @ up) - 1.0)

    def plane_at(self, position):
        return self.height_at(position), self.normal


def above(terrain, height, velocity=(0.0, 0.0, 0.0), vehicle=RESILIENCE, lean_deg=0.0):
    """Put the feet `height` above a slope, upright on it; velocity along its normal, uphill and moon z."""
    across = np.array([0.0, 0.0, 1.0])
    upright = rotations.align_z(terrain.normal, terrain.along)
    lean = rotations.from_rotation_vector(math.radians(lean_deg) * across)
    dynamics = VehicleDynamics(vehicle, terrain)
    position = np.array([MOON_RADIUS, 0.0, 0.0]) + (height - vehicle.legs.foot_z_m) * terrain.normal
    speed = velocity[0] * terrain.normal + velocity[1] * terrain.along + velocity[2] * across
    dynamics.set_state(position, speed, rotations.multiply(lean, upright), np.zeros(3), PROPELLANT)
    return dynamics


def fly(dynamics, seconds):
    off = np.zeros(len(dynamics.vehicle.thrusters))
    for _ in range(round(100 * seconds)):
        dynamics.step(0.01, off)
        yield


def energy(dynamics, terrain):
    """Return kinetic, potential and elastic energy along the normal [J] over flat ground."""
    r, vehicle = rotations.to_matrix(dynamics.q_moon_body), dynamics.vehicle
    arm = vehicle.centre_of_mass(dynamics.propellant)
    v = dynamics.velocity + r @ np.cross(dynamics.body_rate_moon, arm)
    rate = dynamics.body_rate_moon
    motion = 0.5 * dynamics.mass * v @ v + 0.5 * rate @ vehicle.inertia(dynamics.propellant) @ rate
    height = (dynamics.centre_of_mass - np.array([MOON_RADIUS, 0.0, 0.0])) @ terrain.normal
    feet = dynamics.position + vehicle.legs.feet @ r.T
    depth = np.maximum(0.0, -(feet - np.array([MOON_RADIUS, 0.0, 0.0])) @ terrain.normal)
    sprung = np.clip(depth - dynamics.crushed[:vehicle.legs.count], 0.0, SPRINGBACK * depth)
    elastic = 0.5 * vehicle.legs.stiffness_n_m / SPRINGBACK * sprung @ sprung
    return motion + dynamics.mass * GRAVITY * height + elastic


def test_drop_from_one_metre_comes_to_rest_and_never_gains_energy():
    ground = Slope()
    dynamics = above(ground, 1.0)
    energies = [energy(dynamics, ground)]
    for _ in fly(dynamics, 8.0):
        energies.append(energy(dynamics, ground))
    assert np.diff(energies).max() < 0.01
    assert energies[0] - energies[-1] > 0.9 * dynamics.mass * GRAVITY
    contact = dynamics.first_contact
    assert contact.vertical_speed == pytest.approx(math.sqrt(2.0 * GRAVITY), rel=0.01)
    assert contact.time == pytest.approx(math.sqrt(2.0 / GRAVITY), abs=0.005)
    assert contact.horizontal_speed < 0.01 and contact.tilt < 1e-3
    assert dynamics.at_rest and not dynamics.broken and not dynamics.tipped_over
    assert dynamics.foot_contact == (True,) * 4
    assert dynamics.normal_forces.sum() == pytest.approx(dynamics.mass * GRAVITY, rel=1e-3)
    assert np.linalg.norm(dynamics.velocity) < 1e-5
    assert dynamics.mean_specific_force == pytest.approx([0.0, 0.0, GRAVITY], abs=2e-3)


@pytest.mark.parametrize('slope_deg', [5.0, 15.0, 25.0])
def test_holds_on_a_slope_below_the_friction_angle_without_creeping(slope_deg):
    ground = Slope(slope_deg)  # the friction angle is 31 deg
    dynamics = above(ground, 0.0)
    list(fly(dynamics, 5.0))
    settled = dynamics.position
    list(fly(dynamics, 10.0))
    assert dynamics.at_rest and dynamics.foot_contact == (True,) * 4
    assert np.linalg.norm(dynamics.position - settled) / 10.0 < 1e-6  # [m/s]
    assert math.degrees(dynamics.tilt) == pytest.approx(slope_deg, abs=2.0)
    assert math.degrees(dynamics.ground_slope()) == pytest.approx(slope_deg, abs=0.01)


def test_slides_down_a_slope_above_the_friction_angle():
    slippery = dataclasses.replace(RESILIENCE, legs=dataclasses.replace(RESILIENCE.legs, friction=0.2))
    ground = Slope(20.0)  # the friction angle is 11 deg
    dynamics = above(ground, 0.0, vehicle=slippery)
    list(fly(dynamics, 2.0))
    before = dynamics.velocity @ ground.along
    list(fly(dynamics, 2.0))
    angle = math.radians(20.0)
    expected = -GRAVITY * (math.sin(angle) - 0.2 * math.cos(angle))
    assert (dynamics.velocity @ ground.along - before) / 2.0 == pytest.approx(expected, rel=0.02)
    assert not dynamics.at_rest


def static_angle(vehicle: Vehicle) -> float:
    """Return the slope [deg] on which the weight is over the edge between two feet."""
    legs = vehicle.legs
    height = vehicle.centre_of_mass(PROPELLANT)[2] - legs.foot_z_m
    return math.degrees(math.atan2(legs.radius_m * math.cos(math.pi / legs.count), height))


@pytest.mark.parametrize('beyond', [-3.0, 2.0])
def test_stands_up_to_the_static_angle_if_it_cannot_slide(beyond):
    rough = dataclasses.replace(RESILIENCE, legs=dataclasses.replace(RESILIENCE.legs, friction=2.0))
    dynamics = above(Slope(static_angle(rough) + beyond), 0.0, vehicle=rough)  # two feet down the slope
    assert any(dynamics.tipped_over for _ in fly(dynamics, 20.0)) is (beyond > 0.0)


def set_down(vehicle: Vehicle, slope_deg: float, speed: float, heading: float) -> VehicleDynamics:
    """Let a vehicle that is upright meet a slope at `speed` straight down."""
    ground, up = Slope(slope_deg), np.array([1.0, 0.0, 0.0])
    q = rotations.multiply(rotations.from_rotation_vector(heading * up),
                           rotations.align_z(up, np.array([0.0, 1.0, 0.0])))
    dynamics = VehicleDynamics(vehicle, ground)
    lowest = min(foot @ ground.normal for foot in vehicle.legs.feet @ rotations.to_matrix(q).T)
    position = np.array([MOON_RADIUS, 0.0, 0.0]) + up * (0.02 - lowest) / ground.normal[0]
    dynamics.set_state(position, -speed * up, q, np.zeros(3), PROPELLANT)
    list(fly(dynamics, 15.0))
    return dynamics


@pytest.mark.parametrize('speed', [1.0, 1.34, 2.0])
@pytest.mark.parametrize('half_turns', [0.0, 1.0])
@pytest.mark.parametrize('name', ['resilience', 'blue_ghost', 'nova_c', 'apex_1'])
def test_upright_touchdown_on_a_slope_below_the_friction_angle_stands(name, half_turns, speed):
    vehicle = load_vehicle(VEHICLES / f'{name}.yaml')
    dynamics = set_down(vehicle, 22.0, speed, half_turns * math.pi / vehicle.legs.count)
    assert dynamics.at_rest and not dynamics.tipped_over
    assert math.degrees(dynamics.tilt) == pytest.approx(22.0, abs=3.0)


def test_upright_touchdown_on_a_slope_near_the_static_angle_tips_over():
    assert set_down(RESILIENCE, static_angle(RESILIENCE) - 2.0, 1.34, 0.0).tipped_over


def test_crushed_legs_hardly_bounce_and_stay_shorter():
    dynamics = above(Slope(), 0.01, velocity=(-2.0, 0.0, 0.0))
    fastest = max(dynamics.velocity[0] for _ in fly(dynamics, 3.0))
    assert 0.0 < fastest < 0.15 * 2.0  # damper and spring alone: 0.21 of it
    shorter = -RESILIENCE.legs.foot_z_m - (np.linalg.norm(dynamics.position) - MOON_RADIUS)
    assert 0.03 < shorter < 0.12  # [m]


def test_sideways_speed_is_braked_by_friction():
    ground = Slope()
    dynamics = above(ground, 0.05, velocity=(-0.5, 0.4, 0.3))
    list(fly(dynamics, 8.0))
    assert dynamics.at_rest and not dynamics.tipped_over and not dynamics.broken
    assert dynamics.first_contact.horizontal_speed == pytest.approx(0.5, abs=0.01)
    assert math.degrees(dynamics.tilt) < 1.0


def test_tall_vehicle_with_sideways_speed_tips_over_and_lies_still():
    legs = dataclasses.replace(RESILIENCE.legs, radius_m=0.8, foot_z_m=-1.6)
    tall = dataclasses.replace(RESILIENCE, legs=legs)
    dynamics = above(Slope(), 0.1, velocity=(-1.0, 2.5, 0.0), vehicle=tall)
    list(fly(dynamics, 25.0))
    assert dynamics.tipped_over and dynamics.at_rest
    assert 60.0 < math.degrees(dynamics.tilt) < 150.0
    assert 0.1 < np.linalg.norm(dynamics.position) - MOON_RADIUS < 1.5
    assert (dynamics.normal_forces[4:] > 0.0).any()  # on the body
    list(fly(dynamics, 3.0))
    assert np.linalg.norm(dynamics.velocity) < 1e-3


def test_lands_one_foot_first_and_settles():
    dynamics = above(Slope(), 1.2, velocity=(-1.0, 0.0, 0.0), lean_deg=8.0)
    feet = []
    for _ in fly(dynamics, 8.0):
        feet.append(sum(dynamics.foot_contact))
    assert 0 < next(n for n in feet if n) < 4
    assert math.degrees(dynamics.first_contact.tilt) == pytest.approx(8.0, abs=0.1)
    assert dynamics.at_rest and math.degrees(dynamics.tilt) < 1.5  # one leg is shorter now


@pytest.mark.parametrize(('velocity', 'broken'), [
    ((-3.9, 0.0, 0.0), False), ((-4.2, 0.0, 0.0), True), ((-1.0, 3.2, 0.0), True)])
def test_hard_contact_breaks_the_legs(velocity, broken):
    dynamics = above(Slope(), 0.02, velocity)
    list(fly(dynamics, 0.2))
    assert dynamics.first_contact is not None
    assert dynamics.broken is broken


@pytest.mark.parametrize('speed', [25.0, 66.0, 300.0, 1700.0])
@pytest.mark.parametrize('dt', [0.01, 1.0])
def test_crash_ends_on_the_ground(speed, dt):
    dynamics = above(Slope(), 1000.0, velocity=(-0.8 * speed, 0.6 * speed, 0.0))
    while dynamics.first_contact is None:
        dynamics.step(dt, OFF)
    assert dynamics.broken
    list(fly(dynamics, 10.0))
    assert np.linalg.norm(dynamics.velocity) < 3.0
    assert -1.0 < np.linalg.norm(dynamics.position) - MOON_RADIUS < 10.0


def test_stiff_legs_stay_stable():
    legs = dataclasses.replace(RESILIENCE.legs, stiffness_n_m=20e6, damping_n_s_m=60e3)
    dynamics = above(Slope(), 0.3, vehicle=dataclasses.replace(RESILIENCE, legs=legs))
    list(fly(dynamics, 5.0))
    assert dynamics.at_rest and dynamics.foot_contact == (True,) * 4
    assert dynamics.normal_forces.sum() == pytest.approx(dynamics.mass * GRAVITY, rel=1e-2)


def test_terrain_is_asked_seldom_in_flight_and_at_rest():
    ground = Slope()
    dynamics = above(ground, 5000.0, velocity=(-20.0, 0.0, 0.0))
    list(fly(dynamics, 5.0))
    assert ground.asked < 10
    dynamics = above(ground, 0.0)
    list(fly(dynamics, 3.0))
    ground.asked = 0
    list(fly(dynamics, 1.0))
    assert ground.asked == 100  # the height below, once a step


def test_many_steps_in_one_call_touch_down_like_single_ones():
    hashes = set()
    for together in (False, True):
        dynamics = above(Slope(7.0), 0.8, velocity=(-1.0, 0.6, -0.3), lean_deg=4.0)
        if together:
            dynamics.fly(0.01, np.zeros((200, len(OFF))))
        else:
            list(fly(dynamics, 2.0))
        assert dynamics.first_contact is not None
        hashes.add((dynamics.time, dynamics.first_contact, dynamics.state_hash()))
    assert len(hashes) == 1


def test_altitude_is_measured_once_a_step_and_follows_the_motion():
    ground = Slope()
    dynamics = above(ground, 100.0, velocity=(-10.0, 0.0, 0.0))
    before = ground.asked
    assert dynamics.altitude == dynamics.altitude == pytest.approx(101.0, abs=1e-6)
    assert ground.asked == before + 1
    list(fly(dynamics, 1.0))
    assert dynamics.altitude == pytest.approx(91.0 - 0.5 * GRAVITY, abs=1e-3)
    dynamics.set_state(dynamics.position * (1.0 + 5.0 / MOON_RADIUS), np.zeros(3), dynamics.q_moon_body,
                       np.zeros(3), PROPELLANT)
    assert dynamics.altitude == pytest.approx(96.0 - 0.5 * GRAVITY, abs=1e-3)


def test_more_legs_than_the_record_holds_are_refused():
    legs = dataclasses.replace(RESILIENCE.legs, count=8)
    VehicleDynamics(dataclasses.replace(RESILIENCE, legs=legs), Slope())
    object.__setattr__(legs, 'count', 9)
    with pytest.raises(ValueError, match='27 contact points; allowed are 24'):
        VehicleDynamics(dataclasses.replace(RESILIENCE, legs=legs), Slope())


def test_touchdown_is_deterministic():
    hashes = set()
    for _ in range(2):
        dynamics = above(Slope(7.0), 0.5, velocity=(-1.0, 0.6, -0.3), lean_deg=4.0)
        list(fly(dynamics, 4.0))
        hashes.add(dynamics.state_hash())
    assert len(hashes) == 1

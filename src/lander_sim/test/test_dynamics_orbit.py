"""Free motion: orbit, spin, and how the two go together."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from lander_common import constants, moon, rotations
from lander_common.vehicle import load_vehicle
from lander_sim.dynamics import VehicleDynamics

RESILIENCE = load_vehicle(Path(__file__).parents[3] / 'config/vehicles/resilience.yaml')
LOPSIDED = dataclasses.replace(RESILIENCE, mass=dataclasses.replace(
    RESILIENCE.mass, dry_centre_m=[0.05, -0.03, 0.15], dry_inertia_kg_m2=[180.0, 210.0, 250.0]))
OFF = np.zeros(len(RESILIENCE.thrusters))
SPIN = np.array([0.0, 0.0, constants.MOON_RATE])


class Sphere:
    """The reference sphere as ground."""

    def height_at(self, position):
        return 0.0

    def plane_at(self, position):
        return 0.0, position / np.linalg.norm(position)


def flying(vehicle=LOPSIDED, position=(1e6, 0.3e6, 1.5e6), velocity=(-1373.0, 0.0, 915.0),
           rate=(0.0, 0.0, 0.0), propellant=300.0):
    dynamics = VehicleDynamics(vehicle, Sphere())
    q = rotations.normalise(np.array([0.3, -0.5, 0.2, 0.7]))
    dynamics.set_state(np.array(position), np.array(velocity), q, np.array(rate), propellant)
    return dynamics


def centre_state(dynamics):
    """Return position and velocity of the centre of mass in the rotating frame."""
    r = rotations.to_matrix(dynamics.q_moon_body)
    arm = dynamics.vehicle.centre_of_mass(dynamics.propellant)
    return dynamics.centre_of_mass, dynamics.velocity + r @ np.cross(dynamics.body_rate_moon, arm)


def jacobi_integral(dynamics):
    """Return what a conservative field that turns with the frame conserves [m^2/s^2]."""
    p, v = centre_state(dynamics)
    r = np.linalg.norm(p)
    legendre = 0.5 * (3.0 * (p[2] / r) ** 2 - 1.0)
    oblate = constants.MOON_J2 * (constants.MOON_GRAVITY_RADIUS / r) ** 2 * legendre
    return 0.5 * v @ v - constants.MOON_GM / r * (1.0 - oblate) - 0.5 * np.sum(np.cross(SPIN, p) ** 2)


def test_tumbling_orbit_conserves_energy():
    dynamics = flying(rate=(0.05, -0.02, 0.03))
    start = jacobi_integral(dynamics)
    for _ in range(7000):
        dynamics.step(1.0, OFF)
    assert jacobi_integral(dynamics) == pytest.approx(start, rel=1e-11)


def test_torque_free_spin_conserves_angular_momentum_and_energy():
    dynamics = flying(rate=(0.2, -0.1, 0.3))
    inertia = LOPSIDED.inertia(300.0)

    def momentum(time):
        to_inertial = rotations.from_rotation_vector(SPIN * time)
        in_moon = rotations.rotate(dynamics.q_moon_body, inertia @ dynamics.body_rate)
        return rotations.rotate(to_inertial, in_moon)

    first, energy = momentum(0.0), dynamics.body_rate @ inertia @ dynamics.body_rate
    for _ in range(60_000):
        dynamics.step(0.01, OFF)
    assert momentum(600.0) == pytest.approx(first, rel=1e-9)
    assert dynamics.body_rate @ inertia @ dynamics.body_rate == pytest.approx(energy, rel=1e-9)


def test_circular_orbit_of_100_km_takes_117_8_minutes():
    radius = constants.MOON_RADIUS + 100e3
    centre = RESILIENCE.centre_of_mass(300.0)
    speed = math.sqrt(radius * np.linalg.norm(moon.gravity(np.array([radius, 0.0, 0.0]))))
    dynamics = flying(RESILIENCE, (radius, 0.0, 0.0), (0.0, speed - constants.MOON_RATE * radius, 0.0))
    q = np.array([0.0, 0.0, 0.0, 1.0])
    dynamics.set_state(np.array([radius, 0.0, -centre[2]]), dynamics.velocity, q, np.zeros(3), 300.0)
    period = 2.0 * math.pi * radius / speed
    assert period / 60.0 == pytest.approx(117.8, abs=0.05)
    radii = []
    for _ in range(1000):
        dynamics.step(period / 1000, OFF)
        radii.append(np.linalg.norm(dynamics.centre_of_mass))
    assert radii == pytest.approx([radius] * 1000, abs=1e-3)
    back = rotations.rotate(rotations.from_rotation_vector(SPIN * period), dynamics.centre_of_mass)
    assert back == pytest.approx([radius, 0.0, 0.0], abs=0.01)


def test_centre_of_mass_does_not_care_about_spin():
    still, spinning = flying(), flying(rate=(0.3, 0.2, -0.4))
    # Same motion of the centre of mass: base_link then has the speed of the spin about it.
    r = rotations.to_matrix(still.q_moon_body)
    arm = LOPSIDED.centre_of_mass(300.0)
    extra = r @ np.cross(still.body_rate_moon - spinning.body_rate_moon, arm)
    spinning.set_state(still.position, still.velocity + extra, still.q_moon_body, spinning.body_rate, 300.0)
    for _ in range(2000):
        still.step(0.01, OFF)
        spinning.step(0.01, OFF)
    assert spinning.centre_of_mass == pytest.approx(still.centre_of_mass, rel=0, abs=1e-6)
    assert np.linalg.norm(spinning.position - still.position) > 0.01


def test_free_fall_feels_nothing_and_spin_feels_its_lever_arm():
    still, spinning = flying(), flying(rate=(0.0, 0.0, 1.0))
    still.step(0.01, OFF)
    spinning.step(0.01, OFF)
    assert still.mean_specific_force == pytest.approx(np.zeros(3), abs=1e-6)
    arm = LOPSIDED.centre_of_mass(300.0)
    alpha = -np.linalg.solve(LOPSIDED.inertia(300.0), np.cross([0, 0, 1.0], LOPSIDED.inertia(300.0)[:, 2]))
    expected = np.cross(alpha, -arm) + np.cross([0, 0, 1.0], np.cross([0, 0, 1.0], -arm))
    assert spinning.mean_specific_force == pytest.approx(expected, rel=0.01, abs=1e-4)
    assert spinning.mean_rate == pytest.approx([0.0, 0.0, 1.0], abs=0.01)


def test_rate_relative_to_moon_is_that_of_the_attitude():
    dynamics = flying()
    before = dynamics.q_moon_body
    for _ in range(100):
        dynamics.step(1.0, OFF)
    turned = rotations.multiply(rotations.conjugate(before), dynamics.q_moon_body)
    assert rotations.to_rotation_vector(turned) / 100.0 == pytest.approx(dynamics.body_rate_moon, rel=1e-6)
    assert np.linalg.norm(dynamics.body_rate_moon) == pytest.approx(constants.MOON_RATE)

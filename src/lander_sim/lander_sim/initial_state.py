"""Truth at the start of a flight, and what orbit determination makes of it."""

import dataclasses
import math

import numpy as np

from lander_common import constants, rotations
from lander_common.samples import StateVector
from lander_common.site import Site
from lander_common.vehicle import Vehicle
from lander_sim.scenario import Start, Uncertainty


@dataclasses.dataclass(frozen=True)
class TrueState:
    """State of base_link in `moon`; rates relative to inertial space."""

    position: np.ndarray  # (3,) [m] moon
    velocity: np.ndarray  # (3,) [m/s] moon, relative to the rotating Moon
    q_moon_body: np.ndarray  # (4,)
    angular_velocity: np.ndarray  # (3,) [rad/s] base_link


def orbit_state(start: Start, site: Site) -> TrueState:
    """Return the state in a circular orbit whose track crosses the site at `arrival_time_s`.

    The attitude is retrograde: thrust axis against the velocity, base_link +x up.
    """
    heading = math.radians(site.approach_heading_deg)
    east, north, up = site.rotation.T
    ahead = math.sin(heading) * east + math.cos(heading) * north
    # The plane holds the site where it will be on arrival; then everything turns with the Moon.
    across = start.cross_track_m / constants.MOON_RADIUS
    left = rotations.cross(up, ahead)
    target = math.cos(across) * up - math.sin(across) * left
    angle = math.radians(start.angle_before_site_deg)
    radius = constants.MOON_RADIUS + start.altitude_m
    speed = math.sqrt(constants.MOON_GM / radius)
    position = radius * (math.cos(angle) * target - math.sin(angle) * ahead)
    velocity = speed * (math.sin(angle) * target + math.cos(angle) * ahead)
    turn = rotations.from_rotation_vector(np.array([0.0, 0.0, constants.MOON_RATE * start.arrival_time_s]))
    position, velocity = rotations.rotate(turn, position), rotations.rotate(turn, velocity)
    velocity -= rotations.cross(np.array([0.0, 0.0, constants.MOON_RATE]), position)
    return TrueState(position, velocity, rotations.align_z(-velocity, position), np.zeros(3))


def measured_state(true: TrueState, uncertainty: Uncertainty, site: Site, time: float,
                   rng: np.random.Generator) -> StateVector:
    """Return the state vector that is sent up: the truth with an error drawn from `uncertainty`."""
    u = uncertainty
    attitude = math.radians(u.attitude_deg)
    q_map_moon = rotations.conjugate(site.quaternion)
    q = rotations.multiply(true.q_moon_body, rotations.from_rotation_vector(attitude * rng.normal(size=3)))
    q_map_body = rotations.multiply(q_map_moon, q)
    position_map = site.to_map(true.position) + u.position_m * rng.normal(size=3)
    velocity_map = site.rotation.T @ true.velocity + u.velocity_m_s * rng.normal(size=3)
    return StateVector(
        time=time, position_map=position_map, q_map_body=q_map_body,
        velocity_body=rotations.rotate(rotations.conjugate(q_map_body), velocity_map),
        position_covariance=max(u.position_m, 1.0) ** 2 * np.eye(3),
        velocity_covariance=max(u.velocity_m_s, 1e-3) ** 2 * np.eye(3),
        attitude_variance=max(attitude, 1e-5) ** 2)


def true_vehicle(vehicle: Vehicle, uncertainty: Uncertainty, rng: np.random.Generator) -> Vehicle:
    """Return the vehicle as it really is: thrust, Isp, alignment, mass and its centre dispersed."""
    u = uncertainty
    thrusters = tuple(dataclasses.replace(
        t,
        thrust_n=t.thrust_n * (1.0 + u.thrust_fraction * rng.normal()),
        isp_s=t.isp_s * (1.0 + u.isp_fraction * rng.normal()),
        direction=(t.axis + math.radians(u.misalignment_deg) * rng.normal(size=3)).tolist(),
    ) for t in vehicle.thrusters)
    mass = dataclasses.replace(
        vehicle.mass,
        propellant_kg=max(0.0, vehicle.mass.propellant_kg + u.propellant_kg * rng.normal()),
        dry_centre_m=(np.array(vehicle.mass.dry_centre_m) + u.centre_of_mass_m * rng.normal(size=3)).tolist())
    return dataclasses.replace(vehicle, thrusters=thrusters, mass=mass)

"""Leaving the orbit: when to burn against the velocity, and when to stop.

It turns retrograde, waits for the point half a revolution before braking, and burns to the perilune.
"""

import math

import numpy as np

from lander_common import constants
from lander_common.compiled import compiled
from lander_common.vectors import Vector, cross, dot, length, limited, scale, unit
from lander_guidance.demand import demand
from lander_guidance.propulsion import spent_for

_ALIGNED = math.radians(3.0)
_WINDOW = math.radians(30.0)  # a burn so late still reaches the perilune well after braking has begun
_CIRCLE = 2.0 * math.pi

DEORBIT = np.dtype([
    ('perilune', float),  # [m] radius that is aimed at
    ('point', float),  # [rad] before the target, where the burn begins
    ('burning', np.int64),
])


@compiled
def inertial_velocity(position: Vector, velocity: Vector) -> Vector:
    """Return the velocity [m/s] relative to inertial space, along the axes of moon."""
    w = constants.MOON_RATE
    return velocity[0] - w * position[1], velocity[1] + w * position[0], velocity[2]


@compiled
def perilune_radius(position: Vector, velocity: Vector) -> float:
    """Return the perilune radius [m] of the osculating orbit; `velocity` is inertial."""
    energy = 0.5 * dot(velocity, velocity) - constants.MOON_GM / length(position)
    momentum = cross(position, velocity)
    square = dot(momentum, momentum)
    eccentricity = math.sqrt(max(1.0 + 2.0 * energy * square / constants.MOON_GM**2, 0.0))
    return square / constants.MOON_GM / (1.0 + eccentricity)


@compiled
def angle_ahead(up: Vector, velocity: Vector, target: Vector) -> float:
    """Return how far ahead along the track the target lies [rad], 0 to 2 pi."""
    forward = unit(cross(cross(up, velocity), up))
    return math.atan2(dot(target, forward), dot(target, up)) % _CIRCLE


@compiled
def finished(gd: np.void) -> bool:
    """Return whether the burn has brought the perilune as low as wanted."""
    now, d = gd.now, gd.deorbit
    if not d.burning:
        return False
    return perilune_radius(now.position, inertial_velocity(now.position, now.velocity)) <= d.perilune


@compiled
def fly(gd: np.void) -> None:
    """Demand full thrust against the velocity, or none while it is too early."""
    now, d = gd.now, gd.deorbit
    velocity = inertial_velocity(now.position, now.velocity)
    speed = length(velocity)
    retrograde = scale(-1.0 / speed, velocity)
    ahead, to_go = angle_ahead(now.up, now.velocity, gd.site.target) - d.point, math.nan
    if not d.burning:
        aligned = math.acos(limited(dot(retrograde, now.axis), -1.0, 1.0)) < _ALIGNED
        d.burning = aligned and -_WINDOW <= ahead <= 0.0
        if not d.burning:
            to_go = (ahead % _CIRCLE) * length(now.position) / speed
    slew = math.radians(gd.parameters.coast_slew_deg_s)
    demand(gd.demand, retrograde, gd.engines.limit if d.burning else 0.0, slew, to_go)


@compiled
def propellant(gd: np.void, mass: float) -> float:
    """Return the propellant [kg] of the rest of the burn, done at apolune."""
    now, perilune = gd.now, gd.deorbit.perilune
    radius = length(now.position)
    wanted = math.sqrt(2.0 * constants.MOON_GM * perilune / (radius * (radius + perilune)))
    less = max(length(inertial_velocity(now.position, now.velocity)) - wanted, 0.0)
    return spent_for(gd.engines, gd.engines.limit, mass, less)

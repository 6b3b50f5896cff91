"""Leaving the orbit: when to burn against the velocity, and when to stop."""

import math

import numpy as np

from lander_common import constants
from lander_common.rotations import cross
from lander_guidance.demand import Demand
from lander_guidance.parameters import GuidanceParameters
from lander_guidance.propulsion import Propulsion
from lander_guidance.situation import Situation

_ALIGNED = math.radians(3.0)
_WINDOW = math.radians(30.0)  # a burn so late still reaches the perilune well after braking has begun


def inertial_velocity(situation: Situation) -> np.ndarray:
    """Return the velocity [m/s] relative to inertial space, along the axes of moon, (3,)."""
    return situation.velocity + cross(np.array([0.0, 0.0, constants.MOON_RATE]), situation.position)


def perilune_radius(position: np.ndarray, velocity: np.ndarray) -> float:
    """Return the perilune radius [m] of the osculating orbit; `velocity` is inertial."""
    radius = math.sqrt(position @ position)
    energy = 0.5 * (velocity @ velocity) - constants.MOON_GM / radius
    momentum = cross(position, velocity)
    eccentricity = math.sqrt(max(1.0 + 2.0 * energy * (momentum @ momentum) / constants.MOON_GM**2, 0.0))
    return (momentum @ momentum) / constants.MOON_GM / (1.0 + eccentricity)


def angle_ahead(situation: Situation, target: np.ndarray) -> float:
    """Return how far ahead along the track the target lies [rad], 0 to 2 pi."""
    left = cross(situation.up, situation.velocity)
    forward = cross(left, situation.up)
    forward = forward / math.sqrt(forward @ forward)
    return math.atan2(target @ forward, target @ situation.up) % (2.0 * math.pi)


class Deorbit:
    """Turns retrograde, waits for the point half a revolution before braking, burns to the perilune."""

    def __init__(self, parameters: GuidanceParameters, propulsion: Propulsion, target: np.ndarray,
                 perilune: float, braking_arc: float) -> None:
        """Aim at the radius `perilune` [m], `braking_arc` [rad] before the unit vector `target`."""
        self._thrust = propulsion.limit
        self._exhaust = propulsion.exhaust_velocity(propulsion.limit)
        self._slew = math.radians(parameters.coast_slew_deg_s)
        self._target, self._perilune = target, perilune
        self._point = math.pi + braking_arc - math.radians(parameters.perilune_lead_deg)
        self.burning = False
        self._to_go = math.nan

    def step(self, situation: Situation) -> Demand:
        """Return full thrust against the velocity, or none while it is too early."""
        velocity = inertial_velocity(situation)
        speed = math.sqrt(velocity @ velocity)
        retrograde = -velocity / speed
        ahead = angle_ahead(situation, self._target) - self._point
        if not self.burning:
            aligned = math.acos(min(max(retrograde @ situation.axis, -1.0), 1.0)) < _ALIGNED
            self.burning = aligned and -_WINDOW <= ahead <= 0.0
            radius = math.sqrt(situation.position @ situation.position)
            self._to_go = (ahead % (2.0 * math.pi)) * radius / speed
        if self.burning:
            self._to_go = math.nan
        return Demand(retrograde, self._thrust if self.burning else 0.0, self._slew, self._to_go)

    def propellant(self, situation: Situation, mass: float) -> float:
        """Return the propellant [kg] of the rest of the burn, done at apolune."""
        radius = math.sqrt(situation.position @ situation.position)
        wanted = math.sqrt(2.0 * constants.MOON_GM * self._perilune / (radius * (radius + self._perilune)))
        velocity = inertial_velocity(situation)
        less = max(math.sqrt(velocity @ velocity) - wanted, 0.0)
        return mass * (1.0 - math.exp(-less / self._exhaust))

    def finished(self, situation: Situation) -> bool:
        """Return whether the perilune is as low as wanted."""
        return perilune_radius(situation.position, inertial_velocity(situation)) <= self._perilune

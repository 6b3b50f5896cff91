"""The state of flight in the frame `moon`, as all guidance laws see it."""

from dataclasses import dataclass

import numpy as np

from lander_common import constants, moon
from lander_common.compiled import compiled
from lander_common.rotations import multiply, norm, rotate
from lander_common.samples import GroundBelief, Navigation
from lander_common.site import Site


@dataclass(frozen=True, slots=True)
class Situation:
    """Position, velocity and attitude in `moon`, heights of the feet above the ground."""

    time: float  # [s]
    dt: float  # [s] since the last cycle
    position: np.ndarray  # (3,) [m]
    velocity: np.ndarray  # (3,) [m/s] over the ground
    attitude: np.ndarray  # (4,) rotates base_link into moon
    rate: np.ndarray  # (3,) [rad/s] base_link
    up: np.ndarray  # (3,)
    axis: np.ndarray  # (3,) thrust axis, base_link +z
    height: float  # [m] above the reference sphere
    altitude: float  # [m] of the feet above the ground below
    lower: float  # [m] lowest altitude still credible
    upper: float  # [m] highest altitude still credible
    sink: float  # [m/s] positive down
    drift: np.ndarray  # (3,) [m/s] horizontal velocity
    to_target: np.ndarray  # (3,) [m] horizontal way to the target
    distance: float  # [m] to the target
    gravity: float  # [m/s^2] what holds the sink rate constant

    @property
    def gravity_at_rest(self) -> float:
        """Gravity [m/s^2] without the lift of flying round the Moon."""
        return self.gravity + float(self.drift @ self.drift) / (constants.MOON_RADIUS + self.height)

    @property
    def tilt(self) -> float:
        """Angle between the thrust axis and the vertical [rad]."""
        return float(np.arccos(min(max(float(self.axis @ self.up), -1.0), 1.0)))


class Observer:
    """Turns navigation into situations; keeps the last belief about the ground."""

    def __init__(self, site: Site, foot_height: float) -> None:
        """Start with the ground of the site; `foot_height` [m] is that of base_link on its feet."""
        self._rotation = np.ascontiguousarray(site.rotation)
        self._quaternion, self._origin = site.quaternion, site.origin
        self._foot = foot_height
        self.target = np.ascontiguousarray(site.rotation[:, 2])
        self.ground, self.margin_low, self.margin_high = (
            site.ground_height_m, 3.0 * site.ground_height_sigma_m, 3.0 * site.ground_height_sigma_m)

    def believe(self, belief: GroundBelief) -> None:
        """Take over where the ground is; a belief that is not finite changes nothing."""
        numbers = (belief.terrain_height_m, belief.altitude_m - belief.altitude_lower_m,
                   belief.altitude_upper_m - belief.altitude_m)
        if np.isfinite(numbers).all():
            self.ground = numbers[0]
            self.margin_low, self.margin_high = max(numbers[1], 0.0), max(numbers[2], 0.0)

    def observe(self, navigation: Navigation, dt: float) -> Situation:
        """Return the situation at the time of `navigation`, `dt` [s] after the last one."""
        r, v, q, up, axis, drift, to_target, s = _observe(
            navigation.position_map, navigation.velocity_body, navigation.q_map_body,
            self._rotation, self._quaternion, self._origin, self.target)
        altitude = s[0] - self.ground - self._foot
        return Situation(navigation.time, dt, r, v, q, navigation.angular_velocity, up, axis, s[0], altitude,
                         altitude - self.margin_low, altitude + self.margin_high, s[1], drift, to_target,
                         s[2], s[3])


def is_finite(navigation: Navigation) -> bool:
    """Return whether all that guidance uses of a navigation sample is a number."""
    return _finite(navigation.time, navigation.position_map, navigation.q_map_body, navigation.velocity_body,
                   navigation.angular_velocity)


@compiled
def _finite(time, position, attitude, velocity, rate):
    return np.isfinite(time + position.sum() + attitude.sum() + velocity.sum() + rate.sum())


@compiled
def _observe(position_map, velocity_body, q_map_body, rotation, quaternion, origin, target):
    r = origin + rotation @ position_map
    q = multiply(quaternion, q_map_body)
    v = rotate(q, velocity_body)
    radius = norm(r)
    up = r / radius
    climb = np.dot(v, up)
    drift = v - climb * up
    across = target - np.dot(target, up) * up
    sine = norm(across)
    distance = constants.MOON_RADIUS * np.arctan2(sine, np.dot(target, up))
    to_target = across * (distance / max(sine, 1e-12))
    gravity = -np.dot(moon.free_fall(r, v), up) - np.dot(drift, drift) / radius
    axis = rotate(q, np.array([0.0, 0.0, 1.0]))
    return r, v, q, up, axis, drift, to_target, np.array([radius - constants.MOON_RADIUS, -climb, distance,
                                                          gravity])

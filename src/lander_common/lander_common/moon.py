"""The Moon as a rotating, slightly flattened body: gravity and fictitious forces.

All vectors are in the frame `moon`: Moon-centred, Moon-fixed, +z the rotation axis, +x at 0 N 0 E.
"""

import numpy as np

from lander_common import constants
from lander_common.compiled import compiled
from lander_common.rotations import norm

_GM = constants.MOON_GM
_J2_TERM = 1.5 * constants.MOON_J2 * constants.MOON_GRAVITY_RADIUS**2
_RATE = constants.MOON_RATE


@compiled
def gravity(position: np.ndarray) -> np.ndarray:
    """Return the gravitational acceleration (point mass and J2) at `position`, (3,) [m/s^2]."""
    r2 = position[0] ** 2 + position[1] ** 2 + position[2] ** 2
    r = np.sqrt(r2)
    k = -_GM / (r2 * r)
    u = 5.0 * position[2] ** 2 / r2
    j = _J2_TERM / r2
    return np.array([
        k * position[0] * (1.0 + j * (1.0 - u)),
        k * position[1] * (1.0 + j * (1.0 - u)),
        k * position[2] * (1.0 + j * (3.0 - u)),
    ])


@compiled
def fictitious(position: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Return the Coriolis and centrifugal acceleration in the rotating frame, (3,) [m/s^2]."""
    return np.array([
        _RATE * (2.0 * velocity[1] + _RATE * position[0]),
        _RATE * (-2.0 * velocity[0] + _RATE * position[1]),
        0.0,
    ])


@compiled
def free_fall(position: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Return the acceleration of an unpowered body seen in `moon`, (3,) [m/s^2]."""
    return gravity(position) + fictitious(position, velocity)


@compiled
def height(position: np.ndarray) -> float:
    """Return the height above the reference sphere [m]."""
    return norm(position) - constants.MOON_RADIUS


@compiled
def direction(latitude: float, longitude: float) -> np.ndarray:
    """Return the unit vector of a planetocentric latitude and east longitude [rad], (3,)."""
    c = np.cos(latitude)
    return np.array([c * np.cos(longitude), c * np.sin(longitude), np.sin(latitude)])


@compiled
def latitude_longitude(position: np.ndarray) -> tuple[float, float]:
    """Return planetocentric latitude and east longitude of `position` [rad]."""
    return np.arcsin(position[2] / norm(position)), np.arctan2(position[1], position[0])

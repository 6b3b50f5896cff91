"""What the filter tells others: the navigation state in `map` and base_link, and the ground below."""

import math
from dataclasses import dataclass

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS, MOON_RATE
from lander_common.rotations import conjugate, multiply, norm, rotate, skew, to_matrix
from lander_common.samples import Navigation
from lander_common.site import Site
from lander_estimation.layout import (
    D_ATTITUDE,
    D_POSITION,
    D_TERRAIN,
    D_VELOCITY,
    GYRO_BIAS,
    POSITION,
    QUATERNION,
    TERRAIN,
    VELOCITY,
)


class Viewpoint:
    """Turns filter states into Navigation in the frames of one site."""

    def __init__(self, site: Site):
        """Look from the frame `map` of `site`."""
        self._rotation = np.ascontiguousarray(site.rotation)
        self._q_map_moon = conjugate(site.quaternion)
        self._origin = site.origin

        self._covariances = (np.zeros((3, 3)),) * 3

    def see(self, x: np.ndarray, cov: np.ndarray) -> None:
        """Take over the covariances of a state; they belong to every Navigation until the next ones."""
        self._covariances = _covariances(x, cov, self._rotation)

    def navigation(self, time: float, x: np.ndarray, rate: np.ndarray) -> Navigation:
        """Return the Navigation at `time` [s] for a measured `rate`, (3,) [rad/s] inertial."""
        return Navigation(time, *_motion(x, rate, self._rotation, self._q_map_moon, self._origin),
                          *self._covariances)


@dataclass(frozen=True, slots=True)
class Motion:
    """How the lander moves relative to the local vertical."""

    vertical_speed_m_s: float  # positive up
    ground_speed_m_s: float
    tilt_rad: float  # between base_link +z and the vertical


def motion(navigation: Navigation) -> Motion:
    """Split a Navigation into vertical speed, ground speed and tilt."""
    up = navigation.position_map + np.array([0.0, 0.0, MOON_RADIUS])
    up /= norm(up)
    up_body = rotate(conjugate(navigation.q_map_body), up)
    vertical = float(navigation.velocity_body @ up_body)
    horizontal = navigation.velocity_body - vertical * up_body
    return Motion(vertical, norm(horizontal), math.acos(max(-1.0, min(1.0, float(up_body[2])))))


@compiled
def altitude(x: np.ndarray, cov: np.ndarray) -> tuple[float, float]:
    """Return height of base_link above the believed ground [m] and its variance [m^2]."""
    p = x[POSITION:POSITION + 3]
    r = norm(p)
    up = p / r
    variance = cov[D_TERRAIN, D_TERRAIN]
    for i in range(3):
        variance -= 2.0 * up[i] * cov[D_POSITION + i, D_TERRAIN]
        for j in range(3):
            variance += up[i] * up[j] * cov[D_POSITION + i, D_POSITION + j]
    return r - MOON_RADIUS - x[TERRAIN], max(variance, 0.0)


@compiled
def _motion(x: np.ndarray, rate: np.ndarray, rotation: np.ndarray, q_map_moon: np.ndarray,
            origin: np.ndarray) -> tuple:
    q = x[QUATERNION:QUATERNION + 4]
    to_body = np.ascontiguousarray(to_matrix(q).T)
    to_map = np.ascontiguousarray(rotation.T)
    return (
        to_map @ (x[POSITION:POSITION + 3] - origin),
        multiply(q_map_moon, q),
        to_body @ x[VELOCITY:VELOCITY + 3].copy(),
        rate - x[GYRO_BIAS:GYRO_BIAS + 3] - to_body[:, 2] * MOON_RATE,
    )


@compiled
def _covariances(x: np.ndarray, cov: np.ndarray, rotation: np.ndarray) -> tuple:
    to_body = np.ascontiguousarray(to_matrix(x[QUATERNION:QUATERNION + 4]).T)
    to_map = np.ascontiguousarray(rotation.T)
    velocity = x[VELOCITY:VELOCITY + 3].copy()
    lever = np.zeros((3, 6))
    lever[:, :3] = to_body
    lever[:, 3:] = to_body @ skew(velocity)
    position_cov = cov[D_POSITION:D_POSITION + 3, D_POSITION:D_POSITION + 3].copy()
    attitude_cov = cov[D_ATTITUDE:D_ATTITUDE + 3, D_ATTITUDE:D_ATTITUDE + 3].copy()
    velocity_cov = cov[D_VELOCITY:D_ATTITUDE + 3, D_VELOCITY:D_ATTITUDE + 3].copy()
    return (
        to_map @ position_cov @ rotation,
        lever @ velocity_cov @ np.ascontiguousarray(lever.T),
        to_map @ attitude_cov @ rotation,
    )

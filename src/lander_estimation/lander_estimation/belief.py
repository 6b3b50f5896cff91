"""What the filter tells others: the navigation state with its covariances, the ground, the motion."""

import math
from dataclasses import dataclass

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_common.quaternions import matrix
from lander_common.rotations import conjugate, norm, rotate
from lander_common.samples import GroundBelief, Navigation
from lander_common.vectors import cross
from lander_estimation.advance import covariance_now
from lander_estimation.layout import D_ATTITUDE, D_POSITION, D_VELOCITY, QUATERNION, VELOCITY


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


def navigation(record: np.ndarray) -> Navigation:
    """Return the estimate in the record."""
    values = np.empty(41)
    _describe(record, values)
    covariances = values[14:].reshape(3, 3, 3)
    return Navigation(float(values[0]), values[1:4], values[4:8], values[8:11], values[11:14],
                      covariances[0], covariances[1], covariances[2])


def ground(record: np.ndarray) -> GroundBelief:
    """Return the ground in the record."""
    return GroundBelief(*record['ground'][0].tolist())


@compiled
def _describe(record: np.ndarray, values: np.ndarray) -> None:
    """Write time, position, quaternion, velocity, angular velocity and their covariances, (41,)."""
    n = record[0].navigation
    values[0] = n.time
    for i in range(3):
        values[1 + i], values[8 + i], values[11 + i] = (
            n.position_map[i], n.velocity_body[i], n.angular_velocity[i])
    for i in range(4):
        values[4 + i] = n.q_map_body[i]
    _covariances(record, values[14:].reshape(3, 3, 3))


@compiled
def _covariances(record: np.ndarray, result: np.ndarray) -> None:
    """Write the covariances, (3, 3, 3), of position (map), velocity (base_link) and attitude (map)."""
    est = record[0]
    covariance_now(est)
    cov, to_moon, x = est.cov_now, est.model.to_moon, est.x_now
    m = matrix((x[QUATERNION], x[QUATERNION + 1], x[QUATERNION + 2], x[QUATERNION + 3]))
    v = (x[VELOCITY], x[VELOCITY + 1], x[VELOCITY + 2])
    lever = np.empty((3, 6))
    for i in range(3):
        axis = (m[0][i], m[1][i], m[2][i])
        across = cross(v, axis)
        for j in range(3):
            lever[i, j], lever[i, 3 + j] = axis[j], -across[j]
    for i in range(3):
        for j in range(i + 1):
            position, velocity, attitude = 0.0, 0.0, 0.0
            for k in range(3):
                for m_ in range(3):
                    turned = to_moon[k, i] * to_moon[m_, j]
                    position += turned * cov[D_POSITION + k, D_POSITION + m_]
                    attitude += turned * cov[D_ATTITUDE + k, D_ATTITUDE + m_]
            for k in range(6):
                for m_ in range(6):
                    velocity += lever[i, k] * lever[j, m_] * cov[D_VELOCITY + k, D_VELOCITY + m_]
            result[0, i, j] = result[0, j, i] = position
            result[1, i, j] = result[1, j, i] = velocity
            result[2, i, j] = result[2, j, i] = attitude

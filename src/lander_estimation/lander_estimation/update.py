"""The Kalman update: one measurement into state and covariance."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.rotations import from_rotation_vector, multiply, normalise
from lander_estimation.layout import (
    ACCELEROMETER_BIAS,
    D_ACCELEROMETER_BIAS,
    D_ATTITUDE,
    D_GYRO_BIAS,
    D_POSITION,
    D_TERRAIN,
    D_VELOCITY,
    ERROR_SIZE,
    GYRO_BIAS,
    POSITION,
    QUATERNION,
    TERRAIN,
    VELOCITY,
)


@compiled
def innovation_covariance(cov: np.ndarray, jacobian: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the covariance of the innovation, (m, m), of a measurement with variances `noise`, (m,)."""
    s = jacobian @ cov @ jacobian.T
    for i in range(len(noise)):
        s[i, i] += noise[i]
    return s


@compiled
def distance_squared(s: np.ndarray, innovation: np.ndarray) -> float:
    """Return the squared Mahalanobis distance of an innovation, (m,), with covariance `s`."""
    return np.sum(innovation * np.linalg.solve(s, innovation))


@compiled
def update(x: np.ndarray, cov: np.ndarray, jacobian: np.ndarray, innovation: np.ndarray,
           noise: np.ndarray) -> bool:
    """Fuse a measurement of m components into state and covariance, in place (Joseph form).

    Returns False, and changes nothing, if the result would not be finite.
    """
    s = innovation_covariance(cov, jacobian, noise)
    gain = np.ascontiguousarray(np.linalg.solve(s, jacobian @ cov).T)
    keep = np.eye(ERROR_SIZE) - gain @ jacobian
    joseph = keep @ cov @ keep.T + (gain * noise) @ gain.T
    correction = gain @ innovation
    if not np.isfinite(np.sum(joseph) + np.sum(correction)):
        return False
    cov[:] = 0.5 * (joseph + joseph.T)
    x[POSITION:POSITION + 3] += correction[D_POSITION:D_POSITION + 3]
    x[VELOCITY:VELOCITY + 3] += correction[D_VELOCITY:D_VELOCITY + 3]
    turn = from_rotation_vector(correction[D_ATTITUDE:D_ATTITUDE + 3])
    x[QUATERNION:QUATERNION + 4] = normalise(multiply(turn, x[QUATERNION:QUATERNION + 4]))
    x[ACCELEROMETER_BIAS:ACCELEROMETER_BIAS + 3] += correction[D_ACCELEROMETER_BIAS:D_ACCELEROMETER_BIAS + 3]
    x[GYRO_BIAS:GYRO_BIAS + 3] += correction[D_GYRO_BIAS:D_GYRO_BIAS + 3]
    x[TERRAIN] += correction[D_TERRAIN]
    return True

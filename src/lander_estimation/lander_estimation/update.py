"""The Kalman update: one measurement of up to three components into state and covariance.

The innovation is whitened with a Cholesky factor of its covariance: what comes out is the test ratio, and
components that can be fused one after the other.
"""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.quaternions import product, renormalise, rotation
from lander_estimation.layout import (
    ACCELEROMETER_BIAS,
    D_ACCELEROMETER_BIAS,
    D_ATTITUDE,
    D_POSITION,
    D_VELOCITY,
    ERROR_SIZE,
    POSITION,
    QUATERNION,
    VELOCITY,
)


@compiled
def project(p: np.void, cov: np.ndarray) -> float:
    """Compare a PREDICTION with its covariance: write innovation variance, whitened innovation and gain.

    Returns:
        The squared Mahalanobis distance of the innovation; NaN if it cannot be computed.
    """
    lower, gain = p.lower, p.gain
    total = 0.0
    for i in range(p.size):
        for j in range(ERROR_SIZE):
            gain[i, j] = 0.0
        for k in range(ERROR_SIZE):
            h = p.jacobian[i, k]
            if h != 0.0:
                for j in range(ERROR_SIZE):
                    gain[i, j] += h * cov[k, j]
        for j in range(i + 1):
            s = p.noise[i] if i == j else 0.0
            for k in range(ERROR_SIZE):
                h = p.jacobian[j, k]
                if h != 0.0:
                    s += h * gain[i, k]
            lower[i, j] = s
        p.innovation_variance[i] = lower[i, i]
    for i in range(p.size):
        white = p.innovation[i]
        for j in range(i):
            for k in range(j):
                lower[i, j] -= lower[i, k] * lower[j, k]
            lower[i, j] /= lower[j, j]
            lower[i, i] -= lower[i, j] * lower[i, j]
            white -= lower[i, j] * p.white[j]
            for k in range(ERROR_SIZE):
                gain[i, k] -= lower[i, j] * gain[j, k]
        lower[i, i] = math.sqrt(lower[i, i])
        p.white[i] = white / lower[i, i]
        for k in range(ERROR_SIZE):
            gain[i, k] /= lower[i, i]
            total += gain[i, k]
        total += p.white[i]
    distance = 0.0
    for i in range(p.size):
        distance += p.white[i] * p.white[i]
    return distance if math.isfinite(total) else math.nan


@compiled
def apply(p: np.void, x: np.ndarray, cov: np.ndarray, correction: np.ndarray) -> None:
    """Fuse a projected PREDICTION into state and covariance, in place; `correction`, (17,), is written."""
    for k in range(ERROR_SIZE):
        correction[k] = 0.0
    for i in range(p.size):
        gain, white = p.gain[i], p.white[i]
        for k in range(ERROR_SIZE):
            correction[k] += white * gain[k]
        for k in range(ERROR_SIZE):
            h = gain[k]
            for j in range(ERROR_SIZE):
                cov[k, j] -= h * gain[j]
    for k in range(ERROR_SIZE):
        cov[k, k] = max(cov[k, k], 0.0)
    inject(x, correction)


@compiled
def inject(x: np.ndarray, error: np.ndarray) -> None:
    """Add an error state, (17,), to the nominal state, (18,), in place."""
    for i in range(3):
        x[POSITION + i] += error[D_POSITION + i]
        x[VELOCITY + i] += error[D_VELOCITY + i]
    q = (x[QUATERNION], x[QUATERNION + 1], x[QUATERNION + 2], x[QUATERNION + 3])
    turn = rotation(1.0, (error[D_ATTITUDE], error[D_ATTITUDE + 1], error[D_ATTITUDE + 2]))
    q = renormalise(product(turn, q))
    for i in range(4):
        x[QUATERNION + i] = q[i]
    for k in range(ERROR_SIZE - D_ACCELEROMETER_BIAS):
        x[ACCELEROMETER_BIAS + k] += error[D_ACCELEROMETER_BIAS + k]

"""The star tracker: attitude in the Moon-fixed frame, all three axes."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.quaternions import conjugate, matrix, product
from lander_common.vectors import dot, turn
from lander_estimation.layout import D_ATTITUDE, QUATERNION
from lander_estimation.outcome import BAD_QUATERNION, BAD_VARIANCE, NO_REASON


@compiled
def defect(item: np.void) -> int:
    """Say why a fix must not be used, whatever the state is."""
    square = 0.0
    for i in range(4):
        square += item.value[i] * item.value[i]
    if not abs(math.sqrt(square) - 1.0) < 1e-3:
        return BAD_QUATERNION
    for i in range(3):
        if not 0.0 < item.variance[i] < math.inf:
            return BAD_VARIANCE
    return NO_REASON


@compiled
def predict(est: np.void, item: np.void) -> int:
    """Write to `est.prediction` the rotation [rad] from the estimate to a fix.

    Components are about the boresight and across it, or about base_link axes if the noise has no such form.
    """
    x, p = est.x, est.prediction
    q = (x[QUATERNION], x[QUATERNION + 1], x[QUATERNION + 2], x[QUATERNION + 3])
    turned = product(conjugate(q), (item.value[0], item.value[1], item.value[2], item.value[3]))
    sign = 1.0 if turned[3] >= 0.0 else -1.0
    s = math.sqrt(turned[0] * turned[0] + turned[1] * turned[1] + turned[2] * turned[2])
    k = 2.0 * sign * (math.atan2(s, sign * turned[3]) / s if s > 1e-12 else 1.0)
    m, axes = matrix(q), est.model.star_axes
    noise = tracker_noise(item.variance, axes) if est.model.star_boresight else (-1.0, -1.0)
    along = noise[0] > 0.0
    p.size = 3
    p.jacobian[:] = 0.0
    p.scatter = 0.0
    for i in range(3):
        axis = (1.0 * (i == 0), 1.0 * (i == 1), 1.0 * (i == 2))
        if along:
            axis = (axes[i, 0], axes[i, 1], axes[i, 2])
        p.observation[i] = p.innovation[i] = k * dot(axis, (turned[0], turned[1], turned[2]))
        p.variance[i] = p.noise[i] = (noise[0] if i == 0 else noise[1]) if along else item.variance[i]
        p.scatter = max(p.scatter, p.noise[i])
        row = turn(m, axis)
        for j in range(3):
            p.jacobian[i, D_ATTITUDE + j] = row[j]
    return NO_REASON


@compiled
def tracker_noise(variance: np.ndarray, axes: np.ndarray) -> tuple[float, float]:
    """Return the variances about and across the boresight, given those about the base_link axes, (3,).

    A tracker measures worse about its boresight than across it, so its errors about other axes depend on
    each other. Negative if the variances are not those of such a tracker.
    """
    fourth, total, weighted = 0.0, 0.0, 0.0
    for i in range(3):
        square = axes[0, i] * axes[0, i]
        fourth += square * square
        total += variance[i]
        weighted += square * variance[i]
    across = (weighted - fourth * total) / (1.0 - 3.0 * fourth)
    about = total - 2.0 * across
    for i in range(3):
        expected = across + (about - across) * axes[0, i] * axes[0, i]
        if not (across > 0.0 and about > 0.0 and abs(expected - variance[i]) < 0.01 * variance[i]):
            return -1.0, -1.0
    return about, across

"""The star tracker: attitude in the Moon-fixed frame, all three axes."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_estimation.layout import D_ATTITUDE, QUATERNION
from lander_estimation.outcome import BAD_QUATERNION, BAD_VARIANCE, NO_REASON
from lander_estimation.vectors import conjugate, matrix, product


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
    """Write to `est.prediction` the rotation from the estimate to a fix, about base_link axes [rad]."""
    x, p = est.x, est.prediction
    q = (x[QUATERNION], x[QUATERNION + 1], x[QUATERNION + 2], x[QUATERNION + 3])
    turned = product(conjugate(q), (item.value[0], item.value[1], item.value[2], item.value[3]))
    sign = 1.0 if turned[3] >= 0.0 else -1.0
    s = math.sqrt(turned[0] * turned[0] + turned[1] * turned[1] + turned[2] * turned[2])
    k = 2.0 * sign * (math.atan2(s, sign * turned[3]) / s if s > 1e-12 else 1.0)
    m = matrix(q)
    p.size = 3
    p.jacobian[:] = 0.0
    p.scatter = 0.0
    for i in range(3):
        p.observation[i] = p.innovation[i] = k * turned[i]
        p.variance[i] = p.noise[i] = item.variance[i]
        p.scatter = max(p.scatter, item.variance[i])
        for j in range(3):
            p.jacobian[i, D_ATTITUDE + j] = m[j][i]
    return NO_REASON

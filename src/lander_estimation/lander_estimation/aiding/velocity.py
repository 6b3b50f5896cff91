"""The velocity sensor: velocity over the ground in base_link, whatever components it measures.

A camera that follows the ground and a Doppler velocimeter are the same source: components that a sensor does
not measure are NaN, and the variance tells the rest.
"""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.quaternions import matrix
from lander_common.vectors import cross, turn_back
from lander_estimation.layout import D_ATTITUDE, D_VELOCITY, QUATERNION, VELOCITY
from lander_estimation.outcome import BAD_VARIANCE, BAD_VELOCITY, NO_REASON


@compiled
def empty(velocity: np.ndarray) -> bool:
    """Return whether no component was measured."""
    return math.isnan(velocity[0]) and math.isnan(velocity[1]) and math.isnan(velocity[2])


@compiled
def defect(item: np.void, model: np.void) -> int:
    """Say why a velocity must not be used, whatever the state is."""
    for i in range(3):
        if abs(item.value[i]) > model.velocity_limit:
            return BAD_VELOCITY
    for i in range(3):
        if not math.isnan(item.value[i]) and not 0.0 < item.variance[i] < math.inf:
            return BAD_VARIANCE
    return NO_REASON


@compiled
def predict(est: np.void, item: np.void) -> int:
    """Write to `est.prediction` the measured components against the state."""
    x, p = est.x, est.prediction
    m = matrix((x[QUATERNION], x[QUATERNION + 1], x[QUATERNION + 2], x[QUATERNION + 3]))
    v = (x[VELOCITY], x[VELOCITY + 1], x[VELOCITY + 2])
    expected = turn_back(m, v)
    p.size = 0
    p.jacobian[:] = 0.0
    p.scatter = 0.0
    for i in range(3):
        if math.isnan(item.value[i]):
            continue
        k = p.size
        p.observation[k] = item.value[i]
        p.innovation[k] = item.value[i] - expected[i]
        p.variance[k] = p.noise[k] = item.variance[i]
        p.scatter = max(p.scatter, item.variance[i])
        axis = (m[0][i], m[1][i], m[2][i])
        across = cross(v, axis)
        for j in range(3):
            p.jacobian[k, D_VELOCITY + j] = axis[j]
            p.jacobian[k, D_ATTITUDE + j] = -across[j]
        p.size += 1
    return NO_REASON

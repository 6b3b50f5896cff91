"""The range finder: a slant range along the beam to the believed ground."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_common.quaternions import matrix
from lander_common.vectors import Vector, add_scaled, cross, dot, length, turn
from lander_estimation.layout import (
    D_ATTITUDE,
    D_POSITION,
    D_RANGE_BIAS,
    D_TERRAIN,
    POSITION,
    QUATERNION,
    RANGE_BIAS,
    TERRAIN,
)
from lander_estimation.outcome import BAD_RANGE, BAD_VARIANCE, GRAZES, MISSES, NO_BEAM, NO_REASON
from lander_estimation.terrain import difference

_RATE = 0.1  # [-] weight of a new range against all before, at most
_LEARN = 3.0  # [sigma] what is farther off counts as if it were that


@compiled
def defect(item: np.void, model: np.void) -> int:
    """Say why a range must not be used, whatever the state is."""
    if not 0 <= item.beam < model.beams:
        return NO_BEAM
    if not 0.0 < item.value[0] <= model.range_limit:
        return BAD_RANGE
    return NO_REASON if 0.0 < item.variance[0] < math.inf else BAD_VARIANCE


@compiled
def ray(x: np.ndarray, mount: np.ndarray, beam: np.ndarray) -> tuple[float, float, Vector, Vector, Vector]:
    """Follow the beam from state `x`, (18,), to the believed ground: a sphere at the terrain height.

    Args:
        x: nominal state.
        mount: aperture in base_link [m], (3,).
        beam: unit vector in base_link, (3,).

    Returns:
        Range [m] without bias; cosine of the incidence, NaN if the beam misses the sphere; footprint [m]
        moon; gradients of the range with respect to position and attitude.
    """
    m = matrix((x[QUATERNION], x[QUATERNION + 1], x[QUATERNION + 2], x[QUATERNION + 3]))
    p = (x[POSITION], x[POSITION + 1], x[POSITION + 2])
    arm, u = turn(m, mount), turn(m, beam)
    origin = add_scaled(p, 1.0, arm)
    along = dot(origin, u)
    radius = MOON_RADIUS + x[TERRAIN]
    root = along * along - dot(origin, origin) + radius * radius
    if not root > 0.0 or along >= 0.0:
        return math.nan, math.nan, p, p, p
    distance = -along - math.sqrt(root)
    foot = add_scaled(origin, distance, u)
    k = 1.0 / length(foot)
    normal = (k * foot[0], k * foot[1], k * foot[2])
    cosine = -dot(normal, u)
    to_position = (normal[0] / cosine, normal[1] / cosine, normal[2] / cosine)
    return distance, cosine, foot, to_position, cross(add_scaled(arm, distance, u), to_position)


@compiled
def _claimed(item: np.void, model: np.void) -> float:
    """Return the variance of a range [m^2] by what the device says and what the ground does to it."""
    scale = model.degraded_scale if item.degraded else 1.0
    return item.variance[0] * scale * scale + model.roughness


@compiled
def _unclaimed(memory: np.void, claimed: float) -> float:
    """Return the variance [m^2] to be added to that claimed: less than as much again is chance."""
    return max(0.0, memory.loudness - claimed)


@compiled
def predict(est: np.void, item: np.void) -> int:
    """Write to `est.prediction` a range against the state, or say why the beam does not meet the ground."""
    model, x, p = est.model, est.x, est.prediction
    distance, cosine, foot, to_position, to_attitude = ray(x, model.mount[item.beam], model.beam[item.beam])
    if not cosine >= model.min_cosine:
        return MISSES if math.isnan(cosine) else GRAZES
    claimed = _claimed(item, model)
    p.size = 1
    p.observation[0] = item.value[0]
    p.variance[0] = item.variance[0]
    p.innovation[0] = item.value[0] - distance
    p.noise[0] = claimed + _unclaimed(est.beams[item.beam], claimed)
    p.cosine = cosine
    p.jacobian[0, :] = 0.0
    for i in range(3):
        p.jacobian[0, D_POSITION + i] = to_position[i]
        p.jacobian[0, D_ATTITUDE + i] = to_attitude[i]
        p.foot[i] = foot[i]
    p.jacobian[0, D_TERRAIN] = -1.0 / cosine
    if item.beam == 0:
        p.innovation[0] -= x[RANGE_BIAS]
        p.jacobian[0, D_RANGE_BIAS] = 1.0
    else:
        p.noise[0] += model.range_bias_variance  # its own, which is no state
    return NO_REASON


@compiled
def listen(est: np.void, item: np.void) -> None:
    """Learn from a range within the gate, in `est.prediction`, how much noisier the beam is than it says.

    The squared innovation shows it, less what it should be, and best where the range has the largest share
    in that. A reading that comes again is no noise.
    """
    memory, p = est.beams[item.beam], est.prediction
    if memory.repeats > 0:
        return
    variance = p.innovation_variance[0]
    share = p.noise[0] / variance
    seen = min(p.innovation[0] * p.innovation[0], _LEARN * _LEARN * variance)
    seen -= variance - _unclaimed(memory, _claimed(item, est.model))
    memory.loudness += _RATE * share * share * (seen - memory.loudness)


@compiled
def terrain_aside(x: np.ndarray, model: np.void) -> float:
    """Return the variance of the terrain below the lander against that in the footprint [m^2]."""
    _, cosine, foot, _, _ = ray(x, model.mount[0], model.beam[0])
    if not cosine >= model.min_cosine:
        return 0.0
    p = (x[POSITION], x[POSITION + 1], x[POSITION + 2])
    return difference(length(cross(foot, p)) / length(p), model)

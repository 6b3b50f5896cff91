"""Attitude control: from a wanted thrust direction to a torque that the RCS can give."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.quaternions import Quaternion, align_z, conjugate, product, rotate, rotation_vector, z_axis
from lander_common.vectors import (
    Symmetric,
    Vector,
    add,
    add_scaled,
    cross,
    dot,
    length,
    limited,
    put,
    scale,
    shortened,
    subtract,
    transform,
    unit,
)

_SMOOTHING = 0.6  # [s] time constant of the direction that is flown: the ground below is rough
_STOPPING = 0.5  # of the torque that stopping counts on
_OVER_SLEW = 1.5  # of the slew: fastest rate that is commanded while catching up
_INTEGRAL_GAIN = 0.3  # [1/s] of rate error into standing torque
_INTEGRAL_SHARE = 0.4  # of the torque limit that a standing torque may use
_LONGEST_INTEGRAL = 0.2  # [s] longer steps are coast: no engine disturbs the attitude

ATTITUDE = np.dtype([
    ('flying', np.int64),  # 0: there is no flown direction yet
    ('direction', float, 3),  # moon, unit vector: the direction that is flown now
    ('standing', float, 3),  # [N m] torque against what disturbs all the time
    ('torque', float, 3),  # [N m] base_link
    ('error', float),  # [rad] between thrust axis and flown direction
])


@compiled
def release(a: np.void) -> None:
    """Forget the flown direction and the standing torque: the vehicle stands."""
    a.flying = 0
    put(a.standing, (0.0, 0.0, 0.0))
    put(a.torque, (0.0, 0.0, 0.0))
    a.error = math.nan


@compiled
def control(a: np.void, wanted: Vector, left: Vector, slew: float, attitude: Quaternion, rate: Vector,
            inertia: Symmetric, dt: float, gains: tuple[float, float], limit: Vector) -> None:
    """Turn the thrust axis towards `wanted`, +x in the plane of the track; write torque and error.

    `wanted` and `left` (normal of the track) are unit vectors in moon, `slew` [rad/s] the fastest turn,
    `gains` [1/s] those of attitude and rate, `limit` [N m] the torque per axis. The direction that is flown
    follows the wanted one smoothly, no faster than `slew`.
    """
    axis = z_axis(attitude)
    if not a.flying:
        a.flying = 1
        put(a.direction, axis)
    turn = _follow(a, wanted, left, slew * dt, dt / (dt + _SMOOTHING))
    direction, back = a.direction, conjugate(attitude)
    forward = cross(left, direction)
    if dot(forward, forward) < 1e-6:
        forward = add_scaled(rotate(attitude, (1.0, 0.0, 0.0)), 1e-2, left)
    error = rotation_vector(product(back, align_z(unit(direction), forward)))
    # A torque is held for a whole step: gains that grow beyond its length would swing.
    rate_gain = min(gains[1], 0.5 / dt)
    attitude_gain = min(gains[0], 0.25 * rate_gain)
    feed = shortened(rotate(back, scale(1.0 / max(dt, 1e-6), turn)), slew)
    # No faster than the torque can stop in the angle that is left, or in a second.
    brake = weakest(inertia, limit)
    angle = max(math.atan2(length(cross(axis, wanted)), dot(axis, wanted)), length(error))
    fastest = max(math.sqrt(2.0 * _STOPPING * brake * angle), brake)
    wanted_rate = add(shortened(scale(attitude_gain, error), slew), feed)
    wanted_rate = shortened(wanted_rate, min(fastest, _OVER_SLEW * slew))
    push = transform(inertia, subtract(wanted_rate, rate))
    gyroscopic = cross(rate, transform(inertia, rate))
    for i in range(3):
        standing, most = a.standing[i], limit[i]
        torque = rate_gain * push[i] + gyroscopic[i] + standing
        kept = standing + dt * _INTEGRAL_GAIN * push[i] if dt <= _LONGEST_INTEGRAL else 0.0
        kept = limited(kept, -_INTEGRAL_SHARE * most, _INTEGRAL_SHARE * most)
        if abs(torque) > most:
            torque = limited(torque, -most, most)
            kept = limited(kept, -abs(standing), abs(standing))
        a.torque[i], a.standing[i] = torque, kept
    a.error = math.atan2(length(cross(axis, direction)), dot(axis, direction))


@compiled
def weakest(inertia: Symmetric, limit: Vector) -> float:
    """Return the angular acceleration [rad/s^2] of the torque `limit` [N m] about the weakest axis."""
    return min(limit[0] / inertia[0], limit[1] / inertia[1], limit[2] / inertia[2])


@compiled
def _follow(a: np.void, wanted: Vector, spare: Vector, largest: float, share: float) -> Vector:
    """Turn the flown direction by a share of the way to `wanted`, at most `largest` [rad]; return the turn.

    `spare` serves as the axis at 180 deg.
    """
    now = (a.direction[0], a.direction[1], a.direction[2])
    across = cross(now, wanted)
    sine, cosine = length(across), dot(now, wanted)
    turn = min(share * math.atan2(sine, cosine), largest)
    if turn < 1e-9:
        return 0.0, 0.0, 0.0
    if sine < 1e-9:
        across = add_scaled(spare, -dot(spare, now), now)
        sine = length(across)
    pivot = scale(1.0 / sine, across)
    turned = add_scaled(scale(math.cos(turn), now), math.sin(turn), cross(pivot, now))
    put(a.direction, unit(turned))
    return scale(turn, pivot)

"""Motion far above the ground over one integration step, faster than `rigid_body.advance`.

Nothing but thrust turns the body then, so that its rotation comes first: Runge-Kutta for the rate, and the
turn as one rotation vector from it (Magnus). What thrust gives is then known as a series about the middle of
the step: sums over it are exact to the third power of its length. Gravity follows from Simpson's rule.
"""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RATE
from lander_common.gravity import fictitious, gravity
from lander_common.quaternions import Quaternion, matrix, renormalise
from lander_common.vectors import (
    Matrix,
    Vector,
    add,
    add_scaled,
    cross,
    dot,
    scale,
    subtract,
    transform,
    turn,
)
from lander_sim.propulsion import Thrust
from lander_sim.rigid_body import Body, angular_acceleration, specific_force

_SHORT = 0.02  # [s] over a step of this length gravity may be taken from its middle


@compiled
def turned(q: Quaternion, v: Vector, h: float) -> Quaternion:
    """Return the attitude q after a turn of the body by v [rad], and one of the Moon over h [s]."""
    square = 0.25 * dot(v, v)
    if square < 1e-4:  # the next terms are below 1e-18
        c = 1.0 - square * (0.5 - square * (1.0 / 24.0 - square / 720.0))
        s = 0.5 - square * (1.0 / 12.0 - square * (1.0 / 240.0 - square / 10080.0))
    else:
        half = math.sqrt(square)
        c, s = math.cos(half), 0.5 * math.sin(half) / half
    x, y, z = s * v[0], s * v[1], s * v[2]
    a = (q[3] * x + q[0] * c + q[1] * z - q[2] * y, q[3] * y - q[0] * z + q[1] * c + q[2] * x,
         q[3] * z + q[0] * y - q[1] * x + q[2] * c, q[3] * c - q[0] * x - q[1] * y - q[2] * z)
    m = -0.5 * MOON_RATE * h
    n = 1.0 - 0.5 * m * m
    return n * a[0] - m * a[1], n * a[1] + m * a[0], n * a[2] + m * a[3], n * a[3] - m * a[2]


@compiled
def _field(p: Vector, v: Vector, r: Matrix, centre: Vector) -> Vector:
    return add(gravity(add(p, turn(r, centre))), fictitious(p, v))


@compiled
def glide(y: np.ndarray, h: float, b: Body, thrust: Thrust) -> None:
    """Integrate state and integrals, see rigid_body, over h [s]; the means of `thrust` are in `b` too."""
    w = (y[10], y[11], y[12])
    k1 = angular_acceleration(b, b.torque, w)
    k2 = angular_acceleration(b, b.torque, add_scaled(w, 0.5 * h, k1))
    k3 = angular_acceleration(b, b.torque, add_scaled(add_scaled(w, -h, k1), 2.0 * h, k2))
    half_rate = add_scaled(w, h / 24.0, subtract(add(scale(5.0, k1), scale(8.0, k2)), k3))
    end_rate = add_scaled(w, h / 6.0, add(k1, add_scaled(k3, 4.0, k2)))
    # Torque that comes early in the step turns further than its mean.
    early = transform(b.inverse, subtract(thrust.early_torque, cross(b.centre, thrust.early_force)))
    angle = add_scaled(early, h / 6.0, add(w, add_scaled(end_rate, 4.0, half_rate)))
    q = (y[6], y[7], y[8], y[9])
    half_turn = add_scaled(scale(0.25 * h, add(w, half_rate)), h * h / 48.0, cross(w, half_rate))
    r = matrix(turned(q, half_turn, 0.5 * h))
    y[6], y[7], y[8], y[9] = renormalise(turned(q, add_scaled(angle, h * h / 12.0, cross(w, end_rate)), h))

    p, v = (y[0], y[1], y[2]), (y[3], y[4], y[5])
    felt = specific_force(b, b.force, k2, half_rate)
    push = turn(r, felt)
    if h > _SHORT:
        before = _field(p, v, matrix(q), b.centre)
        total = add(push, before)
        half_p = add_scaled(add_scaled(p, 0.5 * h, v), 0.125 * h * h, total)
        half_v = add_scaled(v, 0.5 * h, total)
        middle = _field(half_p, half_v, r, b.centre)
        total = add(push, middle)
        end_p = add_scaled(add_scaled(p, h, v), 0.5 * h * h, total)
        after = _field(end_p, add_scaled(v, h, total), r, b.centre)
        pull = scale(1.0 / 6.0, add(before, add_scaled(after, 4.0, middle)))
        fall = scale(1.0 / 6.0, add_scaled(before, 2.0, middle))
    else:
        half_p = add_scaled(p, 0.5 * h, v)
        weight = gravity(add(half_p, turn(r, b.centre)))
        pull = add(weight, fictitious(half_p, add_scaled(v, 0.5 * h, add(push, weight))))
        fall = scale(0.5, pull)
    # Force that comes early carries further than its mean, and acts in the attitude of that time.
    shift = subtract(scale(b.inverse_mass, thrust.early_force), cross(early, b.centre))
    swing = cross(half_rate, felt)
    bend = add(cross(k2, felt), cross(half_rate, swing))
    gain = turn(r, subtract(scale(h, add_scaled(felt, h * h / 24.0, bend)), cross(half_rate, shift)))
    way = turn(r, add_scaled(add_scaled(shift, 0.5 * h * h, felt), -h * h * h / 12.0, swing))
    y[0], y[1], y[2] = add_scaled(add_scaled(add(p, way), h, v), h * h, fall)
    y[3], y[4], y[5] = add_scaled(add(v, gain), h, pull)
    y[10], y[11], y[12] = end_rate
    y[13], y[14], y[15] = add((y[13], y[14], y[15]), angle)
    y[16], y[17], y[18] = add_scaled((y[16], y[17], y[18]), h, felt)

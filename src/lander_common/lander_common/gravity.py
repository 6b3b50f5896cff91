"""Accelerations in the rotating frame `moon`, as tuples; the same for arrays: lander_common.moon."""

import math

from lander_common import constants
from lander_common.compiled import compiled
from lander_common.vectors import Vector, add

_J2_TERM = 1.5 * constants.MOON_J2 * constants.MOON_GRAVITY_RADIUS**2


@compiled
def gravity(p: Vector) -> Vector:
    """Return the gravitational acceleration [m/s^2] at p [m], with J2."""
    r2 = p[0] * p[0] + p[1] * p[1] + p[2] * p[2]
    k = -constants.MOON_GM / (r2 * math.sqrt(r2))
    u = 5.0 * p[2] * p[2] / r2
    j = _J2_TERM / r2
    return (k * p[0] * (1.0 + j * (1.0 - u)), k * p[1] * (1.0 + j * (1.0 - u)),
            k * p[2] * (1.0 + j * (3.0 - u)))


@compiled
def fictitious(p: Vector, v: Vector) -> Vector:
    """Return Coriolis and centrifugal acceleration [m/s^2] at p [m] with the velocity v [m/s]."""
    rate = constants.MOON_RATE
    return rate * (2.0 * v[1] + rate * p[0]), rate * (-2.0 * v[0] + rate * p[1]), 0.0


@compiled
def free_fall(p: Vector, v: Vector) -> Vector:
    """Return the acceleration [m/s^2] of an unpowered body at p [m] with the velocity v [m/s]."""
    return add(gravity(p), fictitious(p, v))

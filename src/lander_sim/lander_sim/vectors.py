"""Vectors as tuples of three floats: kernels that run every millisecond allocate no memory for them.

Arguments may be tuples or arrays; results are tuples. Symmetric matrices are xx, yy, zz, xy, xz, yz. What
lander_common.rotations and moon have too gives the same bits here.
"""

import numpy as np

from lander_common import constants
from lander_common.compiled import compiled

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
Symmetric = tuple[float, float, float, float, float, float]
Matrix = tuple[Vector, Vector, Vector]

_J2_TERM = 1.5 * constants.MOON_J2 * constants.MOON_GRAVITY_RADIUS**2


@compiled
def add(a: Vector, b: Vector) -> Vector:
    """Return a + b."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


@compiled
def subtract(a: Vector, b: Vector) -> Vector:
    """Return a - b."""
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


@compiled
def scale(k: float, a: Vector) -> Vector:
    """Return k a."""
    return k * a[0], k * a[1], k * a[2]


@compiled
def ahead(a: Vector, k: float, b: Vector) -> Vector:
    """Return a + k b."""
    return a[0] + k * b[0], a[1] + k * b[1], a[2] + k * b[2]


@compiled
def dot(a: Vector, b: Vector) -> float:
    """Return the scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@compiled
def cross(a: Vector, b: Vector) -> Vector:
    """Return the vector product."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


@compiled
def across(a: Vector, normal: Vector) -> Vector:
    """Return the part of a that is perpendicular to a unit vector."""
    return subtract(a, scale(dot(a, normal), normal))


@compiled
def matrix(q: np.ndarray) -> Matrix:
    """Return the rows of the rotation matrix of a quaternion, shape (4,)."""
    x, y, z, w = q[0], q[1], q[2], q[3]
    return ((1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - z * w), 2.0 * (x * z + y * w)),
            (2.0 * (x * y + z * w), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - x * w)),
            (2.0 * (x * z - y * w), 2.0 * (y * z + x * w), 1.0 - 2.0 * (x * x + y * y)))


@compiled
def turn(m: Matrix, a: Vector) -> Vector:
    """Return m a."""
    return dot(m[0], a), dot(m[1], a), dot(m[2], a)


@compiled
def turn_back(m: Matrix, a: Vector) -> Vector:
    """Return the transpose of m times a."""
    return (m[0][0] * a[0] + m[1][0] * a[1] + m[2][0] * a[2],
            m[0][1] * a[0] + m[1][1] * a[1] + m[2][1] * a[2],
            m[0][2] * a[0] + m[1][2] * a[1] + m[2][2] * a[2])


@compiled
def normalise(q: np.ndarray) -> tuple[float, float, float, float]:
    """Return q scaled to unit length, as lander_common.rotations.normalise."""
    length = np.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    return q[0] / length, q[1] / length, q[2] / length, q[3] / length


@compiled
def gravity(p: Vector) -> Vector:
    """Return the gravitational acceleration [m/s^2] moon, as lander_common.moon.gravity."""
    r2 = p[0] ** 2 + p[1] ** 2 + p[2] ** 2
    r = np.sqrt(r2)
    k = -constants.MOON_GM / (r2 * r)
    u = 5.0 * p[2] ** 2 / r2
    j = _J2_TERM / r2
    return (k * p[0] * (1.0 + j * (1.0 - u)),
            k * p[1] * (1.0 + j * (1.0 - u)),
            k * p[2] * (1.0 + j * (3.0 - u)))


@compiled
def fictitious(p: Vector, v: Vector) -> Vector:
    """Return Coriolis and centrifugal acceleration [m/s^2] moon, as lander_common.moon.fictitious."""
    rate = constants.MOON_RATE
    return rate * (2.0 * v[1] + rate * p[0]), rate * (-2.0 * v[0] + rate * p[1]), 0.0


@compiled
def multiply(s: Symmetric, a: Vector) -> Vector:
    """Return s a."""
    return (s[0] * a[0] + s[3] * a[1] + s[4] * a[2],
            s[3] * a[0] + s[1] * a[1] + s[5] * a[2],
            s[4] * a[0] + s[5] * a[1] + s[2] * a[2])


@compiled
def invert(s: Symmetric) -> Symmetric:
    """Return the inverse of s."""
    xx = s[1] * s[2] - s[5] * s[5]
    xy = s[4] * s[5] - s[3] * s[2]
    xz = s[3] * s[5] - s[4] * s[1]
    k = 1.0 / (s[0] * xx + s[3] * xy + s[4] * xz)
    return (k * xx, k * (s[0] * s[2] - s[4] * s[4]), k * (s[0] * s[1] - s[3] * s[3]),
            k * xy, k * xz, k * (s[3] * s[4] - s[0] * s[5]))

"""Vectors and quaternions (x, y, z, w) as tuples of floats: kernels allocate no memory for them.

Arguments may be tuples or arrays; results are tuples. A quaternion `q_a_b` and its matrix turn vectors given
in frame b into frame a.
"""

import math

import numpy as np

from lander_common import constants
from lander_common.compiled import compiled

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
Matrix = tuple[Vector, Vector, Vector]

_J2_TERM = 1.5 * constants.MOON_J2 * constants.MOON_GRAVITY_RADIUS**2
_SMALL = 1e-3  # [rad^2] below, three terms of the series are exact


@compiled
def dot(a: Vector, b: Vector) -> float:
    """Return the scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@compiled
def cross(a: Vector, b: Vector) -> Vector:
    """Return the vector product."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


@compiled
def length(a: Vector) -> float:
    """Return the length."""
    return math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])


@compiled
def add_scaled(a: Vector, k: float, b: Vector) -> Vector:
    """Return a + k b."""
    return a[0] + k * b[0], a[1] + k * b[1], a[2] + k * b[2]


@compiled
def matrix(q: Quaternion) -> Matrix:
    """Return the rows of the rotation matrix of a unit quaternion."""
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
def product(p: Quaternion, q: Quaternion) -> Quaternion:
    """Return the quaternion product `p q`: first rotate by q, then by p."""
    return (p[3] * q[0] + p[0] * q[3] + p[1] * q[2] - p[2] * q[1],
            p[3] * q[1] - p[0] * q[2] + p[1] * q[3] + p[2] * q[0],
            p[3] * q[2] + p[0] * q[1] - p[1] * q[0] + p[2] * q[3],
            p[3] * q[3] - p[0] * q[0] - p[1] * q[1] - p[2] * q[2])


@compiled
def conjugate(q: Quaternion) -> Quaternion:
    """Return the inverse rotation of a unit quaternion."""
    return -q[0], -q[1], -q[2], q[3]


@compiled
def renormalise(q: Quaternion) -> Quaternion:
    """Return q scaled to unit length, for a q whose length is 1 but for rounding."""
    k = 1.5 - 0.5 * (q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    return k * q[0], k * q[1], k * q[2], k * q[3]


@compiled
def rotation(k: float, a: Vector) -> Quaternion:
    """Return the quaternion of a rotation by |k a| rad about a."""
    square = k * k * (a[0] * a[0] + a[1] * a[1] + a[2] * a[2])
    if square < _SMALL:
        s = k * (0.5 - square / 48.0 + square * square / 3840.0)
        c = 1.0 - square / 8.0 + square * square / 384.0
    else:
        angle = math.sqrt(square)
        s, c = k * math.sin(0.5 * angle) / angle, math.cos(0.5 * angle)
    return s * a[0], s * a[1], s * a[2], c


@compiled
def gravity(p: Vector) -> Vector:
    """Return the gravitational acceleration [m/s^2], as lander_common.moon.gravity."""
    r2 = p[0] * p[0] + p[1] * p[1] + p[2] * p[2]
    k = -constants.MOON_GM / (r2 * np.sqrt(r2))
    u = 5.0 * p[2] * p[2] / r2
    j = _J2_TERM / r2
    return (k * p[0] * (1.0 + j * (1.0 - u)), k * p[1] * (1.0 + j * (1.0 - u)),
            k * p[2] * (1.0 + j * (3.0 - u)))

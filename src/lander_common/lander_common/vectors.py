"""Vectors as tuples of three floats: kernels that run every cycle allocate no memory for them.

Arguments may be tuples or arrays; results are tuples. Matrices are tuples of rows; symmetric ones are
xx, yy, zz, xy, xz, yz. Quaternions: lander_common.quaternions.
"""

import math

import numpy as np

from lander_common.compiled import compiled

Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]
Symmetric = tuple[float, float, float, float, float, float]


@compiled
def put(target: np.ndarray, a: Vector) -> None:
    """Write a into `target`, (3,)."""
    target[0], target[1], target[2] = a[0], a[1], a[2]


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
def divide(a: Vector, k: float) -> Vector:
    """Return a / k; `scale(1.0 / k, a)` rounds twice."""
    return a[0] / k, a[1] / k, a[2] / k


@compiled
def add_scaled(a: Vector, k: float, b: Vector) -> Vector:
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
def length(a: Vector) -> float:
    """Return the length."""
    return math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])


@compiled
def unit(a: Vector) -> Vector:
    """Return a scaled to unit length; a vector shorter than 1e-9 stays short."""
    return scale(1.0 / max(length(a), 1e-9), a)


@compiled
def across(a: Vector, normal: Vector) -> Vector:
    """Return the part of a that is perpendicular to a unit vector."""
    return subtract(a, scale(dot(a, normal), normal))


@compiled
def shortened(a: Vector, most: float) -> Vector:
    """Return a, scaled to the length `most` if it is longer."""
    size = length(a)
    return scale(most / size, a) if size > most else (a[0], a[1], a[2])


@compiled
def limited(value: float, least: float, most: float) -> float:
    """Return `value`, but no less than `least` and no more than `most`."""
    return min(max(value, least), most)


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
def transform(s: Symmetric, a: Vector) -> Vector:
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

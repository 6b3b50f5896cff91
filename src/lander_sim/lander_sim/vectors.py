"""Vectors as tuples of three floats: kernels that run every millisecond allocate no memory for them.

Arguments may be tuples or arrays; results are tuples. Symmetric matrices are xx, yy, zz, xy, xz, yz.
"""

import numpy as np

from lander_common.compiled import compiled

Vector = tuple[float, float, float]
Symmetric = tuple[float, float, float, float, float, float]


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
def turn(m: np.ndarray, a: Vector) -> Vector:
    """Return m a; m has shape (3, 3)."""
    return dot(m[0], a), dot(m[1], a), dot(m[2], a)


@compiled
def turn_back(m: np.ndarray, a: Vector) -> Vector:
    """Return the transpose of m times a; m has shape (3, 3)."""
    return dot(m[:, 0], a), dot(m[:, 1], a), dot(m[:, 2], a)


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

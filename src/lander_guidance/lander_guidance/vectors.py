"""Vectors and quaternions as tuples of floats: kernels that run every cycle allocate no memory for them.

Arguments may be tuples or arrays; results are tuples. Symmetric matrices are xx, yy, zz, xy, xz, yz.
"""

import math

import numpy as np

from lander_common import constants
from lander_common.compiled import compiled

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
Symmetric = tuple[float, float, float, float, float, float]

_J2_TERM = 1.5 * constants.MOON_J2 * constants.MOON_GRAVITY_RADIUS**2


@compiled
def put(target: np.ndarray, a: Vector) -> None:
    """Write a into `target`."""
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
def step_along(a: Vector, k: float, b: Vector) -> Vector:
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
def shortened(a: Vector, most: float) -> Vector:
    """Return a, scaled to the length `most` if it is longer."""
    size = length(a)
    return scale(most / size, a) if size > most else (a[0], a[1], a[2])


@compiled
def limited(value: float, least: float, most: float) -> float:
    """Return `value`, but no less than `least` and no more than `most`."""
    return min(max(value, least), most)


@compiled
def multiply(p: Quaternion, q: Quaternion) -> Quaternion:
    """Return the quaternion product: first rotate by q, then by p."""
    return (p[3] * q[0] + p[0] * q[3] + p[1] * q[2] - p[2] * q[1],
            p[3] * q[1] - p[0] * q[2] + p[1] * q[3] + p[2] * q[0],
            p[3] * q[2] + p[0] * q[1] - p[1] * q[0] + p[2] * q[3],
            p[3] * q[3] - p[0] * q[0] - p[1] * q[1] - p[2] * q[2])


@compiled
def conjugate(q: Quaternion) -> Quaternion:
    """Return the inverse rotation of a unit quaternion."""
    return -q[0], -q[1], -q[2], q[3]


@compiled
def rotate(q: Quaternion, v: Vector) -> Vector:
    """Rotate v by the unit quaternion q."""
    u = (q[0], q[1], q[2])
    t = scale(2.0, cross(u, v))
    return add(step_along(v, q[3], t), cross(u, t))


@compiled
def z_axis(q: Quaternion) -> Vector:
    """Return where the unit quaternion q turns +z to."""
    return (2.0 * (q[0] * q[2] + q[3] * q[1]), 2.0 * (q[1] * q[2] - q[3] * q[0]),
            1.0 - 2.0 * (q[0] * q[0] + q[1] * q[1]))


@compiled
def align_z(direction: Vector, forward: Vector) -> Quaternion:
    """Return the attitude whose +z is the unit vector `direction` and whose +x is nearest to `forward`.

    The two must not be parallel. Shepperd's method: divide by the largest of the four components.
    """
    z = direction
    y = unit(cross(z, forward))
    x = cross(y, z)
    trace = x[0] + y[1] + z[2]
    if trace >= max(x[0], y[1], z[2]):
        q = (y[2] - z[1], z[0] - x[2], x[1] - y[0], 1.0 + trace)
    elif x[0] >= max(y[1], z[2]):
        q = (1.0 + 2.0 * x[0] - trace, x[1] + y[0], x[2] + z[0], y[2] - z[1])
    elif y[1] >= z[2]:
        q = (x[1] + y[0], 1.0 + 2.0 * y[1] - trace, y[2] + z[1], z[0] - x[2])
    else:
        q = (x[2] + z[0], y[2] + z[1], 1.0 + 2.0 * z[2] - trace, x[1] - y[0])
    k = 1.0 / math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    return k * q[0], k * q[1], k * q[2], k * q[3]


@compiled
def rotation_vector(q: Quaternion) -> Vector:
    """Return the rotation vector of q [rad], the shorter way round."""
    sign = 1.0 if q[3] >= 0.0 else -1.0
    u = (q[0], q[1], q[2])
    s = length(u)
    if s < 1e-12:
        return scale(2.0 * sign, u)
    return scale(2.0 * sign * math.atan2(s, sign * q[3]) / s, u)


@compiled
def transform(s: Symmetric, a: Vector) -> Vector:
    """Return s a."""
    return (s[0] * a[0] + s[3] * a[1] + s[4] * a[2],
            s[3] * a[0] + s[1] * a[1] + s[5] * a[2],
            s[4] * a[0] + s[5] * a[1] + s[2] * a[2])


@compiled
def free_fall(r: Vector, v: Vector) -> Vector:
    """Return the acceleration [m/s^2] of an unpowered body in `moon`, as lander_common.moon.free_fall."""
    r2 = dot(r, r)
    k = -constants.MOON_GM / (r2 * math.sqrt(r2))
    j = _J2_TERM / r2
    u = 5.0 * r[2] * r[2] / r2
    across, along = k * (1.0 + j * (1.0 - u)), k * (1.0 + j * (3.0 - u))
    w = constants.MOON_RATE
    return (across * r[0] + w * (2.0 * v[1] + w * r[0]),
            across * r[1] + w * (-2.0 * v[0] + w * r[1]),
            along * r[2])

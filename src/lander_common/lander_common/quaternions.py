"""Unit quaternions x, y, z, w as tuples of floats: kernels that run every cycle allocate no memory for them.

Arguments may be tuples or arrays; results are tuples. A quaternion `q_a_b` and its matrix turn vectors given
in frame b into frame a. The same for arrays: lander_common.rotations.
"""

import math

from lander_common.compiled import compiled
from lander_common.vectors import Matrix, Vector, add, add_scaled, cross, length, scale, unit

Quaternion = tuple[float, float, float, float]

_SMALL = 1e-3  # [rad^2] below, three terms of the series are exact


@compiled
def product(p: Quaternion, q: Quaternion) -> Quaternion:
    """Return the quaternion product `p q`: first rotate by q, then by p."""
    return (p[3] * q[0] + p[0] * q[3] + p[1] * q[2] - p[2] * q[1],
            p[3] * q[1] - p[0] * q[2] + p[1] * q[3] + p[2] * q[0],
            p[3] * q[2] + p[0] * q[1] - p[1] * q[0] + p[2] * q[3],
            p[3] * q[3] - p[0] * q[0] - p[1] * q[1] - p[2] * q[2])


@compiled
def conjugate(q: Quaternion) -> Quaternion:
    """Return the inverse rotation."""
    return -q[0], -q[1], -q[2], q[3]


@compiled
def normalise(q: Quaternion) -> Quaternion:
    """Return q scaled to unit length."""
    size = math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    return q[0] / size, q[1] / size, q[2] / size, q[3] / size


@compiled
def renormalise(q: Quaternion) -> Quaternion:
    """Return q scaled to unit length, for a q whose length is 1 but for rounding."""
    k = 1.5 - 0.5 * (q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    return k * q[0], k * q[1], k * q[2], k * q[3]


@compiled
def matrix(q: Quaternion) -> Matrix:
    """Return the rows of the rotation matrix."""
    x, y, z, w = q[0], q[1], q[2], q[3]
    return ((1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - z * w), 2.0 * (x * z + y * w)),
            (2.0 * (x * y + z * w), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - x * w)),
            (2.0 * (x * z - y * w), 2.0 * (y * z + x * w), 1.0 - 2.0 * (x * x + y * y)))


@compiled
def rotate(q: Quaternion, v: Vector) -> Vector:
    """Rotate v by q."""
    u = (q[0], q[1], q[2])
    t = scale(2.0, cross(u, v))
    return add(add_scaled(v, q[3], t), cross(u, t))


@compiled
def z_axis(q: Quaternion) -> Vector:
    """Return where q turns +z to."""
    return (2.0 * (q[0] * q[2] + q[3] * q[1]), 2.0 * (q[1] * q[2] - q[3] * q[0]),
            1.0 - 2.0 * (q[0] * q[0] + q[1] * q[1]))


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
def rotation_vector(q: Quaternion) -> Vector:
    """Return the rotation vector of q [rad], the shorter way round."""
    sign = 1.0 if q[3] >= 0.0 else -1.0
    u = (q[0], q[1], q[2])
    s = length(u)
    if s < 1e-12:
        return scale(2.0 * sign, u)
    return scale(2.0 * sign * math.atan2(s, sign * q[3]) / s, u)


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
    return normalise(q)

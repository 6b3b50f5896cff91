"""Quaternions (x, y, z, w) and rotation matrices, compiled so that kernels can call them.

A quaternion `q_a_b` rotates vectors given in frame b into frame a.
"""

import math

import numpy as np

from lander_common.compiled import compiled


@compiled
def multiply(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Return the quaternion product `p q`: first rotate by q, then by p. Shapes (4,)."""
    px, py, pz, pw = p
    qx, qy, qz, qw = q
    return np.array([
        pw * qx + px * qw + py * qz - pz * qy,
        pw * qy - px * qz + py * qw + pz * qx,
        pw * qz + px * qy - py * qx + pz * qw,
        pw * qw - px * qx - py * qy - pz * qz,
    ])


@compiled
def conjugate(q: np.ndarray) -> np.ndarray:
    """Return the inverse rotation of a unit quaternion, shape (4,)."""
    return np.array([-q[0], -q[1], -q[2], q[3]])


@compiled
def normalise(q: np.ndarray) -> np.ndarray:
    """Return q scaled to unit length, shape (4,)."""
    return q / math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])


@compiled
def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cross product of two vectors, shape (3,)."""
    return np.array([
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ])


@compiled
def norm(v: np.ndarray) -> float:
    """Return the length of a vector, shape (3,)."""
    return math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])


@compiled
def rotate(q: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Rotate vector v, shape (3,), by the unit quaternion q."""
    u = q[:3]
    t = 2.0 * cross(u, v)
    return v + q[3] * t + cross(u, t)


@compiled
def from_rotation_vector(v: np.ndarray) -> np.ndarray:
    """Return the quaternion of a rotation by |v| rad about v, shape (3,)."""
    angle = norm(v)
    if angle < 1e-8:
        return normalise(np.array([0.5 * v[0], 0.5 * v[1], 0.5 * v[2], 1.0]))
    s = math.sin(0.5 * angle) / angle
    return np.array([s * v[0], s * v[1], s * v[2], math.cos(0.5 * angle)])


@compiled
def to_rotation_vector(q: np.ndarray) -> np.ndarray:
    """Return the rotation vector of q [rad], shape (3,), the shorter way round."""
    sign = 1.0 if q[3] >= 0.0 else -1.0
    s = norm(q[:3])
    if s < 1e-12:
        return 2.0 * sign * q[:3]
    return (2.0 * sign * math.atan2(s, sign * q[3]) / s) * q[:3]


@compiled
def to_matrix(q: np.ndarray) -> np.ndarray:
    """Return the rotation matrix of q, shape (3, 3)."""
    x, y, z, w = q
    return np.array([
        [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - z * w), 2.0 * (x * z + y * w)],
        [2.0 * (x * y + z * w), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - x * w)],
        [2.0 * (x * z - y * w), 2.0 * (y * z + x * w), 1.0 - 2.0 * (x * x + y * y)],
    ])


@compiled
def from_matrix(m: np.ndarray) -> np.ndarray:
    """Return the quaternion of a rotation matrix (Shepperd's method), shape (4,), w >= 0."""
    diagonal = np.array([m[0, 0], m[1, 1], m[2, 2], m[0, 0] + m[1, 1] + m[2, 2]])
    i = int(np.argmax(diagonal))
    q = np.empty(4)
    if i == 3:
        q[0] = m[2, 1] - m[1, 2]
        q[1] = m[0, 2] - m[2, 0]
        q[2] = m[1, 0] - m[0, 1]
        q[3] = 1.0 + diagonal[3]
    else:
        j = (i + 1) % 3
        k = (i + 2) % 3
        q[i] = 1.0 + m[i, i] - m[j, j] - m[k, k]
        q[j] = m[j, i] + m[i, j]
        q[k] = m[k, i] + m[i, k]
        q[3] = m[k, j] - m[j, k]
    q = normalise(q)
    return q if q[3] >= 0.0 else -q


@compiled
def skew(v: np.ndarray) -> np.ndarray:
    """Return the matrix with `skew(v) @ u == cross(v, u)`, shape (3, 3)."""
    return np.array([
        [0.0, -v[2], v[1]],
        [v[2], 0.0, -v[0]],
        [-v[1], v[0], 0.0],
    ])


@compiled
def align_z(direction: np.ndarray, forward: np.ndarray) -> np.ndarray:
    """Return the attitude whose +z is `direction` and whose +x is nearest to `forward`, (4,).

    Both vectors, shape (3,), are given in the parent frame; they must not be parallel.
    """
    z = direction / norm(direction)
    y = cross(z, forward)
    y = y / norm(y)
    x = cross(y, z)
    m = np.empty((3, 3))
    m[:, 0] = x
    m[:, 1] = y
    m[:, 2] = z
    return from_matrix(m)

"""Vectors and quaternions of geometry_msgs as arrays, and back; messages are filled where they are."""

import numpy as np
from geometry_msgs.msg import Point, Quaternion, Vector3


def xyz(message: Vector3 | Point) -> np.ndarray:
    """Return a vector or point as an array, (3,)."""
    return np.array([message.x, message.y, message.z])


def set_xyz(message: Vector3 | Point, v: np.ndarray) -> None:
    """Fill a vector or point from an array, (3,)."""
    message.x, message.y, message.z = v.tolist()


def xyzw(message: Quaternion) -> np.ndarray:
    """Return a quaternion as an array, (4,)."""
    return np.array([message.x, message.y, message.z, message.w])


def set_xyzw(message: Quaternion, q: np.ndarray) -> None:
    """Fill a quaternion from an array, (4,)."""
    message.x, message.y, message.z, message.w = q.tolist()

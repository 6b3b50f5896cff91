"""What can be read of a serialised message without decoding it."""

import struct

_STAMP = {0: struct.Struct('>iI'), 1: struct.Struct('<iI')}  # by the second byte of the CDR header
_LENGTH = {0: struct.Struct('>I'), 1: struct.Struct('<I')}
_THREE = {0: struct.Struct('>3d'), 1: struct.Struct('<3d')}
_RATE, _FORCE, _IMU = 104, 200, 296  # [bytes] from the orientation of sensor_msgs/Imu on; the last: its end

Three = tuple[float, float, float]


def stamp_ns(message: bytes) -> int:
    """Return the stamp [ns] of a message whose type begins with a header or a time.

    Raises:
        ValueError: it is too short, or not plain CDR.
    """
    if len(message) < 12 or message[1] not in _STAMP:
        raise ValueError('not the CDR of a stamped message')
    seconds, nanoseconds = _STAMP[message[1]].unpack_from(message, 4)
    return seconds * 1_000_000_000 + nanoseconds


def imu(message: bytes) -> tuple[int, Three, Three]:
    """Return stamp [ns], angular velocity and linear acceleration of a serialised sensor_msgs/Imu.

    Decoding the whole message, most of which are covariances, takes a hundred times as long.

    Raises:
        ValueError: it is too short, or not plain CDR.
    """
    stamp = stamp_ns(message)
    order = message[1]
    frame_end = 16 + (_LENGTH[order].unpack_from(message, 12)[0] if len(message) >= 16 else 0)
    start = 4 + (frame_end - 4 + 7) // 8 * 8  # doubles are aligned, counted from the end of the CDR header
    if len(message) < start + _IMU:
        raise ValueError('not the CDR of an Imu message')
    return (stamp, _THREE[order].unpack_from(message, start + _RATE),
            _THREE[order].unpack_from(message, start + _FORCE))

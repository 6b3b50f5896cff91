"""Flight time in seconds and ROS stamps. Both ways exact to the nanosecond."""

from builtin_interfaces.msg import Time


def to_stamp(seconds: float) -> Time:
    """Turn flight time [s] into a ROS stamp, rounded to the nanosecond."""
    nanoseconds = round(seconds * 1e9)
    return Time(sec=nanoseconds // 1_000_000_000, nanosec=nanoseconds % 1_000_000_000)


def to_seconds(stamp: Time) -> float:
    """Turn a ROS stamp into flight time [s]; `to_stamp` gives the same stamp back."""
    return (stamp.sec * 1_000_000_000 + stamp.nanosec) * 1e-9

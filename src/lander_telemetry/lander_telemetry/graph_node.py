"""What the ROS graph says about a topic, in the words of a bag."""

from importlib import import_module
from typing import Any

from rclpy.duration import Duration
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.topic_endpoint_info import TopicEndpointInfo

from lander_telemetry.bag_metadata import Topic

DEPTH = 1000
"""Messages of one topic that may wait while the disk is slow."""


def describe(name: str, type_name: str, publishers: list[TopicEndpointInfo]) -> Topic:
    """Return what the bag stores about a topic."""
    type_hash = str(publishers[0].topic_type_hash)
    return Topic(name, type_name, type_hash if type_hash.startswith('RIHS') else '',
                 [offered(p.qos_profile) for p in publishers])


def requested(publishers: list[TopicEndpointInfo]) -> QoSProfile:
    """Return the strictest quality of service that all these publishers can serve."""
    profiles = [p.qos_profile for p in publishers]
    reliable = all(p.reliability == ReliabilityPolicy.RELIABLE for p in profiles)
    latched = all(p.durability == DurabilityPolicy.TRANSIENT_LOCAL for p in profiles)
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST, depth=DEPTH,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE)


def offered(profile: QoSProfile) -> dict[str, Any]:
    """Return a profile as rosbag2 writes it."""
    return {
        'history': profile.history.name.lower(), 'depth': profile.depth,
        'reliability': profile.reliability.name.lower(), 'durability': profile.durability.name.lower(),
        'deadline': _time(profile.deadline), 'lifespan': _time(profile.lifespan),
        'liveliness': profile.liveliness.name.lower(),
        'liveliness_lease_duration': _time(profile.liveliness_lease_duration),
        'avoid_ros_namespace_conventions': profile.avoid_ros_namespace_conventions}


def message_class(type_name: str) -> type:
    """Return the class of `package/kind/Name`; of an action, its feedback message.

    Raises:
        ImportError, AttributeError: the package or the type is not there.
    """
    package, kind, name = type_name.split('/')
    module = import_module(f'{package}.{kind}')
    if kind == 'action':
        return getattr(module, name.removesuffix('_FeedbackMessage')).Impl.FeedbackMessage
    return getattr(module, name)


def is_stamped(message: type) -> bool:
    """Whether a message class begins with a header."""
    return next(iter(message.get_fields_and_field_types().values()), '') == 'std_msgs/Header'


def _time(duration: Duration) -> dict[str, int]:
    seconds, nanoseconds = divmod(duration.nanoseconds, 1_000_000_000)
    return {'sec': seconds, 'nsec': nanoseconds}

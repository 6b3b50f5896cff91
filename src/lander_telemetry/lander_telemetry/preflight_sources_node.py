"""What the preflight check hears: topics of devices as stamps and complaints."""

from collections.abc import Callable
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistWithCovarianceStamped
from rclpy.node import Node
from rclpy.subscription import Subscription
from sensor_msgs.msg import Imu

from lander_common.cdr import stamp_ns
from lander_common.ros.qos import RING, STATUS
from lander_common.ros.time import to_seconds
from lander_msgs.msg import AttitudeFix, ContactState, RangeSample, ReleaseStatus, ValveStatus
from lander_telemetry.preflight_device import DeviceWatch, Health

_RAW = {'imu': Imu, 'ground_velocity': TwistWithCovarianceStamped, 'contact': ContactState}
"""Devices of which only the stamp is read."""
_ALIVE = (RangeSample.VALIDITY_VALID, RangeSample.VALIDITY_NO_RETURN, RangeSample.VALIDITY_DEGRADED)

Hear = Callable[[DeviceWatch, float, str], None]


def listen(node: Node, watches: dict[str, DeviceWatch], hear: Hear,
           take_health: Callable[[DeviceWatch, Health], None]) -> list[Subscription]:
    """Subscribe on `node` to every device of `watches` and to the diagnostics of their drivers.

    `hear` gets the watch, the stamp [s] and a complaint; `take_health` a health without its wall time.
    """
    read = {'star_tracker': (AttitudeFix, _star_tracker), 'rangefinder': (RangeSample, _range),
            'valves': (ValveStatus, _valves), 'rover_release': (ReleaseStatus, _release)}
    made = []
    for name, watch in watches.items():
        if name in _RAW:
            made.append(node.create_subscription(
                _RAW[name], watch.device.topic,
                lambda data, watch=watch: hear(watch, stamp_ns(data) * 1e-9, ''), RING, raw=True))
            continue
        kind, complaint = read[name]
        made.append(node.create_subscription(
            kind, watch.device.topic,
            lambda message, watch=watch, complaint=complaint: hear(
                watch, to_seconds(message.header.stamp), complaint(message)), STATUS))
    drivers = {driver: watch for name, watch in watches.items()
               for driver in ((watch.device.driver,) if watch.device.driver else (name, f'{name}_driver'))}

    def take(message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name in drivers:
                take_health(drivers[status.name], Health(
                    0.0, int.from_bytes(status.level, 'little'), status.message,
                    {v.key: v.value for v in status.values}))
    made.append(node.create_subscription(DiagnosticArray, '/diagnostics', take, STATUS))
    return made


def _star_tracker(message: Any) -> str:
    return '' if message.valid else f'no attitude: {message.reason}'


def _range(message: Any) -> str:
    return '' if message.validity in _ALIVE else message.reason


def _valves(message: Any) -> str:
    if message.watchdog:
        return 'no commands reach it: its watchdog has closed the valves'
    if message.open_mask:
        return f'{message.open_mask.bit_count()} valves reported open (mask {message.open_mask:#x})'
    return '; '.join(message.faults)


def _release(message: Any) -> str:
    inhibited = message.state == ReleaseStatus.STATE_INHIBITED
    return '' if inhibited else f'the inhibit of the release is off ({message.detail})'

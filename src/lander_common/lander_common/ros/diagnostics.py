"""Diagnostics of a node on `/diagnostics`, once a second of flight time."""

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.node import Node

from lander_common.ros.qos import STATUS
from lander_common.ros.time import to_stamp

OK, WARN, ERROR, STALE = (DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR,
                          DiagnosticStatus.STALE)


class Diagnostics:
    """Publishes one status of a node when it changes and at least once a second of flight time."""

    def __init__(self, node: Node, hardware_id: str = '', period: float = 1.0):
        """Publish for `node`, at most every `period` seconds while nothing changes."""
        self._publisher = node.create_publisher(DiagnosticArray, '/diagnostics', STATUS)
        self._name = node.get_name()
        self._hardware_id = hardware_id
        self._period = period
        self._next = float('-inf')
        self._last = (OK, '')

    def update(self, time: float, level: bytes, message: str, **values: object) -> None:
        """Publish if a period has passed since the last time, or if level or message changed."""
        if time < self._next and (level, message) == self._last:
            return
        self._next = time + self._period
        self._last = (level, message)
        status = DiagnosticStatus(level=level, name=self._name, message=message,
                                  hardware_id=self._hardware_id)
        status.values = [KeyValue(key=k, value=str(v)) for k, v in values.items()]
        array = DiagnosticArray(status=[status])
        array.header.stamp = to_stamp(time)
        self._publisher.publish(array)

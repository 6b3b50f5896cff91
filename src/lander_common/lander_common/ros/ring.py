"""The ring: who must listen before it starts, and the order of the messages that drive its nodes."""

from enum import Enum

from rclpy.node import Node

TOPICS = ('imu', 'odometry', 'wrench', 'thrusters/command')
"""What runs round the ring in each cycle, in this order."""

_LOOKS = 5


class Audience:
    """Tells when everybody who is about to listen to the ring, recorders included, has found it."""

    def __init__(self, node: Node):
        """Look at the graph through `node`."""
        self._node = node
        self._counts: list[tuple[int, ...]] = []

    def complete(self) -> bool:
        """Look once more: whether somebody hears the IMU, and nobody came or left for some looks."""
        counts = tuple(self._node.count_subscribers(topic) for topic in TOPICS)
        self._counts = [*self._counts[1 - _LOOKS:], counts]
        return counts[0] > 0 and self._counts == [counts] * _LOOKS


class Arrival(Enum):
    """What a driving message is, judged by its time stamp."""

    NEW = 0  # process it
    REPEATED = 1  # the simulator asks again for the answer to the last sample: publish it again
    BACKWARDS = 2  # older than the last: ignore it and say so


class RingOrder:
    """Sorts driving messages into new, repeated and backwards ones, and counts the latter."""

    def __init__(self) -> None:
        """Start with no message seen."""
        self.last = float('-inf')
        self.backwards = 0

    def judge(self, time: float) -> Arrival:
        """Judge a message stamped `time` [s] and remember it if it is new."""
        if time > self.last:
            self.last = time
            return Arrival.NEW
        if time == self.last:
            return Arrival.REPEATED
        self.backwards += 1
        return Arrival.BACKWARDS

"""The ring: who must listen before it starts, and the order of the messages that drive its nodes."""

import time
from collections.abc import Collection
from enum import Enum

from rclpy.node import Node

TOPICS = ('imu', 'odometry', 'wrench', 'thrusters/command')
"""What runs round the ring in each cycle, in this order."""

RECORDER = 'flight_recorder'

_LOOKS = 5
_PATIENCE = 30.0  # [s] of wall time: a node that does not come must not keep the lander from flying


class Audience:
    """Tells when everybody who is about to listen to the ring has found it."""

    def __init__(self, node: Node, recorded: bool, beside: Collection[str] = ()):
        """Look at the graph through `node`.

        Waited for are also the nodes `beside` the ring, which hear its first topic, and with `recorded` the
        flight recorder, which hears all.
        """
        self._node = node
        self._heard = dict.fromkeys(beside, 1) | ({RECORDER: len(TOPICS)} if recorded else {})
        self._seen: list[list[frozenset[str]]] = []
        self._since = time.monotonic()

    def complete(self) -> bool:
        """Look once more: whether all who must be there listen, and nobody came or left for some looks."""
        listeners = [frozenset(end.node_name for end in self._node.get_subscriptions_info_by_topic(topic))
                     for topic in TOPICS]
        self._seen = [*self._seen[1 - _LOOKS:], listeners]
        missing = [name for name, heard in self._heard.items()
                   if not all(name in names for names in listeners[:heard])]
        if missing and time.monotonic() > self._since + _PATIENCE:
            self._node.get_logger().error(
                f'not waiting for {", ".join(missing)}, not listening after {_PATIENCE:g} s')
            self._heard = {}
            missing = []
        return bool(listeners[0]) and not missing and self._seen == [listeners] * _LOOKS


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

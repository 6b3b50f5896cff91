"""What the flight recorder has still to write: simulated or replayed time must not run away from it.

Middleware keeps only the last messages of each topic for a reader that is slow, and drops the others.
"""

import time
from collections import deque
from collections.abc import Callable

from builtin_interfaces.msg import Time
from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from lander_common.ros.qos import STATUS
from lander_common.ros.time import to_seconds

PROGRESS = 'flight_recorder/progress'
"""Topic: newest flight time that the recorder has received."""

LIMIT = 500
"""Cycles; half of what the topics of the ring keep."""

_PATIENCE = 10.0  # [s] of wall time: a recorder that hangs must not keep the lander from flying


class Backlog:
    """Counts the samples that the recorder has not received yet."""

    def __init__(self, node: Node, recorded: bool, go_on: Callable[[], None]):
        """Listen to the recorder through `node` if the flight is `recorded`; call `go_on` after a wait."""
        self._node, self._go_on = node, go_on
        self._recorded = recorded
        self._times: deque[float] = deque()
        self._since = 0.0
        self.waiting = False  # whether the source of the samples was told to wait
        if recorded:
            node.create_subscription(Time, PROGRESS, self._on_progress, STATUS)
            node.create_timer(1.0, self._watch, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def add(self, flight_time: float) -> None:
        """Note that the sample of `flight_time` [s] has been sent."""
        if self._recorded:
            self._times.append(flight_time)

    def full(self) -> bool:
        """Whether the source must wait; if so, `go_on` is called when the recorder has caught up."""
        if len(self._times) > LIMIT and not self.waiting:
            self.waiting, self._since = True, time.monotonic()
        return self.waiting

    def _on_progress(self, message: Time) -> None:
        reached = to_seconds(message)
        while self._times and self._times[0] <= reached:
            self._times.popleft()
        if len(self._times) <= LIMIT // 2:
            self._end_wait()

    def _watch(self) -> None:
        if self.waiting and time.monotonic() > self._since + _PATIENCE:
            self._node.get_logger().error(
                f'the flight recorder has not caught up for {_PATIENCE:g} s: not waiting for it any more')
            self._recorded = False
            self._times.clear()
            self._end_wait()

    def _end_wait(self) -> None:
        if self.waiting:
            self.waiting = False
            self._go_on()

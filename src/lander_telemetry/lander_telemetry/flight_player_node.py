"""Flight player: sends the sensor messages of a bag to the flight nodes again.

Publishes the recorded topics as raw bytes, subscribes to odometry: the next IMU sample goes out when the
estimator has answered the last one (lock-step), so that nothing is lost however fast it goes.
"""

import time
from typing import Any

from nav_msgs.msg import Odometry
from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from lander_common.parameters import ParameterError
from lander_common.ros.backlog import Backlog
from lander_common.ros.node import finish, run
from lander_common.ros.parameters import declare
from lander_common.ros.qos import LATCHED, RING
from lander_common.ros.ring import Audience
from lander_common.ros.time import to_seconds
from lander_telemetry.graph_node import message_class
from lander_telemetry.parameters import PlayerParameters
from lander_telemetry.playback import Message, read_bag, topic_types

_REPEAT_S = 0.2  # until the estimator answers for the first time
_NEEDED = ('/state_vector', '/imu')


class FlightPlayerNode(Node):
    """Plays one bag, then ends the process with 0; with 1 if the estimator does not answer."""

    def __init__(self, **arguments: Any):
        """Open the bag; it is played as soon as everybody listens."""
        super().__init__('flight_player', **arguments)
        self._p = declare(self, PlayerParameters)
        if not self._p.bag:
            raise ParameterError('bag', '', 'a flight folder, a bag folder or an .mcap file')
        types = topic_types(self._p.bag)
        if missing := [topic for topic in _NEEDED if topic not in types]:
            raise ParameterError('bag', self._p.bag, f'a bag with {" and ".join(missing)}: the estimator '
                                                     'starts at the first and lives on the second')
        self._messages = read_bag(self._p.bag)
        self._publishers_of = {
            topic: self.create_publisher(message_class(name), topic, LATCHED if topic == _NEEDED[0] else RING)
            for topic, name in types.items()}
        self._audience = Audience(self, self._p.recorded)
        self._backlog = Backlog(self, self._p.recorded, self._advance)
        self._imu: Message | None = None
        self._started, self._sent = False, time.monotonic()
        self._anchor: tuple[float, float] | None = None
        self.create_subscription(Odometry, 'odometry', self._on_odometry, RING)
        self.create_timer(_REPEAT_S, self._watch, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _on_odometry(self, message: Odometry) -> None:
        if self._imu is not None and to_seconds(message.header.stamp) == self._imu.time * 1e-9:
            self._started = True
            if not self._backlog.full():
                self._advance()

    def _advance(self) -> None:
        """Send everything up to and including the next IMU sample."""
        for message in self._messages:
            self._pace(message.time * 1e-9)
            self._publishers_of[message.topic].publish(message.data)
            if message.topic == '/imu':
                self._imu, self._sent = message, time.monotonic()
                self._backlog.add(message.time * 1e-9)
                return
        finish(0 if self._started else 1)

    def _pace(self, flight_time: float) -> None:
        if self._p.rate <= 0.0 or not self._started:
            return
        wall = time.monotonic()
        self._anchor = self._anchor or (flight_time, wall)
        time.sleep(max(0.0, self._anchor[1] + (flight_time - self._anchor[0]) / self._p.rate - wall))

    def _watch(self) -> None:
        if self._backlog.waiting:
            return
        limit = self._p.answer_timeout_s if self._started else self._p.start_timeout_s
        if time.monotonic() - self._sent > limit:
            sample = self._imu
            what = f'no odometry for T+ {sample.time * 1e-9:.2f} s' if sample else 'nobody listens to imu'
            self.get_logger().error(f'{what} within {limit:g} s: giving up')
            finish(1)
        elif self._imu is None:
            if self._audience.complete():
                self._advance()
        elif not self._started:
            self._publishers_of['/imu'].publish(self._imu.data)


def main() -> None:
    """Start the node."""
    run(FlightPlayerNode)


if __name__ == '__main__':
    main()

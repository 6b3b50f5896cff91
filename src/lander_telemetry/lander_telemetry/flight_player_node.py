"""Flight player: sends the sensor messages of a bag to the flight nodes again.

Publishes the recorded topics as raw bytes, subscribes to odometry: the next IMU sample goes out when the
estimator has answered the last one (lock-step), so that nothing is lost however fast it goes.
"""

import time
from typing import Any

from nav_msgs.msg import Odometry
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.publisher import Publisher

from lander_common.parameters import ParameterError
from lander_common.ros.node import finish, run
from lander_common.ros.parameters import declare
from lander_common.ros.qos import LATCHED, RING
from lander_common.ros.time import to_seconds
from lander_telemetry.graph_node import message_class
from lander_telemetry.parameters import PlayerParameters
from lander_telemetry.playback import Message, has_topic, read_bag

_REPEAT_S = 0.2  # until the estimator answers for the first time
_START_S = 60.0  # [s] wall time for the estimator to start


class FlightPlayerNode(Node):
    """Plays one bag, then ends the process with 0; with 1 if the estimator stops answering."""

    def __init__(self, **arguments: Any):
        """Open the bag and offer its first messages."""
        super().__init__('flight_player', **arguments)
        self._p = declare(self, PlayerParameters)
        if not self._p.bag:
            raise ParameterError('bag', '', 'a flight folder, a bag folder or an .mcap file')
        self._messages = read_bag(self._p.bag)
        if not has_topic(self._p.bag, '/state_vector'):
            raise ParameterError('bag', self._p.bag, 'a bag with /state_vector, where the estimator starts')
        self._publishers_of: dict[str, Publisher] = {}
        self._imu: Message | None = None
        self._started, self._sent = False, 0.0
        self._anchor: tuple[float, float] | None = None
        self.create_subscription(Odometry, 'odometry', self._on_odometry, RING)
        self.create_timer(_REPEAT_S, self._watch, clock=Clock(clock_type=ClockType.STEADY_TIME))
        self._advance()

    def _on_odometry(self, message: Odometry) -> None:
        if self._imu is not None and to_seconds(message.header.stamp) == self._imu.time * 1e-9:
            self._started = True
            self._advance()

    def _advance(self) -> None:
        """Send everything up to and including the next IMU sample."""
        for message in self._messages:
            self._pace(message.time * 1e-9)
            self._publish(message)
            if message.topic == '/imu':
                self._imu, self._sent = message, time.monotonic()
                return
        finish(0 if self._started else 1)

    def _publish(self, message: Message) -> None:
        publisher = self._publishers_of.get(message.topic)
        if publisher is None:
            qos = LATCHED if message.topic == '/state_vector' else RING
            publisher = self.create_publisher(message_class(message.type_name), message.topic, qos)
            self._publishers_of[message.topic] = publisher
        publisher.publish(message.data)

    def _pace(self, flight_time: float) -> None:
        if self._p.rate <= 0.0 or not self._started:
            return
        wall = time.monotonic()
        self._anchor = self._anchor or (flight_time, wall)
        time.sleep(max(0.0, self._anchor[1] + (flight_time - self._anchor[0]) / self._p.rate - wall))

    def _watch(self) -> None:
        if self._imu is None:
            return
        if time.monotonic() - self._sent > (self._p.answer_timeout_s if self._started else _START_S):
            self.get_logger().error(f'no odometry for T+ {self._imu.time * 1e-9:.2f} s: giving up')
            finish(1)
        elif not self._started:
            self._publishers_of['/imu'].publish(self._imu.data)


def main() -> None:
    """Start the node."""
    run(FlightPlayerNode)


if __name__ == '__main__':
    main()

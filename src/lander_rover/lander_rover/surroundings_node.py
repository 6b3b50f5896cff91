"""What the deployment hears: the messages about lander and rover, kept as one state."""

import math
from collections.abc import Callable
from dataclasses import replace

from nav_msgs.msg import Odometry
from rclpy.node import Node
from sensor_msgs.msg import BatteryState, Image

from lander_common.ros.qos import RING, STATUS
from lander_common.ros.time import to_seconds
from lander_msgs.msg import GuidanceStatus, NavigationStatus, ReleaseStatus
from lander_rover.deployment import Rover
from lander_rover.interlocks import Lander


class Surroundings:
    """Latest state of lander and rover, and the flight time that their stamps tell."""

    def __init__(self, node: Node, changed: Callable[[], None]):
        """Subscribe on `node`; `changed` is called when time goes on or an image has come."""
        self.lander, self.rover = Lander(), Rover()
        self.time = -math.inf  # [s] newest stamp; -inf before the first
        self._node, self._changed = node, changed
        self._odometry = None
        node.create_subscription(GuidanceStatus, 'guidance_status', self._on_guidance, STATUS)
        node.create_subscription(NavigationStatus, 'navigation_status', self._on_navigation, RING)
        node.create_subscription(BatteryState, 'battery', self._on_battery, STATUS)
        node.create_subscription(Odometry, 'rover/odometry', self._on_rover_odometry, STATUS)
        node.create_subscription(Image, 'rover/image', self._on_image, STATUS)
        node.create_subscription(ReleaseStatus, 'rover/release_status', self._on_release_status, STATUS)

    def watch_rate(self) -> None:
        """Listen to the body rate from now on: not before it is needed, for it comes 100 times a second."""
        if self._odometry is None:
            self._odometry = self._node.create_subscription(Odometry, 'odometry', self._on_odometry, RING)

    def _on_guidance(self, message: GuidanceStatus) -> None:
        self.lander = replace(self.lander, landed=message.phase == GuidanceStatus.PHASE_LANDED)

    def _on_navigation(self, message: NavigationStatus) -> None:
        time = to_seconds(message.header.stamp)
        self.lander = replace(
            self.lander, time=time, tilt_rad=message.tilt_rad,
            speed_m_s=math.hypot(message.vertical_speed_m_s, message.ground_speed_m_s))
        self._go_on(time)

    def _on_odometry(self, message: Odometry) -> None:
        rate = message.twist.twist.angular
        self.lander = replace(self.lander, rate_rad_s=math.hypot(rate.x, rate.y, rate.z))

    def _on_battery(self, message: BatteryState) -> None:
        self.lander = replace(self.lander, battery=message.percentage)

    def _on_rover_odometry(self, message: Odometry) -> None:
        time, p = to_seconds(message.header.stamp), message.pose.pose.position
        self.rover = replace(self.rover, odometry_time=time, position=(p.x, p.y, p.z))
        self._go_on(time)

    def _on_image(self, message: Image) -> None:
        self.rover = replace(self.rover, image_time=self.time)
        self._changed()

    def _on_release_status(self, message: ReleaseStatus) -> None:
        if message.requested:  # else it speaks of an earlier deployment
            refused = message.state in (ReleaseStatus.STATE_INHIBITED, ReleaseStatus.STATE_FAILED)
            self.rover = replace(self.rover, release_time=self.time,
                                 release_refused=message.detail if refused else '')
            self._changed()

    def _go_on(self, time: float) -> None:
        self.time = max(self.time, time)
        self._changed()

"""What the rover hardware is told, simulated or real."""

from geometry_msgs.msg import Twist, Vector3
from rclpy.node import Node
from std_msgs.msg import Bool, Empty

from lander_common.ros.qos import RING
from lander_rover.deployment import Commands


class Hardware:
    """Publishes the commands to the rover."""

    def __init__(self, node: Node):
        """Make the topics on `node`."""
        self._release = node.create_publisher(Bool, 'rover/release', RING)
        self._drive = node.create_publisher(Twist, 'rover/drive', RING)
        self._take_image = node.create_publisher(Empty, 'rover/take_image', RING)

    def command(self, commands: Commands) -> None:
        """Publish commands; the speed is sent each time, so that a lost stop is sent again."""
        if commands.release:
            self._release.publish(Bool(data=True))
        self._drive.publish(Twist(linear=Vector3(x=commands.speed_m_s)))
        if commands.take_image:
            self._take_image.publish(Empty())

"""The simulated rover as the hardware that rover_deployment talks to."""

import math

from geometry_msgs.msg import Twist
from nav_msgs.msg import Odometry
from rclpy.node import Node
from sensor_msgs.msg import BatteryState, Image
from std_msgs.msg import Bool, Empty

from lander_common import rotations
from lander_common.ros.qos import RING, STATUS
from lander_common.ros.time import to_stamp
from lander_sim.rover_camera import render
from lander_sim.rover_model import RoverModel
from lander_sim.simulation import Simulation


class RoverHardware:
    """Listens to rover/release, rover/drive, rover/take_image; answers with odometry and an image."""

    def __init__(self, node: Node, simulation: Simulation, seed: int):
        """Attach the rover to the simulator node."""
        self._simulation = simulation
        self._rover = RoverModel(simulation.terrain, simulation.site, seed)
        self._speed = (0.0, 0.0)
        self._time = simulation.time
        self._next_battery = float('-inf')
        self._odometry = node.create_publisher(Odometry, 'rover/odometry', STATUS)
        self._image = node.create_publisher(Image, 'rover/image', STATUS)
        self._battery = node.create_publisher(BatteryState, 'battery', STATUS)
        node.create_subscription(Bool, 'rover/release', self._on_release, RING)
        node.create_subscription(Twist, 'rover/drive', self._on_drive, RING)
        node.create_subscription(Empty, 'rover/take_image', self._on_take_image, RING)

    def step(self, time: float) -> None:
        """Advance the rover to `time` [s] and publish what it reports."""
        self._rover.drive(*self._speed)
        self._rover.step(time - self._time)
        self._time = time
        if time >= self._next_battery:
            self._next_battery = time + 1.0
            self._publish_battery(time)
        if self._rover.state == RoverModel.ON_GROUND:
            self._publish_odometry(time)

    def _on_release(self, message: Bool) -> None:
        if message.data:
            dynamics, site = self._simulation.dynamics, self._simulation.site
            q = rotations.multiply(rotations.conjugate(site.quaternion), dynamics.q_moon_body)
            self._rover.release(site.to_map(dynamics.position), q)

    def _on_drive(self, message: Twist) -> None:
        if math.isfinite(message.linear.x) and math.isfinite(message.angular.z):
            self._speed = (message.linear.x, message.angular.z)

    def _on_take_image(self, message: Empty) -> None:
        pose = self._rover.pose()
        if pose is None:
            return
        picture = render(self._simulation.terrain, self._simulation.site, pose.position_map, pose.heading)
        image = Image(height=picture.shape[0], width=picture.shape[1], encoding='mono8',
                      step=picture.shape[1], data=picture.tobytes())
        image.header.stamp, image.header.frame_id = to_stamp(self._time), 'rover_camera'
        self._image.publish(image)

    def _publish_odometry(self, time: float) -> None:
        wheels = self._rover.odometry()
        message = Odometry(child_frame_id='rover')
        message.header.stamp, message.header.frame_id = to_stamp(time), 'rover_odom'
        message.pose.pose.position.x, message.pose.pose.position.y = map(float, wheels.position)
        message.pose.pose.orientation.z = math.sin(0.5 * wheels.heading)
        message.pose.pose.orientation.w = math.cos(0.5 * wheels.heading)
        message.twist.twist.linear.x = float(wheels.speed)
        message.twist.twist.angular.z = float(wheels.rate)
        self._odometry.publish(message)

    def _publish_battery(self, time: float) -> None:
        # Power is not simulated: the lander lands with a charged battery (assumed 80 %).
        message = BatteryState(percentage=0.8, present=True,
                               power_supply_status=BatteryState.POWER_SUPPLY_STATUS_DISCHARGING)
        message.header.stamp = to_stamp(time)
        self._battery.publish(message)

"""The node over real DDS: a rover that speaks its topics, and an action client."""

import time

import pytest
import rclpy
from action_msgs.msg import GoalStatus
from geometry_msgs.msg import Twist
from nav_msgs.msg import Odometry
from rclpy.action import ActionClient
from rclpy.experimental.events_executor import EventsExecutor
from rclpy.parameter import Parameter
from rclpy.task import Future
from sensor_msgs.msg import BatteryState, Image
from std_msgs.msg import Bool, Empty

from lander_common.ros.qos import RING, STATUS
from lander_common.ros.time import to_stamp
from lander_msgs.action import DeployRover
from lander_msgs.msg import GuidanceStatus, NavigationStatus, ReleaseStatus
from lander_rover.interlocks import Code
from lander_rover.rover_deployment_node import RoverDeploymentNode

DT = 0.1
Result = DeployRover.Result


class World:
    """Lander and rover as topics, flight time, and the client; everything on one executor."""

    def __init__(self, **parameters):
        self.context = rclpy.Context()
        self.context.init()
        overrides = [Parameter(name, value=value) for name, value in parameters.items()]
        self.node = RoverDeploymentNode(context=self.context, parameter_overrides=overrides)
        self.self = rclpy.create_node('test_rover', context=self.context)
        self.executor = EventsExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.executor.add_node(self.self)
        make = self.self.create_publisher
        self.guidance = make(GuidanceStatus, 'guidance_status', STATUS)
        self.navigation = make(NavigationStatus, 'navigation_status', RING)
        self.body = make(Odometry, 'odometry', RING)
        self.battery = make(BatteryState, 'battery', STATUS)
        self.wheels = make(Odometry, 'rover/odometry', STATUS)
        self.image = make(Image, 'rover/image', STATUS)
        listen = self.self.create_subscription
        listen(Bool, 'rover/release', lambda m: setattr(self, 'released', self.released or m.data), RING)
        listen(Twist, 'rover/drive', lambda m: setattr(self, 'speed', m.linear.x), RING)
        listen(Empty, 'rover/take_image', lambda m: self.image.publish(Image()), RING)
        self.client = ActionClient(self.self, DeployRover, 'deploy_rover')
        self.time, self.x, self.speed, self.released = 500.0, 0.0, 0.0, False
        self.phase, self.tilt, self.velocity, self.charge = GuidanceStatus.PHASE_LANDED, 0.01, 0.0, 0.9
        self.feedback, self.wheels_stay = [], False
        self.until(lambda: self.client.server_is_ready() and self.navigation.get_subscription_count() == 1
                   and self.wheels.get_subscription_count() == 1, flying=False)

    def until(self, condition, flying=True, timeout=30.0):
        """Spin, with flight time going on, until the condition holds."""
        end = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < end, 'nothing happened'
            if flying:
                self.publish()
            self.executor.spin_until_future_complete(Future(), timeout_sec=0.003)

    def publish(self):
        """Publish one step of flight time."""
        self.time += DT
        stamp = to_stamp(self.time)
        self.guidance.publish(GuidanceStatus(phase=self.phase))
        if self.charge is not None:
            self.battery.publish(BatteryState(percentage=self.charge))
        self.body.publish(Odometry())
        status = NavigationStatus(tilt_rad=self.tilt, ground_speed_m_s=self.velocity)
        status.header.stamp = stamp
        self.navigation.publish(status)
        if self.released and not self.wheels_stay:
            self.x += self.speed * DT
            wheels = Odometry()
            wheels.header.stamp = stamp
            wheels.pose.pose.position.x = self.x
            self.wheels.publish(wheels)

    def send(self, distance=0.2):
        """Send a goal and return its accepted handle."""
        future = self.client.send_goal_async(DeployRover.Goal(drive_distance_m=distance),
                                             feedback_callback=lambda m: self.feedback.append(m.feedback))
        self.until(future.done)
        assert future.result().accepted
        return future.result()

    def result(self, handle):
        """Return status and result of a goal."""
        future = handle.get_result_async()
        self.until(future.done)
        return future.result().status, future.result().result

    def close(self):
        self.executor.shutdown()
        self.node.destroy_node()
        self.client.destroy()
        self.self.destroy_node()
        self.context.try_shutdown()


@pytest.fixture
def world(request):
    made = World(**getattr(request, 'param', {}))
    yield made
    made.close()


def test_codes_are_those_of_the_action():
    assert {c.name: int(c) for c in Code} == {c.name: getattr(Result, c.name) for c in Code}


def test_a_release_that_is_inhibited_ends_the_goal_and_says_so(world):
    status = ReleaseStatus(state=ReleaseStatus.STATE_INHIBITED, detail='the release is inhibited')
    out = world.self.create_publisher(ReleaseStatus, 'rover/release_status', STATUS)

    def answer(message):
        status.requested = True
        out.publish(status)
    world.self.create_subscription(Bool, 'rover/release', answer, RING)
    world.wheels_stay = True
    world.until(lambda: world.time > 501.0 and out.get_subscription_count() == 1)
    out.publish(status)  # not asked for: an inhibit alone ends nothing
    code, result = world.result(world.send())
    assert code == GoalStatus.STATUS_ABORTED
    assert (result.error_code, result.message) == (Code.RELEASE_FAILED, 'the release is inhibited')


def test_success(world):
    world.until(lambda: world.time > 501.0)
    status, result = world.result(world.send())
    assert status == GoalStatus.STATUS_SUCCEEDED and result.success and result.error_code == Result.NONE
    assert result.distance_m >= 0.2 and world.released
    stages = [f.stage for f in world.feedback]
    assert stages == sorted(stages) and set(stages) == {0, 1, 2, 3, 4}
    assert [f.progress for f in world.feedback] == sorted(f.progress for f in world.feedback)
    world.until(lambda: world.speed == 0.0)


@pytest.mark.parametrize(('change', 'code'), [
    ({'phase': GuidanceStatus.PHASE_TOUCHDOWN}, Result.NOT_LANDED), ({'tilt': 0.5}, Result.TILT),
    ({'charge': 0.1}, Result.POWER), ({'charge': None}, Result.POWER), ({'velocity': 2.0}, Result.MOVING)])
def test_refusals(world, change, code):
    world.__dict__.update(change)
    world.until(lambda: world.time > 501.0)
    status, result = world.result(world.send())
    assert (status, result.error_code, result.success) == (GoalStatus.STATUS_ABORTED, code, False)
    assert result.message and not world.released


def test_refused_without_navigation(world):
    future = world.client.send_goal_async(DeployRover.Goal())
    world.until(future.done, flying=False)
    answer = future.result().get_result_async()
    world.until(answer.done, flying=False)
    assert answer.result().result.error_code == Result.NOT_LANDED


def test_cancel_while_driving_stops_the_rover(world):
    world.until(lambda: world.time > 501.0)
    handle = world.send(distance=50.0)
    world.until(lambda: world.speed > 0.0)
    cancel = handle.cancel_goal_async()
    world.until(cancel.done)
    status, result = world.result(handle)
    assert (status, result.error_code) == (GoalStatus.STATUS_CANCELED, Result.CANCELLED)
    world.until(lambda: world.speed == 0.0)
    assert world.result(world.send())[0] == GoalStatus.STATUS_SUCCEEDED, 'a new goal works'


def test_second_goal_is_busy_and_the_first_goes_on(world):
    world.until(lambda: world.time > 501.0)
    first = world.send()
    status, result = world.result(world.send())
    assert (status, result.error_code) == (GoalStatus.STATUS_ABORTED, Result.BUSY)
    assert world.result(first)[0] == GoalStatus.STATUS_SUCCEEDED


@pytest.mark.parametrize('world', [{'autostart': False}], indirect=True)
def test_inactive_node_refuses(world):
    world.until(lambda: world.time > 501.0)
    assert world.result(world.send())[1].error_code == Result.NOT_ACTIVE

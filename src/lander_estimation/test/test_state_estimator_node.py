"""The node over real DDS, driven as the simulator drives it."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

rclpy = pytest.importorskip('rclpy')

from nav_msgs.msg import Odometry  # noqa: E402
from rclpy.experimental.events_executor import EventsExecutor  # noqa: E402
from rclpy.node import Node  # noqa: E402
from rclpy.task import Future  # noqa: E402
from sensor_msgs.msg import Imu  # noqa: E402

from lander_common import rotations  # noqa: E402
from lander_common.ros.qos import LATCHED, RING, STATUS  # noqa: E402
from lander_common.ros.time import to_seconds, to_stamp  # noqa: E402
from lander_common.samples import ImuSample, Navigation, StateVector  # noqa: E402
from lander_estimation import estimator_messages_node as messages  # noqa: E402
from lander_estimation.filter import NavigationFilter  # noqa: E402
from lander_estimation.parameters import EstimatorParameters  # noqa: E402
from lander_estimation.state_estimator_node import StateEstimatorNode  # noqa: E402
from lander_msgs.msg import AidSourceStatus, AttitudeFix, NavigationStatus, RangeSample  # noqa: E402

CONFIG = Path(__file__).resolve().parents[3] / 'config'


class Bench(Node):
    """Plays the simulator and the range finder, and listens to everything."""

    def __init__(self, executor):
        super().__init__('bench')
        self.executor_, self.future = executor, None
        self.odometry, self.status, self.aid = [], [], []
        self.imu = self.create_publisher(Imu, 'imu', RING)
        self.state = self.create_publisher(Odometry, 'state_vector', LATCHED)
        self.star = self.create_publisher(AttitudeFix, 'star_tracker', RING)
        self.range = self.create_publisher(RangeSample, 'rangefinder/range_sample', RING)
        self.create_subscription(Odometry, 'odometry', lambda m: self.heard(self.odometry, m), RING)
        self.create_subscription(NavigationStatus, 'navigation_status',
                                 lambda m: self.heard(self.status, m), RING)
        self.create_subscription(AidSourceStatus, 'aid_source_status',
                                 lambda m: self.heard(self.aid, m), STATUS)

    def heard(self, heap, message):
        heap.append(message)
        if self.future and not self.future.done() and self.wanted():
            self.future.set_result(True)

    def wait(self, wanted, timeout=10.0):
        self.wanted, self.future = wanted, Future()
        if wanted():
            return True
        self.executor_.spin_until_future_complete(self.future, timeout)
        return self.future.done()

    def send_until(self, message, wanted):
        """Repeat the sample, as the simulator does at start-up, until there is what is wanted."""
        for _ in range(50):
            self.imu.publish(message)
            if self.wait(wanted, timeout=0.2):
                return
        pytest.fail('no answer')


@pytest.fixture
def bench():
    rclpy.init(args=['--ros-args', '-p', f'vehicle_file:={CONFIG}/vehicles/resilience.yaml',
                     '-p', f'site_file:={CONFIG}/sites/mare_frigoris.yaml'])
    executor = EventsExecutor()
    nodes = [StateEstimatorNode(), Bench(executor)]
    for node in nodes:
        executor.add_node(node)
    yield nodes[1]
    executor.shutdown()
    for node in nodes:
        node.destroy_node()
    rclpy.shutdown()


def imu_message(time, force=1.62):
    message = Imu()
    message.header.stamp, message.header.frame_id = to_stamp(time), 'base_link'
    message.linear_acceleration.z = force
    return message


def fly(core, bench, steps):
    """Send `steps` samples after the last odometry; return odometry and what the core says to the same."""
    pairs = []
    first = round(to_seconds(bench.odometry[-1].header.stamp) * 100) + 1
    for k in range(first, first + steps):
        message = imu_message(k / 100)
        count = len(bench.odometry)
        bench.imu.publish(message)
        assert bench.wait(lambda n=count: len(bench.odometry) > n)
        pairs.append((bench.odometry[-1], messages.odometry(core.step(messages.imu_sample(message)))))
    return pairs


def state_vector():
    position, q = np.array([0.0, -100.0, 1000.0]), np.array([0.0, 0.0, 0.0, 1.0])
    return messages.odometry(Navigation(0.0, position, q, np.array([0.0, 10.0, -20.0]), np.zeros(3),
                                        1e4 * np.eye(3), np.eye(3), 1e-6 * np.eye(3)))


def started(bench, world):
    """Bring node and an identical core to the first odometry."""
    bench.send_until(imu_message(0.0), lambda: bench.status)
    assert not bench.status[0].initialised
    assert np.isnan(bench.status[0].altitude_m)
    assert not bench.odometry
    bench.state.publish(state_vector())
    bench.send_until(imu_message(0.0), lambda: bench.odometry)
    core = NavigationFilter(EstimatorParameters(), world.vehicle, world.site)
    core.initialise(messages.state_vector(state_vector()))
    core.step(messages.imu_sample(imu_message(0.0)))
    return core


def test_waits_for_the_state_vector_then_answers_bit_for_bit_like_the_core(bench, world):
    core = started(bench, world)
    for got, expected in fly(core, bench, 50):
        assert got == expected
    assert bench.odometry[-1].header.frame_id == 'map'
    assert bench.odometry[-1].child_frame_id == 'base_link'
    assert bench.wait(lambda: to_seconds(bench.status[-1].header.stamp) >= 0.499)
    stamps = [to_seconds(m.header.stamp) for m in bench.status if m.initialised]
    assert np.allclose(np.diff(stamps), 0.1)
    last, ground = bench.status[-1], core.ground()
    assert (last.altitude_lower_m, last.altitude_m) == (ground.altitude_lower_m, ground.altitude_m)
    assert last.vertical_speed_m_s == pytest.approx(-20.0, abs=0.1)
    assert [s.name for s in last.sensors] == ['imu', 'range', 'star_tracker', 'ground_velocity']


def test_repeated_sample_gets_the_same_answer_and_a_backward_one_none(bench, world):
    core = started(bench, world)
    fly(core, bench, 10)
    count = len(bench.odometry)
    bench.imu.publish(imu_message(0.1))
    assert bench.wait(lambda: len(bench.odometry) == count + 1)
    assert bench.odometry[-1] == bench.odometry[-2]
    bench.imu.publish(imu_message(0.05))
    pairs = fly(core, bench, 1)
    assert len(bench.odometry) == count + 2
    assert pairs[0][0] == pairs[0][1]


def test_measurements_are_fused_and_reported(bench, world):
    core = started(bench, world)
    fly(core, bench, 20)
    fix = AttitudeFix(valid=True, variance=np.full(3, 1e-8))
    fix.header.stamp = to_stamp(0.15)
    q = world.site.quaternion
    fix.orientation.x, fix.orientation.y, fix.orientation.z, fix.orientation.w = q.tolist()
    shot = RangeSample(validity=RangeSample.VALIDITY_VALID, range_m=3443.0, variance=0.04, quality=1.0)
    shot.header.stamp = to_stamp(0.1)
    broken = RangeSample(validity=RangeSample.VALIDITY_VALID, range_m=float('nan'), variance=0.04)
    broken.header.stamp = to_stamp(0.12)
    bench.star.publish(fix)
    bench.range.publish(shot)
    bench.range.publish(broken)
    fly(core, bench, 60)
    assert bench.wait(lambda: len(bench.aid) >= 3)
    by_stamp = {round(to_seconds(m.header.stamp), 6): m for m in bench.aid}
    assert (by_stamp[0.15].source, by_stamp[0.15].outcome) == ('star_tracker', AidSourceStatus.OUTCOME_FUSED)
    assert (by_stamp[0.1].source, by_stamp[0.1].outcome) == ('range', AidSourceStatus.OUTCOME_FUSED)
    assert by_stamp[0.1].observation[0] == 3443.0
    assert by_stamp[0.12].outcome == AidSourceStatus.OUTCOME_REJECTED
    assert 'range is not a positive number' in by_stamp[0.12].reason
    assert bench.odometry[-1].pose.covariance[14] < 1e4


def test_conversions_keep_every_bit():
    rng = np.random.default_rng(9)
    q = rotations.normalise(rng.normal(size=4))
    navigation = Navigation(12.345, rng.normal(size=3), q, *rng.normal(size=(2, 3)),
                            *rng.normal(size=(3, 3, 3)))
    message = messages.odometry(navigation)
    assert to_seconds(message.header.stamp) == 12.345
    assert message.pose.pose.position.x == navigation.position_map[0]
    assert np.array_equal(np.reshape(message.pose.covariance, (6, 6))[3:, 3:], navigation.attitude_covariance)
    assert message.twist.twist.linear.z == navigation.velocity_body[2]
    state = messages.state_vector(message)
    assert isinstance(state, StateVector)
    assert np.array_equal(state.q_map_body, q)
    velocity_body = rotations.rotate(rotations.conjugate(q), state.velocity_map)
    assert velocity_body == pytest.approx(navigation.velocity_body)
    sample = messages.imu_sample(imu_message(0.07, 1.1))
    assert dataclasses.astuple(sample)[0] == 0.07
    assert isinstance(sample, ImuSample)

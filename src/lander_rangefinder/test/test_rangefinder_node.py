"""The node as a process, over DDS and the unix link; the test is the inertial unit and the device."""

import math
import os
import signal
import subprocess
import sys

import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.srv import ChangeState
from rclpy.experimental.events_executor import EventsExecutor
from sensor_msgs.msg import Imu, Range

from lander_common.ros.qos import RING, STATUS
from lander_common.ros.time import to_seconds, to_stamp
from lander_common.transport import listen_transport
from lander_msgs.msg import RangeSample
from lander_rangefinder.vectronix_frames import encode

LINK = f'unix:@frigoris-node-test-{os.getpid()}'
LIMIT = 20.0  # [s] wall time for anything that is waited for
ACK = b'>AC*84\r'


def start_node(*parameters):
    arguments = [a for p in parameters for a in ('-p', p)]
    command = [sys.executable, '-m', 'lander_rangefinder.rangefinder_node', '--ros-args', *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def stop_node(process):
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, errors
    return errors


class World:
    """Publishes imu, answers the range commands, and keeps what the node publishes."""

    def __init__(self):
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node('world', context=self.context)
        self.executor = EventsExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.samples, self.ranges, self.states = [], [], []
        self.imu = self.node.create_publisher(Imu, 'imu', RING)
        for kind, topic, kept in ((RangeSample, 'rangefinder/range_sample', self.samples),
                                  (Range, 'rangefinder/range', self.ranges),
                                  (DiagnosticArray, '/diagnostics', self.states)):
            self.node.create_subscription(kind, topic, kept.append, RING if kept is self.samples else STATUS)
        self.device = listen_transport(LINK)

    def until(self, met):
        """Spin until `met()`, woken by events; fail after LIMIT."""
        end = self.node.get_clock().now().nanoseconds + LIMIT * 1e9
        while not met():
            assert self.node.get_clock().now().nanoseconds < end, 'waited too long'
            self.executor.spin_once(timeout_sec=0.1)

    def ready(self):
        """Wait until all topics are matched both ways and the link is up."""
        self.until(lambda: self.imu.get_subscription_count() == 1 and self.device.connected and all(
            len(self.node.get_publishers_info_by_topic(t)) >= 1
            for t in ('rangefinder/range_sample', 'rangefinder/range', '/diagnostics')))

    def cycle(self, time, answer):
        """Publish imu(time), wait until the node has acted on it, and answer if it asked."""
        message = Imu()
        message.header.stamp = to_stamp(time)
        self.imu.publish(message)
        assert self.device.wait(to_seconds(message.header.stamp), LIMIT)
        data = self.device.read()
        assert data in (b'', b'>LM,Md,3*D5\r')
        if data:
            self.device.write(answer)

    def close(self):
        self.device.close()
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)


@pytest.fixture
def world():
    w = World()
    yield w
    w.close()


@pytest.fixture
def node(world):
    process = start_node(f'transport:={LINK}', 'sigma_m:=0.25')
    world.ready()
    yield process
    if process.poll() is None:
        process.kill()
        process.communicate()


def test_a_flight_over_dds(world, node):
    answers = [('v0006091', RangeSample.VALIDITY_VALID), ('R000E301', RangeSample.VALIDITY_NO_RETURN),
               ('T0006091', RangeSample.VALIDITY_DEGRADED), ('v0000000', RangeSample.VALIDITY_DEVICE_ERROR)]
    time = 0.0
    for text, _ in answers:
        # the first shot comes after a second, the others 0.2 s apart; each is answered a cycle later
        for _ in range(102 if time == 0.0 else 20):
            world.cycle(time, ACK + encode(f'LM,Md,{text}') + b'<')
            time = round(time + 0.01, 9)
    world.until(lambda: len(world.samples) == len(world.ranges) == len(answers))
    assert [s.validity for s in world.samples] == [v for _, v in answers]
    assert [to_seconds(s.header.stamp) for s in world.samples] == pytest.approx([1.0, 1.2, 1.4, 1.6])
    assert [to_seconds(s.received) for s in world.samples] == pytest.approx([1.01, 1.21, 1.41, 1.61])
    valid, missing, doubtful, error = world.samples
    assert valid.header.frame_id == 'rangefinder_link'
    assert (valid.range_m, valid.variance, valid.quality) == (60.91, 0.0625, 1.0)
    assert math.isnan(missing.range_m)
    assert missing.reason == 'no return (R000E301)'
    assert doubtful.range_m == 60.91
    assert math.isnan(error.range_m)
    assert [r.range for r in world.ranges[:2]] == pytest.approx([60.91, math.inf])
    assert math.isnan(world.ranges[3].range)
    assert world.ranges[0].variance == pytest.approx(0.0625)
    assert world.ranges[0].radiation_type == Range.INFRARED
    message = 'less than half of the shots are valid'
    world.until(lambda: world.states and world.states[-1].status[0].message == message)
    status = world.states[-1].status[0]
    assert (status.name, status.hardware_id, status.level) == ('rangefinder', LINK, DiagnosticStatus.WARN)
    stop_node(node)


def test_repeated_and_older_stamps(world, node):
    answer = ACK + encode('LM,Md,v0006091') + b'<'
    for k in range(102):
        for _ in range(3):  # the simulator repeats what was not answered
            world.cycle(0.01 * k, answer)
    world.until(lambda: len(world.samples) >= 1)
    # the flight starts anew: the device must not hear of it before the node has said so
    message = Imu()
    message.header.stamp = to_stamp(0.0)
    world.imu.publish(message)
    world.until(lambda: bool(world.device.read() is not None and world.device.acted_until == 0.0))
    for k in range(1, 102):
        world.cycle(0.01 * k, answer)
    world.until(lambda: len(world.samples) >= 2)
    assert [to_seconds(s.header.stamp) for s in world.samples] == pytest.approx([1.0, 1.0])
    assert 'time went back from 1.010 s to 0.000 s' in stop_node(node)


def test_the_device_is_unplugged_and_comes_back(world, node):
    answer = ACK + encode('LM,Md,v0006091') + b'<'
    for k in range(110):
        world.cycle(0.01 * k, answer)
    world.until(lambda: len(world.samples) == 1)
    world.device.close()
    message = Imu()
    message.header.stamp = to_stamp(1.2)
    world.imu.publish(message)
    world.until(lambda: len(world.samples) == 2)
    assert world.samples[1].validity == RangeSample.VALIDITY_DEVICE_ERROR
    assert world.samples[1].reason == f'{LINK}: the other end has gone'
    world.device = listen_transport(LINK)
    message.header.stamp = to_stamp(2.0)
    world.imu.publish(message)
    world.until(lambda: world.device.connected)
    for k in range(201, 320):
        world.cycle(0.01 * k, answer)
    world.until(lambda: len(world.samples) == 3)
    assert world.samples[2].validity == RangeSample.VALIDITY_VALID
    stop_node(node)


def test_starts_without_its_device_and_obeys_the_lifecycle(world):
    process = start_node('transport:=serial:///dev/frigoris-none', 'trigger:=timer')
    try:
        world.until(lambda: len(world.samples) >= 2)
        assert world.samples[0].validity == RangeSample.VALIDITY_DEVICE_ERROR
        assert 'serial:///dev/frigoris-none' in world.samples[0].reason
        assert 'No such file' in world.samples[0].reason
        world.until(lambda: any(s.status[0].level == DiagnosticStatus.ERROR for s in world.states))
        client = world.node.create_client(ChangeState, 'rangefinder/change_state')
        world.until(client.service_is_ready)
        # activate although it is active, then deactivate, clean up, configure, activate
        for transition, possible in ((3, False), (4, True), (2, True), (1, True), (3, True)):
            request = ChangeState.Request()
            request.transition.id = transition
            future = client.call_async(request)
            world.until(future.done)
            assert future.result().success is possible
        seen = len(world.samples)
        world.until(lambda: len(world.samples) > seen)
        stop_node(process)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_a_bad_parameter_ends_the_node_with_a_clear_word():
    process = start_node('transport:=tcp://host:1')
    _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 2
    assert "transport = 'tcp://host:1': allowed is serial:///dev/NAME" in errors

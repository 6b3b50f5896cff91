"""The IMU on its line in lock-step: device and driver are processes, the test is the rest of the ring."""

import signal
import subprocess
import sys
import time

import pytest
import rclpy
from rclpy.experimental.events_executor import EventsExecutor
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Imu

from lander_common.ros.qos import RING
from lander_common.ros.time import to_seconds, to_stamp
from lander_msgs.msg import ThrusterCommand

LIMIT = 20.0  # [s] wall time for anything that is waited for
START, CYCLE = 40.0, 0.02  # [s] of flight time
AGE = 6.886e-3 + 28 * 10 / 921600  # [s] filter, latency, sending, and 28 bytes on the line


class World:
    """Steps when a command with the stamp of the cycle has come, as the simulator does."""

    def __init__(self, link):
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node('world', context=self.context)
        self.executor = EventsExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.imu, self.actual, self.answering, self.cycles = [], [], True, 0
        self.clock = self.node.create_publisher(Clock, '/clock', RING)
        self.motion = self.node.create_publisher(Imu, 'imu/simulated', RING)
        self.command = self.node.create_publisher(ThrusterCommand, 'thrusters/command', RING)
        self.node.create_subscription(Imu, 'imu', self.on_imu, RING)
        self.node.create_subscription(ThrusterCommand, 'valves/actual', self.actual.append, RING)
        self.processes = [self.start('lander_sim.imu_device_node', f'link:=pty:{link}', 'patience_s:=0.3'),
                          self.start('lander_imu.imu_driver_node', f'transport:=serial://{link}',
                                     'use_sim_time:=true')]

    def start(self, module, *parameters):
        arguments = [a for p in parameters for a in ('-p', p)]
        return subprocess.Popen([sys.executable, '-m', module, '--ros-args', *arguments])

    def on_imu(self, message):
        self.imu.append(message)
        if self.answering:
            self.command.publish(ThrusterCommand(header=message.header, on_time_s=[0.01], throttle=[0.5]))

    def until(self, met, limit=LIMIT):
        """Spin until `met()`, woken by events; return whether it was before `limit` [s]."""
        end = time.monotonic() + limit
        while not met() and time.monotonic() < end:
            self.executor.spin_once(timeout_sec=0.1)
        return met()

    def fly(self, cycles):
        """Fly so many cycles, each until it is answered."""
        for _ in range(cycles):
            self.cycles += 1
            stamp = self.cycle()
            assert self.until(lambda stamp=stamp: self.actual[-1].header.stamp == stamp), self.cycles

    def cycle(self):
        """Fly one cycle with a rate that tells its number; return the stamp."""
        stamp = to_stamp(START + CYCLE * self.cycles)
        message = Imu()
        message.header.stamp, message.angular_velocity.z = stamp, 0.001 * self.cycles
        self.clock.publish(Clock(clock=stamp))
        self.motion.publish(message)
        return stamp

    def close(self):
        for process in self.processes:
            process.send_signal(signal.SIGINT)
        codes = [process.wait(LIMIT) for process in self.processes]
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)
        assert codes == [0, 0]


@pytest.fixture
def world(tmp_path):
    w = World(tmp_path / 'imu')
    yield w
    w.close()


def test_each_cycle_is_answered_with_its_stamp(world):
    # as the simulator does, the first cycle is offered until it is answered
    for _ in range(100):
        world.cycle()
        if world.until(lambda: world.actual, 0.2):
            break
    world.fly(200)
    assert list(world.actual[-1].on_time_s) == [0.01]
    told = world.imu[-100:]
    ages = [START + CYCLE * (101 + k) - to_seconds(m.header.stamp) for k, m in enumerate(told)]
    assert ages == pytest.approx([AGE] * 100, abs=3e-3)
    rates = [m.angular_velocity.z for m in told]  # the device is three samples of ten late
    assert rates == pytest.approx([0.001 * (101 + k - 0.3) for k in range(100)], abs=1e-6)

    world.answering = False
    began = time.monotonic()
    world.fly(1)
    assert time.monotonic() - began > 0.29
    assert (list(world.actual[-1].on_time_s), list(world.actual[-1].throttle)) == ([0.0], [0.5])
    world.answering = True
    world.fly(5)
    assert list(world.actual[-1].on_time_s) == [0.01]

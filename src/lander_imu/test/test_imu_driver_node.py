"""The node as a process, over DDS and a pseudo terminal; the test is the device, in real time."""

import os
import signal
import subprocess
import sys
import threading
import time
from itertools import pairwise

import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rclpy.experimental.events_executor import EventsExecutor
from sensor_msgs.msg import Imu

from lander_common.ros.qos import RING, STATUS
from lander_common.ros.time import to_seconds
from lander_common.transport import listen_transport

from .datagrams import answer, measurement

LIMIT = 20.0  # [s] wall time for anything that is waited for
SENT = 500  # [Hz]
ONE_DEGREE, ONE_G = 2**14, 2**19


class Device:
    """A device in a thread of its own: sends one sample after the other, and answers."""

    def __init__(self, link):
        self.end = listen_transport(f'pty:{link}')
        self.mode, self.stop, self.sent = 'measure', threading.Event(), 0
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        start = time.monotonic()
        while not self.stop.wait(0.002):
            due = int((time.monotonic() - start) * SENT)
            count, self.sent = due - self.sent, due
            if self.mode == 'silent':
                self.end.read()
                continue
            for command in self.end.read().split(b'\r')[:-1]:
                if self.mode == 'measure' and command != b'E':
                    self.end.write(answer(command + b'\r'))
            for k in range(due - count + 1, due + 1):
                # each group of ten has the mean 5.5 degrees a second about x
                data = measurement(4 * k, ((1 + k % 10) * ONE_DEGREE, 0, 0), (0, 0, ONE_G))
                self.end.write(data if self.mode == 'measure' else data[::-1])

    def unplug(self):
        self.stop.set()
        self.thread.join()
        self.end.close()


class Bench:
    """Hears what the node publishes."""

    def __init__(self, folder):
        self.link = folder / 'imu'
        self.device = Device(self.link)
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node('bench', context=self.context)
        self.executor = EventsExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.imu, self.states = [], []
        self.node.create_subscription(Imu, 'imu', lambda m: self.imu.append((time.time(), m)), RING)
        self.node.create_subscription(
            DiagnosticArray, '/diagnostics', lambda m: self.states.append(m.status[0]), STATUS)
        self.process = subprocess.Popen(
            [sys.executable, '-m', 'lander_imu.imu_driver_node', '--ros-args', '-p',
             f'transport:=serial://{self.link}', '-p', 'mounting_rpy_deg:=[0.0, 0.0, 90.0]'],
            stderr=subprocess.PIPE, text=True)

    def until(self, met):
        """Spin until `met()`, woken by events; fail after LIMIT."""
        end = time.monotonic() + LIMIT
        while not met():
            assert time.monotonic() < end, (len(self.imu), self.states[-1:])
            assert self.process.poll() is None, self.process.stderr.read()
            self.executor.spin_once(timeout_sec=0.1)

    def values(self):
        return {v.key: v.value for v in self.states[-1].values}

    def until_state(self, level, text=''):
        self.until(lambda: self.states and self.states[-1].level == level
                   and text in self.states[-1].message)

    def close(self):
        self.device.unplug()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)


@pytest.fixture
def bench(tmp_path):
    b = Bench(tmp_path)
    yield b
    b.close()


def test_means_over_dds(bench):
    bench.until(lambda: len(bench.imu) >= 100)
    messages = [m for _, m in bench.imu]
    for m in messages:
        # a group begins anywhere in the pattern of ten, and has its mean wherever it begins
        assert m.angular_velocity.y == pytest.approx(0.09599310885968812, rel=1e-12)
        assert abs(m.angular_velocity.x) < 1e-12
        assert m.linear_acceleration.z == pytest.approx(9.80665, rel=1e-12)
        assert m.header.frame_id == 'base_link'
        assert m.orientation_covariance[0] == -1.0
        assert m.angular_velocity_covariance[0] == pytest.approx(9.52e-8, rel=1e-3)
        assert m.linear_acceleration_covariance[8] == pytest.approx(8e-6, rel=1e-3)
    stamps = [to_seconds(m.header.stamp) for m in messages]
    for a, b in pairwise(stamps):  # a machine that is busy may lose some
        assert b - a == pytest.approx(0.02 * round((b - a) / 0.02), rel=0.011)
    assert all(t - to_seconds(m.header.stamp) > 0.006 for t, m in bench.imu)  # filter, latency, sending
    bench.until_state(DiagnosticStatus.OK)
    assert bench.values()['serial_number'] == 'N25582405002002'
    assert bench.values()['sample_rate_hz'] == '500'
    bench.process.send_signal(signal.SIGINT)
    assert bench.process.wait(LIMIT) == 0


def recovers(bench):
    """Wait for the next message, which must come within a second."""
    seen, back = len(bench.imu), time.monotonic()
    bench.until(lambda: len(bench.imu) > seen)
    return time.monotonic() - back


def test_unplugged_and_plugged_in_again(bench):
    bench.until(lambda: len(bench.imu) >= 10)
    bench.device.unplug()
    bench.until_state(DiagnosticStatus.ERROR, 'no link')
    assert str(bench.link) in bench.values()['last_problem']
    bench.device = Device(bench.link)
    assert recovers(bench) < 1.0
    bench.until_state(DiagnosticStatus.OK)


@pytest.mark.parametrize('mode, words', [('silent', 'silent'), ('garbage', 'wrong baud rate')])
def test_silence_and_garbage(bench, mode, words):
    bench.until(lambda: len(bench.imu) >= 10)
    bench.device.mode = mode
    bench.until_state(DiagnosticStatus.ERROR, words)
    bench.device.mode = 'measure'
    assert recovers(bench) < 1.0
    bench.until_state(DiagnosticStatus.OK)


def test_starts_without_its_device_and_obeys_the_lifecycle(bench):
    bench.device.unplug()
    bench.until_state(DiagnosticStatus.ERROR, 'no link')
    bench.device = Device(bench.link)
    bench.until(lambda: len(bench.imu) >= 10)
    client = bench.node.create_client(ChangeState, 'imu_driver/change_state')
    bench.until(client.service_is_ready)
    for transition in (4, 2, 1, 3):  # deactivate, clean up, configure, activate
        future = client.call_async(ChangeState.Request(transition=Transition(id=transition)))
        bench.until(future.done)
        assert future.result().success, transition
    assert recovers(bench) < 1.0


def test_a_bad_parameter_ends_the_node(tmp_path):
    process = subprocess.run(
        [sys.executable, '-m', 'lander_imu.imu_driver_node', '--ros-args', '-p', 'rate_hz:=60.0'],
        capture_output=True, text=True, timeout=LIMIT, env=os.environ)
    assert process.returncode == 2
    assert 'rate_hz = 60.0: allowed is a whole part of 2000' in process.stderr

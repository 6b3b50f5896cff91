"""The release node as a process, over DDS and a multicast bus; the device is emulated in this process."""

import os
import signal
import subprocess
import sys
import time

import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.experimental.events_executor import EventsExecutor
from std_msgs.msg import Bool
from std_srvs.srv import SetBool

from lander_common.canbus.bus import CanBus
from lander_common.canbus.release import DEVICE_LISTENS, Device
from lander_common.ros.qos import RING, STATUS
from lander_msgs.msg import ReleaseStatus
from lander_sim.devices.on_can import Served
from lander_sim.devices.release_device import ReleaseDevice

BUS = f'udp_multicast:239.74.163.2?port={43300 + int(os.environ.get("ROS_DOMAIN_ID", 0))}'
LIMIT = 30.0  # [s] wall time for anything that is waited for


class Bench:
    """Asks for the release, keeps what the node says, and owns the device."""

    def __init__(self, *parameters):
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node('bench', context=self.context)
        self.executor = EventsExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.status, self.states = [], []
        self.out = self.node.create_publisher(Bool, 'rover/release', RING)
        self.node.create_subscription(ReleaseStatus, 'rover/release_status', self.status.append, STATUS)
        self.node.create_subscription(
            DiagnosticArray, '/diagnostics', lambda m: self.states.append(m.status[0]), STATUS)
        self.inhibit = self.node.create_client(SetBool, 'rover/set_inhibit')
        self.device = ReleaseDevice(lambda: 4711)
        self.heard = 0
        self.served = Served(CanBus(BUS, 500_000, DEVICE_LISTENS), [self], lambda now: None)
        arguments = [a for p in (f'bus:={BUS}', *parameters) for a in ('-p', p)]
        self.process = subprocess.Popen(
            [sys.executable, '-m', 'lander_rover.rover_release_node', '--ros-args', *arguments],
            stderr=subprocess.PIPE, text=True)

    def hear(self, frame, now):
        self.heard += 1
        return self.device.hear(frame, now)

    def step(self, now):
        return self.device.step(now)

    def due(self, now):
        return self.device.due(now)

    def until(self, met, ask=False):
        end = time.monotonic() + LIMIT
        while not met():
            assert time.monotonic() < end, (self.status[-1:], [s.message for s in self.states[-3:]])
            if ask:
                self.out.publish(Bool(data=True))
            self.executor.spin_once(timeout_sec=0.1)

    def set_inhibit(self, on):
        self.until(self.inhibit.service_is_ready)
        future = self.inhibit.call_async(SetBool.Request(data=on))
        self.until(future.done)
        return future.result()

    @property
    def state(self):
        return self.status[-1].state if self.status else None

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            _, errors = self.process.communicate(timeout=LIMIT)
            assert self.process.returncode == 0, errors
        finally:
            self.process.kill()
            self.served.stop()
            self.executor.shutdown()
            self.node.destroy_node()
            rclpy.shutdown(context=self.context)


@pytest.fixture
def make():
    made = []

    def one(*parameters):
        made.append(Bench(*parameters))
        return made[-1]
    yield one
    for bench in made:
        bench.close()


def test_inhibited_by_default_and_released_once_that_is_off(make):
    bench = make()
    bench.until(lambda: bench.state == ReleaseStatus.STATE_INHIBITED and bench.status[-1].requested, ask=True)
    seen = len(bench.status)
    bench.until(lambda: len(bench.status) > seen + 10, ask=True)
    assert bench.heard == 0
    assert {s.state for s in bench.status} == {ReleaseStatus.STATE_INHIBITED}
    assert bench.states[-1].level == DiagnosticStatus.WARN
    assert 'inhibited' in bench.states[-1].message
    assert bench.set_inhibit(False).success
    bench.until(lambda: bench.state == ReleaseStatus.STATE_RELEASED, ask=True)
    assert bench.device.fired == 1


def test_a_jammed_release_fails_with_words(make):
    bench = make('inhibit:=false', 'attempts:=1', 'confirm_timeout_s:=0.5')
    bench.device.jammed = True
    bench.until(lambda: bench.state == ReleaseStatus.STATE_FAILED, ask=True)
    assert 'the separation switch has not opened' in bench.status[-1].detail
    bench.until(lambda: bench.states[-1].level == DiagnosticStatus.ERROR, ask=True)
    bench.until(lambda: bench.state == ReleaseStatus.STATE_SAFE)  # nobody asks any more
    bench.until(lambda: bench.device.state is Device.SAFE)


def test_a_device_that_dies_is_reported_and_taken_up_again(make):
    bench = make('inhibit:=false')
    bench.until(lambda: bench.state == ReleaseStatus.STATE_SAFE)
    with bench.served.lock:
        bench.device.silent = True
    bench.until(lambda: bench.state == ReleaseStatus.STATE_NO_DEVICE)
    with bench.served.lock:
        bench.device.silent = False
    bench.until(lambda: bench.state == ReleaseStatus.STATE_SAFE)

"""The node as a process, over DDS and a multicast bus; the boards are emulated in this process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.srv import ChangeState
from rclpy.experimental.events_executor import EventsExecutor

from lander_common.canbus.bus import CanBus
from lander_common.canbus.valves import BOARD_LISTENS
from lander_common.ros.qos import RING, STATUS
from lander_common.ros.time import to_stamp
from lander_msgs.msg import ThrusterCommand, ValveStatus
from lander_sim.devices.on_can import Served
from lander_sim.devices.valve_board import ValveFault
from lander_sim.devices.valve_boards import make_boards

VEHICLE_FILE = Path(__file__).parents[3] / 'config' / 'vehicles' / 'resilience.yaml'
BUS = f'udp_multicast:239.74.163.2?port={43200 + int(os.environ.get("ROS_DOMAIN_ID", 0))}'
LIMIT = 30.0  # [s] wall time for anything that is waited for
N = 15


def start_node(*parameters):
    arguments = [a for p in (f'vehicle_file:={VEHICLE_FILE}', *parameters) for a in ('-p', p)]
    command = [sys.executable, '-m', 'lander_thrusters.valve_driver_node', '--ros-args', *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def stop_node(process):
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, errors
    return errors


class Bench:
    """Sends commands, keeps what the node says, and owns the boards."""

    def __init__(self):
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node('bench', context=self.context)
        self.executor = EventsExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.status, self.states = [], []
        self.out = self.node.create_publisher(ThrusterCommand, 'thrusters/command', RING)
        self.node.create_subscription(ValveStatus, 'valves/status', self.status.append, STATUS)
        self.node.create_subscription(
            DiagnosticArray, '/diagnostics', lambda m: self.states.append(m.status[0]), STATUS)
        self.stamp = 0.0
        self.served = None
        self.plug_in()

    def plug_in(self):
        self.boards = make_boards(N)
        self.told = []  # times at which the boards were told something new
        self.served = Served(CanBus(BUS, 500_000, BOARD_LISTENS), self.boards, self.told.append)

    def unplug(self):
        self.served.stop()
        self.served = None

    def is_open(self):
        with self.served.lock:
            return self.boards[0].is_open(time.monotonic())

    def command(self, on_time, throttle=()):
        self.stamp += 0.02
        message = ThrusterCommand(on_time_s=np.full(N, on_time, dtype=float), throttle=throttle)
        message.header.stamp = to_stamp(self.stamp)
        self.out.publish(message)

    def until(self, met, each=lambda: None):
        """Spin until `met()`, calling `each` every 20 ms; fail after LIMIT."""
        end = time.monotonic() + LIMIT
        while not met():
            assert time.monotonic() < end, (self.status[-1:], [s.message for s in self.states[-5:]])
            each()
            wait = time.monotonic() + 0.02
            while (left := wait - time.monotonic()) > 0.0 and not met():
                self.executor.spin_once(timeout_sec=left)

    def fly(self, met, on_time=0.3):
        """Command at 50 Hz until `met()`."""
        self.until(met, lambda: self.command(on_time))

    def ready(self):
        self.until(lambda: self.out.get_subscription_count() == 1 and self.status
                   and self.status[-1].unknown_mask == 0)

    def close(self):
        if self.served is not None:
            self.served.stop()
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)


@pytest.fixture
def bench():
    one = Bench()
    yield one
    one.close()


@pytest.fixture
def node(bench):
    process = start_node(f'bus:={BUS}')
    try:
        bench.ready()
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def level(bench):
    return bench.states[-1].level if bench.states else None


def test_commands_reach_the_valves_and_silence_closes_them(bench, node):
    on_time = np.where(np.arange(N) % 2, 1.0, 0.0)
    mask = sum(1 << i for i in range(1, N, 2))
    bench.fly(lambda: bench.status[-1].open_mask == mask, on_time)
    bench.fly(lambda: list(bench.is_open()) == list(on_time > 0.0), on_time)
    bench.until(lambda: level(bench) == DiagnosticStatus.OK, lambda: bench.command(on_time))
    bench.until(lambda: not bench.is_open().any())
    bench.until(lambda: bench.status[-1].watchdog and bench.status[-1].open_mask == 0)
    bench.until(lambda: bench.status[-1].faults == ['no good command for 0.1 s: valves closed'])
    bench.until(lambda: level(bench) == DiagnosticStatus.ERROR)
    bench.fly(lambda: bench.status[-1].open_mask == mask and not bench.status[-1].watchdog, on_time)
    stop_node(node)


def test_the_board_dies_and_comes_back(bench, node):
    bench.fly(lambda: bench.status[-1].open_mask == 2**N - 1)
    bench.unplug()
    bench.fly(lambda: bench.status[-1].unknown_mask == 2**N - 1)
    assert 'board 0 is silent' in bench.status[-1].faults
    assert bench.status[-1].open_mask == 0
    bench.fly(lambda: level(bench) == DiagnosticStatus.ERROR and 'silent' in bench.states[-1].message)
    bench.plug_in()
    bench.fly(lambda: bench.status[-1].open_mask == 2**N - 1 and bench.status[-1].faults == [])
    stop_node(node)


def test_a_stuck_valve_and_bad_commands_are_named(bench, node):
    with bench.served.lock:
        bench.boards[0].faults[3] = ValveFault.STUCK_CLOSED
    bench.fly(lambda: bench.status[-1].stuck_closed_mask == 1 << 3)
    assert any(f == 'assist_3 stuck closed' for f in bench.status[-1].faults)
    refused = 'command refused: on-time or throttle is no number: main'
    bench.until(lambda: refused in bench.status[-1].faults, lambda: bench.command(np.nan))
    assert bench.status[-1].commands_refused > 0
    stop_node(node)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_the_end_of_the_node_closes_the_valves_at_once(bench, node, number):
    bench.fly(lambda: bench.is_open().all(), 2.0)
    with bench.served.lock:
        seen = bench.boards[0].seen['Close']
        assert bench.boards[0].end[0] > time.monotonic()
    node.send_signal(number)
    bench.until(lambda: not bench.is_open().any(), lambda: bench.command(2.0))
    with bench.served.lock:  # commands went on: it was not the watchdog
        assert bench.boards[0].seen['Close'] > seen
    assert node.wait(LIMIT) == 0


def test_a_killed_node_leaves_the_valves_open_for_100_ms_at_most(bench, node):
    bench.fly(lambda: bench.is_open().all(), 2.0)
    node.kill()
    bench.until(lambda: not bench.is_open().any())
    with bench.served.lock:
        assert bench.boards[0].end.max() - max(bench.told) < 0.2


def test_starts_without_its_bus_and_obeys_the_lifecycle(bench):
    process = start_node('bus:=socketcan:frigoris0')
    try:
        bench.until(lambda: any('socketcan:frigoris0' in s.message for s in bench.states))
        assert level(bench) == DiagnosticStatus.ERROR
        client = bench.node.create_client(ChangeState, 'valve_driver/change_state')
        bench.until(client.service_is_ready)
        for transition, possible in ((3, False), (4, True), (2, True), (1, True), (3, True)):
            request = ChangeState.Request()
            request.transition.id = transition
            future = client.call_async(request)
            bench.until(future.done)
            assert future.result().success is possible
        assert 'trying again while active' in stop_node(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_deactivation_closes_the_valves(bench, node):
    client = bench.node.create_client(ChangeState, 'valve_driver/change_state')
    bench.fly(lambda: bench.is_open().all() and client.service_is_ready(), 2.0)
    request = ChangeState.Request()
    request.transition.id = 4
    future = client.call_async(request)
    bench.fly(future.done, 2.0)
    bench.fly(lambda: not bench.is_open().any(), 2.0)
    stop_node(node)


def test_a_bad_parameter_ends_the_node_with_a_clear_word():
    process = start_node('bus:=can0')
    _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 2
    assert "bus = 'can0': allowed is socketcan:can0" in errors

"""The node over DDS: wrench in; command, status and diagnostics out."""

import math
import time
from pathlib import Path

import numpy as np
import pytest

rclpy = pytest.importorskip('rclpy')

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus  # noqa: E402
from geometry_msgs.msg import WrenchStamped  # noqa: E402
from rclpy.experimental.events_executor import EventsExecutor  # noqa: E402
from rclpy.node import Node  # noqa: E402
from sensor_msgs.msg import Imu  # noqa: E402
from std_srvs.srv import Trigger  # noqa: E402

from lander_common.parameters import ParameterError  # noqa: E402
from lander_common.ros.geometry import set_xyz  # noqa: E402
from lander_common.ros.qos import RING, STATUS  # noqa: E402
from lander_common.ros.time import to_stamp  # noqa: E402
from lander_common.samples import Wrench  # noqa: E402
from lander_msgs.msg import ThrusterCommand, ThrusterStatus, ValveStatus  # noqa: E402
from lander_thrusters.allocator import ThrusterAllocator  # noqa: E402
from lander_thrusters.parameters import AllocatorParameters  # noqa: E402
from lander_thrusters.thruster_allocator_node import ThrusterAllocatorNode  # noqa: E402

VEHICLE_FILE = Path(__file__).parents[3] / 'config' / 'vehicles' / 'resilience.yaml'
CONFIG_FILE = Path(__file__).parents[1] / 'config' / 'thruster_allocator.yaml'


class Guidance(Node):
    """Sends wrenches and keeps every answer."""

    def __init__(self):
        super().__init__('guidance')
        self.commands, self.statuses, self.diagnostics = [], [], []
        self.out = self.create_publisher(WrenchStamped, 'wrench', RING)
        self.imu_out = self.create_publisher(Imu, 'imu', RING)
        self.clear = self.create_client(Trigger, 'thrusters/clear_faults')
        self.create_subscription(ThrusterCommand, 'thrusters/command', self.commands.append, RING)
        self.create_subscription(ThrusterStatus, 'thrusters/status', self.statuses.append, STATUS)
        self.create_subscription(DiagnosticArray, '/diagnostics', self.diagnostics.append, STATUS)

    def ask(self, time_s, force_z, torque_x=0.0):
        message = WrenchStamped()
        message.header.stamp, message.header.frame_id = to_stamp(time_s), 'base_link'
        message.wrench.force.z, message.wrench.torque.x = force_z, torque_x
        self.out.publish(message)


    def ask_for(self, wrench):
        message = WrenchStamped()
        message.header.stamp = to_stamp(wrench.time)
        set_xyz(message.wrench.force, wrench.force)
        set_xyz(message.wrench.torque, wrench.torque)
        self.out.publish(message)

    def measure(self, sample):
        message = Imu()
        message.header.stamp, message.header.frame_id = to_stamp(sample.time), 'base_link'
        set_xyz(message.angular_velocity, sample.angular_velocity)
        set_xyz(message.linear_acceleration, sample.specific_force)
        self.imu_out.publish(message)


class Graph:
    """The allocator node and a guidance, spun by one executor."""

    def __init__(self, *arguments):
        rclpy.init(args=['--ros-args', '--params-file', str(CONFIG_FILE),
                         '-p', f'vehicle_file:={VEHICLE_FILE}', *arguments])
        self.guidance, self.allocator = Guidance(), ThrusterAllocatorNode()
        self.executor = EventsExecutor()
        self.executor.add_node(self.guidance)
        self.executor.add_node(self.allocator)
        self.wait(lambda: self.guidance.out.get_subscription_count() >= 1
                  and self.guidance.count_publishers('thrusters/command') >= 1)

    def wait(self, condition, timeout=10.0):
        end = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < end, 'nothing came back'
            self.executor.spin_once(timeout_sec=0.05)

    def ask(self, *wrench):
        """Send a wrench; return the command that it brings."""
        count = len(self.guidance.commands)
        self.guidance.ask(*wrench)
        self.wait(lambda: len(self.guidance.commands) > count)
        return self.guidance.commands[-1]


@pytest.fixture
def graph():
    made = []

    def make(*arguments):
        made.append(Graph(*arguments))
        return made[0]
    yield make
    for g in made:
        g.executor.shutdown()
        g.guidance.destroy_node()
        g.allocator.destroy_node()
    rclpy.try_shutdown()


def test_commands_are_those_of_the_core_bit_for_bit(graph, vehicle):
    graph, core = graph(), ThrusterAllocator(AllocatorParameters(), vehicle)
    for k in range(60):
        t = k * 10_000_000 * 1e-9
        command = graph.ask(t, 700.0 + k, 3.0)
        expected = core.step(Wrench(t, *_arrays(700.0 + k, 3.0)))
        assert command.header.stamp == to_stamp(t)
        assert list(command.on_time_s) == list(expected.on_time)
        assert list(command.throttle) == list(expected.throttle)
    graph.wait(lambda: len(graph.guidance.statuses) >= 6)
    assert len(graph.guidance.statuses) == 6  # 10 Hz
    status = graph.guidance.statuses[-1]
    assert status.duty[0] == 1.0
    assert status.saturation[0] == ThrusterStatus.SATURATION_UPPER
    assert abs(status.unachieved_force.z) < 1.0


def test_the_diagnostics_tell_how_the_ring_keeps_its_time(graph):
    graph = graph('-p', 'deadline_s:=0.2', '-p', 'detect_faults:=false')
    begin = time.monotonic()

    def cycle():
        """Ask with a sample that is 40 ms old, 50 ms after the last time."""
        until = time.monotonic() + 0.05
        graph.ask(graph.guidance.get_clock().now().nanoseconds * 1e-9 - 0.04, 700.0)
        graph.wait(lambda: time.monotonic() >= until)

    def told(level):
        status = [s for m in graph.guidance.diagnostics for s in m.status][-1:]
        values = {v.key: v.value for s in status for v in s.values}
        return values if status and status[0].level == level and 'period_ms' in values else {}

    while not (found := told(DiagnosticStatus.OK)) or time.monotonic() < begin + 2.5:
        cycle()
        assert time.monotonic() < begin + 20.0, graph.guidance.diagnostics[-1:]
    assert float(found['period_ms']) == pytest.approx(52.0, abs=10.0)
    assert 40.0 <= float(found['age_median_ms']) <= float(found['age_worst_ms'])
    late = time.monotonic() + 0.4
    graph.wait(lambda: time.monotonic() >= late)  # the ring stalls
    while not (found := told(DiagnosticStatus.WARN)):
        cycle()
        assert time.monotonic() < begin + 30.0, graph.guidance.diagnostics[-1:]
    assert int(found['deadline_misses']) == 1
    assert float(found['worst_ms']) > 200.0
    text = graph.guidance.diagnostics[-1].status[0].message
    assert text == 'allocating, but the ring has missed deadlines in the last second'


def test_without_a_deadline_nobody_watches_the_time(graph):
    graph = graph()
    graph.ask(1.0, 900.0)
    graph.wait(lambda: graph.guidance.diagnostics)
    keys = [v.key for v in graph.guidance.diagnostics[-1].status[0].values]
    assert 'propellant_kg' in keys and 'period_ms' not in keys


def test_a_repeated_wrench_brings_the_same_command_again(graph):
    graph = graph()
    first, again = graph.ask(1.0, 900.0), graph.ask(1.0, 0.0)
    assert again == first
    assert graph.ask(1.01, 900.0).on_time_s[0] > 0.0


def test_a_wrench_from_the_past_is_ignored_and_reported(graph):
    graph = graph()
    graph.ask(1.0, 900.0)
    graph.guidance.ask(0.5, 900.0)
    command = graph.ask(2.5, 900.0)
    assert command.header.stamp == to_stamp(2.5)
    assert len(graph.guidance.commands) == 2
    graph.wait(lambda: any(_values(d)['wrenches_going_back_in_time'] == '1'
                           for d in graph.guidance.diagnostics))


def test_a_wrench_that_is_no_number_is_an_error(graph):
    graph = graph()
    graph.ask(1.0, 900.0)
    assert graph.ask(1.1, math.nan).on_time_s[0] > 0.0
    assert sum(graph.ask(1.7, math.nan).on_time_s) == 0.0
    graph.wait(lambda: any(d.status[0].level == DiagnosticStatus.ERROR
                           and 'not finite' in d.status[0].message for d in graph.guidance.diagnostics))


def test_a_thruster_known_to_have_failed_is_reported_and_not_used(graph):
    graph = graph('-p', 'failed_mask:=1')
    assert graph.ask(1.0, 900.0).on_time_s[0] == 0.0
    graph.wait(lambda: graph.guidance.statuses and graph.guidance.diagnostics)
    assert graph.guidance.statuses[0].failed_mask == 1
    assert graph.guidance.diagnostics[0].status[0].message == 'flying without main'


def test_a_valve_that_its_board_calls_stuck_is_not_used(graph):
    graph = graph()
    assert graph.ask(1.0, 1500.0).on_time_s[2] > 0.0
    boards = graph.guidance.create_publisher(ValveStatus, 'valves/status', STATUS)
    graph.wait(lambda: boards.get_subscription_count())
    boards.publish(ValveStatus(stuck_closed_mask=0b110, unknown_mask=0b010))  # the board of valve 1 is silent
    times = iter(np.arange(1.01, 9.0, 0.01))
    graph.wait(lambda: graph.ask(next(times), 1500.0).on_time_s[2] == 0.0)
    assert graph.guidance.commands[-1].on_time_s[1] > 0.0
    graph.wait(lambda: graph.guidance.statuses[-1].failed_mask == 0b100)
    assert graph.guidance.statuses[-1].faults[0].startswith('assist_2 stuck off, found at 1.')


def test_valves_that_the_watchdog_holds_closed_are_not_taken_for_broken(graph, make_ride):
    graph, ride = graph('-p', 'detect_faults:=true'), make_ride(force_z=430.0)
    boards = graph.guidance.create_publisher(ValveStatus, 'valves/status', STATUS)
    graph.wait(lambda: boards.get_subscription_count() and graph.guidance.imu_out.get_subscription_count())
    core_step, core_imu = ride.allocator.step, ride.allocator.add_imu

    def step(wrench):
        count = len(graph.guidance.commands)
        graph.guidance.ask_for(wrench)
        graph.wait(lambda: len(graph.guidance.commands) > count)
        return core_step(wrench)

    def deliver(sample):
        graph.guidance.measure(sample)
        core_imu(sample)
    ride.allocator.step, ride.deliver, ride.stir = step, deliver, 0.0
    ride.run(1.0)
    ride.closed = True
    for _ in range(4):
        ride.run(0.1)
        boards.publish(ValveStatus(watchdog=True))
    ride.closed = False
    ride.run(1.0)
    assert ride.found, 'the core, which hears nothing of the watchdog, blames a thruster'
    assert {status.failed_mask for status in graph.guidance.statuses} == {0}


def test_a_fault_is_found_as_in_the_core_bit_for_bit_named_and_cleared(graph, make_ride):
    graph, ride = graph('-p', 'detect_faults:=true'), make_ride()
    graph.wait(lambda: graph.guidance.imu_out.get_subscription_count() == 1)
    core_step, core_imu = ride.allocator.step, ride.allocator.add_imu

    def step(wrench):
        expected, count = core_step(wrench), len(graph.guidance.commands)
        graph.guidance.ask_for(wrench)
        graph.wait(lambda: len(graph.guidance.commands) > count)
        assert list(graph.guidance.commands[-1].on_time_s) == list(expected.on_time)
        return expected

    def deliver(sample):
        graph.guidance.measure(sample)
        core_imu(sample)
    ride.allocator.step, ride.deliver = step, deliver
    ride.run(0.5)
    ride.break_thruster('assist_3', 'stuck_off')
    ride.run(0.5)
    assert list(ride.found) == ['assist_3 stuck off']
    graph.wait(lambda: any('flying without assist_3; assist_3 stuck off, found at' in d.status[0].message
                           for d in graph.guidance.diagnostics))
    assert graph.guidance.statuses[-1].failed_mask == 1 << 3
    assert [f.partition(',')[0] for f in graph.guidance.statuses[-1].faults] == ['assist_3 stuck off']
    graph.wait(graph.guidance.clear.service_is_ready)
    answer = graph.guidance.clear.call_async(Trigger.Request())
    graph.wait(answer.done)
    assert answer.result().success
    assert 'assist_3' in answer.result().message
    ride.repair('assist_3')
    ride.allocator.clear_faults()
    ride.run(0.5)
    assert graph.guidance.statuses[-1].failed_mask == 0
    assert list(graph.guidance.statuses[-1].faults) == []


def test_a_bad_parameter_is_named(graph):
    with pytest.raises(ParameterError, match=r'window_s = 0\.05.*at least 0\.08 s'):
        graph('-p', 'window_s:=0.05')


def _arrays(force_z, torque_x):
    return np.array([0.0, 0.0, force_z]), np.array([torque_x, 0.0, 0.0])


def _values(array):
    return {pair.key: pair.value for pair in array.status[0].values}

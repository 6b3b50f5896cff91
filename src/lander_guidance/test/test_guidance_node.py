"""The node as a process, over DDS; the test is the estimator and the simulator."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import WrenchStamped
from nav_msgs.msg import Odometry
from rclpy.experimental.events_executor import EventsExecutor

from lander_common.ros.preflight import TOPIC, VERDICT
from lander_common.ros.qos import LATCHED, RING, STATUS
from lander_common.ros.time import to_seconds, to_stamp
from lander_msgs.msg import ContactState, GuidanceStatus, NavigationStatus, ValveStatus

CONFIG = Path(__file__).resolve().parents[3] / 'config'
LIMIT = 30.0  # [s] wall time for anything that is waited for


class World:
    """Publishes odometry, and keeps what the node answers."""

    def __init__(self):
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node('world', context=self.context)
        self.executor = EventsExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.wrenches, self.states = [], []
        self.odometry = self.node.create_publisher(Odometry, 'odometry', RING)
        self.ground = self.node.create_publisher(NavigationStatus, 'navigation_status', RING)
        self.contact = self.node.create_publisher(ContactState, 'contact', RING)
        self.node.create_subscription(WrenchStamped, 'wrench', self.wrenches.append, RING)
        self.node.create_subscription(GuidanceStatus, 'guidance_status', self.states.append, STATUS)

    def until(self, met):
        """Spin until `met()`, woken by events; fail after LIMIT."""
        end = self.node.get_clock().now().nanoseconds + LIMIT * 1e9
        while not met():
            assert self.node.get_clock().now().nanoseconds < end, 'nothing came'
            self.executor.spin_once(timeout_sec=0.5)

    def ask(self, navigation):
        """Send odometry and return the wrench that answers it."""
        count = len(self.wrenches)
        self.odometry.publish(message(navigation))
        self.until(lambda: len(self.wrenches) > count)
        return self.wrenches[-1]

    def close(self):
        self.executor.shutdown()
        self.node.destroy_node()
        self.context.shutdown()


def message(navigation):
    odometry = Odometry(child_frame_id='base_link')
    odometry.header.frame_id, odometry.header.stamp = 'map', to_stamp(navigation.time)
    pose, twist = odometry.pose.pose, odometry.twist.twist
    pose.position.x, pose.position.y, pose.position.z = map(float, navigation.position_map)
    q = pose.orientation
    q.x, q.y, q.z, q.w = map(float, navigation.q_map_body)
    twist.linear.x, twist.linear.y, twist.linear.z = map(float, navigation.velocity_body)
    twist.angular.x, twist.angular.y, twist.angular.z = map(float, navigation.angular_velocity)
    return odometry


@pytest.fixture
def ring(request):
    process = subprocess.Popen(
        [sys.executable, '-m', 'lander_guidance.guidance_node', '--ros-args',
         '-p', f'vehicle_file:={CONFIG}/vehicles/resilience.yaml',
         '-p', f'site_file:={CONFIG}/sites/mare_frigoris.yaml', *getattr(request, 'param', ())],
        stderr=subprocess.PIPE, text=True)
    world = World()
    topics = (world.odometry, world.ground, world.contact)
    world.until(lambda: all(t.get_subscription_count() for t in topics)
                and world.node.count_publishers('wrench') and world.node.count_publishers('guidance_status'))
    yield world
    world.close()
    process.send_signal(signal.SIGINT)
    try:
        _, errors = process.communicate(timeout=LIMIT)
    finally:
        process.kill()
    assert process.returncode == 0, errors


def test_answers_like_the_core_bit_for_bit(ring, world):
    flight = world.flight(world.gate(), dt=0.01)
    for _ in range(150):
        sent = flight.navigation
        answer = ring.ask(sent)
        flight.step()
        wrench = flight.log[-1][1]
        assert to_seconds(answer.header.stamp) == pytest.approx(sent.time, abs=1e-9)
        assert answer.header.frame_id == 'base_link'
        assert answer.wrench.force.z == wrench.force[2]
        torque = answer.wrench.torque
        assert (np.array([torque.x, torque.y, torque.z]) == wrench.torque).all()
    ring.until(lambda: len(ring.states) >= 14)
    assert 14 <= len(ring.states) <= 17
    assert {s.phase for s in ring.states} == {GuidanceStatus.PHASE_PITCH_UP}
    status = flight.guidance.status()
    assert ring.states[-1].reason == status.reason
    assert ring.states[-1].decision == status.decision
    assert ring.states[-1].propellant_margin_kg == pytest.approx(status.propellant_margin_kg, abs=1.0)
    assert ring.states[-1].stopping_margin_m == pytest.approx(status.stopping_margin_m, abs=50.0)


def test_valves_that_the_watchdog_closed_are_no_weak_engines(ring, world):
    """The node hears of it; the core beside it does not, and takes them for engines too weak to land with."""
    valves = ring.node.create_publisher(ValveStatus, 'valves/status', STATUS)
    ring.until(valves.get_subscription_count)
    flight = world.flight(world.gate(), dt=0.02,
                          thrust=lambda f, flight: 0.0 if 2.5 < flight.time < 3.0 else f)
    while flight.time < 3.5:
        if 2.5 < flight.time < 3.0:
            valves.publish(ValveStatus(watchdog=True))
        ring.ask(flight.navigation)
        flight.step()
    too_weak, time = 'does not bear the weight', flight.guidance.status().time
    ring.until(lambda: to_seconds(ring.states[-1].header.stamp) > time - 0.15)
    assert any(too_weak in status.decision_reason for status, _ in flight.log)
    assert not any(too_weak in status.decision_reason for status in ring.states)


@pytest.mark.parametrize('ring', [('-p', 'preflight:=true')], indirect=True)
def test_nothing_is_flown_before_go(ring, world):
    out = ring.node.create_publisher(DiagnosticArray, TOPIC, LATCHED)

    def say(level, text):
        imu = DiagnosticStatus(level=DiagnosticStatus.OK, name='preflight: imu', message='good')
        out.publish(DiagnosticArray(status=[DiagnosticStatus(level=level, name=VERDICT, message=text), imu]))

    def ask():
        flight.time += 0.1
        return ring.ask(flight.navigation).wrench

    flight, zero = world.flight(world.gate()), WrenchStamped().wrench
    assert ask() == zero
    ring.until(lambda: ring.states)
    assert ring.states[-1].phase == GuidanceStatus.PHASE_WAIT
    assert ring.states[-1].reason == 'no word from the preflight check yet'
    say(DiagnosticStatus.ERROR, 'waiting for imu')
    ring.until(lambda: ask() != zero or ring.states[-1].reason == 'preflight: waiting for imu')
    assert ring.wrenches[-1].wrench == zero
    say(DiagnosticStatus.OK, 'GO')
    ring.until(lambda: ask() != zero)
    ring.until(lambda: ring.states[-1].phase == GuidanceStatus.PHASE_PITCH_UP)
    say(DiagnosticStatus.ERROR, 'NO GO: too late')
    count = len(ring.states)
    ring.until(lambda: ask() == zero or len(ring.states) > count + 10)
    assert ring.wrenches[-1].wrench != zero


def test_repeats_its_answer_and_ignores_the_past(ring, world):
    flight = world.flight(world.gate(), propellant=65.0)
    flight.time = 5.0
    first = ring.ask(flight.navigation)
    assert ring.ask(flight.navigation) == first
    flight.time = 4.0
    ring.odometry.publish(message(flight.navigation))
    flight.time = 5.1
    later = ring.ask(flight.navigation)
    assert to_seconds(later.header.stamp) == pytest.approx(5.1)
    assert len(ring.wrenches) == 3


def test_uses_ground_and_contact_from_their_topics(ring, world):
    flight = world.flight(world.above(400.0, 5.0), propellant=60.0)
    flight.attitude = np.array(world.site.quaternion)
    flight.time = 1.0
    ring.ask(flight.navigation)
    status = NavigationStatus(
        initialised=True, terrain_height_m=world.site.ground_height_m,
        altitude_m=400.0, altitude_lower_m=395.0, altitude_upper_m=405.0)
    status.header.stamp = to_stamp(1.0)
    contact = ContactState(foot_contact=[True, True, False, False])
    contact.header.stamp = to_stamp(1.3)
    ring.ground.publish(status)
    ring.contact.publish(contact)
    for time in np.arange(1.1, 60.0, 0.1):
        flight.time = float(time)
        ring.ask(flight.navigation)
        ring.executor.spin_once(timeout_sec=0.0)
        if ring.states and ring.states[-1].phase == GuidanceStatus.PHASE_TOUCHDOWN:
            break
    assert ring.states[-1].phase == GuidanceStatus.PHASE_TOUCHDOWN
    assert ring.states[-1].sink_rate_limit_m_s > 15.0
    assert ring.wrenches[-1].wrench.force.z == 0.0


def test_a_missing_vehicle_file_is_said_clearly():
    result = subprocess.run([sys.executable, '-m', 'lander_guidance.guidance_node', '--ros-args', '-p',
                             'vehicle_file:=/no/such.yaml'], capture_output=True, text=True, timeout=LIMIT)
    assert result.returncode == 2
    assert '/no/such.yaml' in result.stderr

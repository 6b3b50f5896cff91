"""The preflight check as a real process, over real DDS; the test plays the devices and their drivers."""

import math
import re

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.experimental.events_executor import EventsExecutor
from sensor_msgs.msg import Imu

from lander_common.ros.preflight import TOPIC, VERDICT
from lander_common.ros.qos import LATCHED, RING, STATUS
from lander_common.ros.time import to_stamp
from lander_msgs.msg import AttitudeFix, ContactState, RangeSample, ReleaseStatus, ValveStatus

from .conftest import wait_for

DEVICES = {  # type, topic, period [s], QoS
    'imu': (Imu, 'imu', 0.02, RING), 'star_tracker': (AttitudeFix, 'star_tracker', 0.2, RING),
    'contact': (ContactState, 'contact', 0.1, RING),
    'rangefinder': (RangeSample, 'rangefinder/range_sample', 0.2, RING),
    'valves': (ValveStatus, 'valves/status', 0.1, STATUS),
    'rover_release': (ReleaseStatus, 'rover/release_status', 0.1, STATUS)}
DRIVERS = {'rangefinder': DiagnosticStatus.WARN, 'valve_driver': DiagnosticStatus.OK,
           'rover_release': DiagnosticStatus.WARN}
TICK_S = 0.02
HELD_UP = 0.45  # of a second, once even more, for which a busy machine may hold up the devices played here


class Devices:
    """Publishes what healthy devices do, in real time; a test changes that."""

    def __init__(self, node):
        self.node, self.ticks, self.verdicts = node, 0, []
        self.periods = {name: period for name, (_, _, period, _) in DEVICES.items()}
        self.off = dict.fromkeys(DEVICES, 0.0)  # [s] from the clock to the stamp
        self.fields = {'star_tracker': {'valid': True}, 'rangefinder': {'range_m': math.nan}}
        self.levels = dict(DRIVERS)
        self.out = {name: node.create_publisher(kind, topic, qos)
                    for name, (kind, topic, _, qos) in DEVICES.items()}
        self.diagnostics = node.create_publisher(DiagnosticArray, '/diagnostics', STATUS)
        node.create_subscription(DiagnosticArray, TOPIC, self.verdicts.append, LATCHED)
        self.executor = EventsExecutor(context=node.context)
        self.executor.add_node(node)
        node.create_timer(TICK_S, self.tick)

    def tick(self):
        self.ticks += 1
        now = self.node.get_clock().now().nanoseconds * 1e-9
        for name, publisher in self.out.items():
            if self.periods[name] and self.ticks % round(self.periods[name] / TICK_S) == 0:
                message = DEVICES[name][0](**self.fields.get(name, {}))
                message.header.stamp = to_stamp(now + self.off[name])
                publisher.publish(message)
        if self.ticks % round(1.0 / TICK_S) == 0:
            link = KeyValue(key='link', value='open')
            self.diagnostics.publish(DiagnosticArray(status=[
                DiagnosticStatus(name=name, level=level, message='says its driver', values=[link])
                for name, level in self.levels.items()]))

    def unplug(self, name):
        self.node.destroy_publisher(self.out.pop(name))

    def said(self):
        """Return the last verdict and what is wrong with each device."""
        status = self.verdicts[-1].status
        assert status[0].name == VERDICT
        return status[0], {s.name.removeprefix('preflight: '): s.message for s in status[1:]
                           if s.level != DiagnosticStatus.OK}


@pytest.fixture
def devices(node):
    made = Devices(node)
    yield made
    made.executor.shutdown()


@pytest.fixture
def check(node_process, devices):
    def start(**parameters):
        given = {'devices': f'[{", ".join(DEVICES)}]', 'timeout_s': 20.0, 'settle_s': 1.0,
                 'rate_tolerance': HELD_UP, **parameters}
        return node_process('preflight_node', given)
    return start


def spin(devices):
    devices.executor.spin_once(timeout_sec=0.05)


def is_refused(process, devices, name, text):
    """Run to the end: NO GO because of this device alone, in topic, table and exit code."""
    code, output = process.wait(meanwhile=lambda: spin(devices))
    assert code == 4, output
    verdict, wrong = devices.said()
    assert verdict.level == DiagnosticStatus.ERROR and verdict.message.startswith('NO GO: '), verdict
    assert text in wrong[name], wrong
    # A busy machine may hold up the devices played here, all at once.
    held_up = {other for other, why in wrong.items() if re.search(' Hz |silent for|no diagnostics', why)}
    assert set(wrong) - held_up <= {name}, wrong
    assert 'PREFLIGHT: NO GO' in output and name in output and text.split()[0] in output


def test_go_stays_for_those_who_come_later(check, devices, node):
    process = check()
    wait_for(lambda: spin(devices) or (devices.verdicts and devices.said()[0].message == 'GO'))
    assert devices.said()[0].level == DiagnosticStatus.OK and devices.said()[1] == {}
    wait_for(lambda: 'PREFLIGHT: GO' in process.output)
    later = []
    node.create_subscription(DiagnosticArray, TOPIC, later.append, LATCHED)
    wait_for(lambda: spin(devices) or later)
    assert later[0] == devices.verdicts[-1]
    wait_for(lambda: spin(devices) or not node.count_subscribers('star_tracker'))  # it hears nothing any more
    code, output = process.end()
    assert code == 0, output


def test_a_missing_device(check, devices):
    devices.unplug('star_tracker')
    is_refused(check(timeout_s=5.0), devices, 'star_tracker', 'nobody publishes star_tracker')


def test_a_silent_device(check, devices):
    devices.periods['contact'] = 0.0
    is_refused(check(timeout_s=5.0), devices, 'contact', 'silent for')


def test_a_wrong_rate(check, devices):
    devices.periods['imu'] = 0.04
    is_refused(check(timeout_s=5.0), devices, 'imu', 'Hz instead of 50 Hz')


def test_a_wrong_clock(check, devices):
    devices.off['star_tracker'] = -0.7
    is_refused(check(timeout_s=5.0), devices, 'star_tracker', 's behind the clock')


def test_stamps_that_go_back(check, devices):
    process = check(timeout_s=5.0)

    def shake():
        devices.off['imu'] = 0.1 if devices.ticks % 20 < 10 else 0.0
        spin(devices)
    code, output = process.wait(meanwhile=shake)
    assert code == 4, output
    assert devices.said()[1]['imu'].startswith('stamps go back from')


def test_an_open_valve(check, devices):
    devices.fields['valves'] = {'open_mask': 0b10}
    is_refused(check(timeout_s=5.0), devices, 'valves', '1 valves reported open (mask 0x2)')


def test_a_watchdog_that_has_closed_the_valves(check, devices):
    devices.fields['valves'] = {'watchdog': True}
    is_refused(check(timeout_s=5.0), devices, 'valves', 'its watchdog has closed the valves')


def test_an_inhibit_that_is_off(check, devices):
    devices.fields['rover_release'] = {'state': ReleaseStatus.STATE_SAFE, 'detail': 'safe'}
    is_refused(check(timeout_s=5.0), devices, 'rover_release', 'the inhibit of the release is off (safe)')


def test_a_range_finder_that_does_not_answer(check, devices):
    devices.fields['rangefinder'] = {'validity': RangeSample.VALIDITY_TIMEOUT, 'reason': 'no answer in time'}
    is_refused(check(timeout_s=5.0), devices, 'rangefinder', 'no answer in time')


def test_a_driver_in_trouble(check, devices):
    devices.levels['valve_driver'] = DiagnosticStatus.ERROR
    is_refused(check(timeout_s=5.0), devices, 'valves', 'says its driver')


def test_a_device_that_does_not_exist_is_refused_at_once(check):
    code, output = check(devices='[imu, radar]').wait()
    assert code == 2 and "devices = ['imu', 'radar']: allowed is some of imu" in output

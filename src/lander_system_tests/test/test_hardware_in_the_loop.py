"""A real driver in a simulated flight: the node opens a serial line, an emulator is at its end."""

import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lander_common.ros.time import to_seconds
from lander_common.samples import RangeSample
from lander_msgs.msg import ReleaseStatus
from lander_system_tests.bag import Bag
from lander_system_tests.flight import FlightResult, fly

RATE = 5.0  # of flight time over wall time: the line does not wait for the simulator
ANSWERED = (RangeSample.VALID, RangeSample.NO_RETURN)  # one device sees no further than 50 m
MAIN = 1  # bit of the main engine in the masks of valves
IMU = f"""imu_driver:
  ros__parameters:
    transport: serial:///tmp/frigoris-imu-{os.environ['ROS_DOMAIN_ID']}
"""
LONG = [pytest.param(name, marks=pytest.mark.campaign) for name in (
    'vectronix_ascii', 'lightware_sf45', 'benewake_tf03')]


def land(flights: Path, device: str, *options: str, **keywords: Any) -> FlightResult:
    """Fly a landing through a pseudo terminal with a device at its end."""
    flights.mkdir(parents=True)
    port = f'/tmp/frigoris-rangefinder-{os.environ["ROS_DOMAIN_ID"]}'
    file = flights / 'hardware.yaml'
    file.write_text('rangefinder:\n  ros__parameters:\n'
                    f'    transport: serial://{port}\n    protocol: {device}\n{IMU}', encoding='utf-8')
    return fly(flights, *options, 'rangefinder:=hardware', f'rangefinder_device:={device}',
               f'hardware_file:={file}', **keywords)


@pytest.mark.parametrize('device', ['noptel', *LONG])
def test_lands_through_a_serial_line_that_is_unplugged_twice(tmp_path, device):
    """For 5 s each at 2 km and at 500 m: the line itself goes away, and the device starts anew."""
    flight = land(tmp_path / 'flights', device, '--rate', str(RATE), scenario='unplugged')
    assert flight.returncode == 0, flight.output
    assert flight.summary['passed'], flight.output
    bag = Bag(flight.bag_file)
    stamps = [to_seconds(fault.header.stamp) for fault in bag.messages('/faults')
              if fault.kind == 'unplugged']
    answers = [to_seconds(sample.header.stamp) for sample in bag.messages('/rangefinder/range_sample')
               if sample.validity in ANSWERED]
    assert len(stamps) == 4
    for out, back in (stamps[:2], stamps[2:]):
        assert not any(out + 0.5 < t < back for t in answers)
        assert min(t for t in answers if t >= back) < back + 1.0
    assert flight.left_behind == []


def test_a_serial_line_cannot_be_outrun(tmp_path):
    flight = land(tmp_path / 'flights', 'noptel')
    assert flight.returncode == 2
    assert 'rate = 0.0: allowed is above 0' in flight.output
    assert 'does not wait for the simulator' in flight.output


@pytest.mark.campaign
@pytest.mark.timeout(1500)
def test_lands_on_an_imu_on_a_serial_line(tmp_path):
    file = tmp_path / 'hardware.yaml'
    file.write_text(IMU, encoding='utf-8')
    flight = fly(tmp_path / 'flights', '--rate', '3', 'imu:=hardware', f'hardware_file:={file}',
                 scenario='low_orbit')
    assert flight.returncode == 0, flight.output
    assert flight.summary['passed'], flight.output
    assert flight.left_behind == []


@pytest.mark.campaign
@pytest.mark.timeout(2000)
@pytest.mark.parametrize('lines', [False, True], ids=['valves_and_rover', 'everything'])
def test_lands_over_can_and_releases_the_rover(tmp_path, lines):
    """In real time: whenever the machine stands still for 0.1 s, the watchdog closes the valves."""
    boards = '--rate', '1', 'thrusters:=hardware', 'rover:=hardware', 'rover_inhibit:=false'
    if lines:
        flight = land(tmp_path / 'flights', 'noptel', *boards, 'imu:=hardware',
                      scenario='low_orbit', timeout_s=1500.0)
    else:
        flight = fly(tmp_path / 'flights', *boards, scenario='low_orbit', timeout_s=1500.0)
    assert flight.returncode == 0, flight.output
    assert flight.summary['passed'], flight.output
    assert flight.left_behind == []
    bag = Bag(flight.bag_file)
    assert {status.failed_mask for status in bag.messages('/thrusters/status')} == {0}
    states = [status.state for status in bag.messages('/rover/release_status')]
    assert [states[0], *(b for a, b in pairwise(states) if a != b)] == [
        ReleaseStatus.STATE_INHIBITED, ReleaseStatus.STATE_SAFE, ReleaseStatus.STATE_ARMING,
        ReleaseStatus.STATE_FIRING, ReleaseStatus.STATE_RELEASED]
    valves = bag.messages('/valves/status')
    assert not any(v.stuck_open_mask or v.stuck_closed_mask for v in valves)
    closings = sum(a.open_mask & MAIN > b.open_mask & MAIN for a, b in pairwise(valves))
    watchdogs = sum(b.watchdog > a.watchdog for a, b in pairwise(valves))
    assert 1 <= closings <= 2 * watchdogs + 1, 'else the main engine burns from ignition to touchdown'

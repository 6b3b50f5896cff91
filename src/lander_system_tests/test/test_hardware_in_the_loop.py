"""A real driver in a simulated flight: the node opens a serial line, an emulator is at its end."""

import os
from pathlib import Path

import pytest

from lander_common.ros.time import to_seconds
from lander_common.samples import RangeSample
from lander_system_tests.bag import Bag
from lander_system_tests.flight import FlightResult, fly

RATE = 5.0  # of flight time over wall time: the line does not wait for the simulator
LONG = [pytest.param(name, marks=pytest.mark.campaign) for name in (
    'vectronix_ascii', 'lightware_sf45', 'benewake_tf03')]


def land(flights: Path, device: str, *options: str, scenario: str = 'nominal') -> FlightResult:
    """Fly a landing through a pseudo terminal with a device at its end."""
    flights.mkdir(parents=True)
    port = f'/tmp/frigoris-rangefinder-{os.environ["ROS_DOMAIN_ID"]}'
    file = flights / 'rangefinder.yaml'
    file.write_text('rangefinder:\n  ros__parameters:\n'
                    f'    transport: serial://{port}\n    protocol: {device}\n', encoding='utf-8')
    return fly(flights, *options, 'rangefinder:=hardware', f'rangefinder_device:={device}',
               f'rangefinder_file:={file}', scenario=scenario)


@pytest.mark.parametrize('device', ['noptel', *LONG])
def test_lands_through_a_serial_line_that_is_unplugged_twice(tmp_path, device):
    """For 5 s each at 2 km and at 500 m: the line itself goes away, and the device starts anew."""
    flight = land(tmp_path / 'flights', device, '--rate', str(RATE), scenario='unplugged')
    assert flight.returncode == 0, flight.output
    assert flight.summary['passed'], flight.output
    bag = Bag(flight.bag_file)
    stamps = [to_seconds(fault.header.stamp) for fault in bag.messages('/faults')
              if fault.kind == 'unplugged']
    valid = [to_seconds(sample.header.stamp) for sample in bag.messages('/rangefinder/range_sample')
             if sample.validity == RangeSample.VALID]
    assert len(stamps) == 4
    for out, back in (stamps[:2], stamps[2:]):
        assert not any(out + 0.5 < t < back for t in valid)
        assert min(t for t in valid if t >= back) < back + 1.0
    assert flight.left_behind == []


def test_a_serial_line_cannot_be_outrun(tmp_path):
    flight = land(tmp_path / 'flights', 'noptel')
    assert flight.returncode == 2
    assert 'rate = 0.0: allowed is above 0' in flight.output
    assert 'does not wait for the simulator' in flight.output


@pytest.mark.campaign
@pytest.mark.timeout(1500)
def test_lands_on_an_imu_on_a_serial_line(tmp_path):
    file = tmp_path / 'imu.yaml'
    port = f'/tmp/frigoris-imu-{os.environ["ROS_DOMAIN_ID"]}'
    file.write_text(f'imu_driver:\n  ros__parameters:\n    transport: serial://{port}\n', encoding='utf-8')
    flight = fly(tmp_path / 'flights', '--scenario', 'low_orbit', '--rate', '3', 'imu:=hardware',
                 f'imu_file:={file}')
    assert flight.returncode == 0, flight.output
    assert flight.summary['passed'], flight.output
    assert flight.left_behind == []

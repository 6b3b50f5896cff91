"""The check before a simulated flight with hardware: refused without the device, started with it."""

import os
import re

import pytest

from lander_system_tests.bag import Bag
from lander_system_tests.flight import Flight, fly, flying

PORT = f'/tmp/frigoris-rangefinder-{os.environ["ROS_DOMAIN_ID"]}'
SOON = {'preflight': {'timeout_s': 30.0}}  # [s] on a busy machine the flight begins late


def options(folder, port, *more):
    """Return the options of a flight with a Noptel range finder on this port."""
    file = folder / 'hardware.yaml'
    file.write_text('rangefinder:\n  ros__parameters:\n'
                    f'    transport: serial://{port}\n    protocol: noptel\n', encoding='utf-8')
    return ('--rate', '5', 'rangefinder:=hardware', 'rangefinder_device:=noptel', f'hardware_file:={file}',
            *more)


def lines_of_table(output):
    """Return the cells of each line of the table, by device."""
    rows = [[cell.strip() for cell in line.split('│')[1:-1]] for line in output.splitlines() if '│' in line]
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize('compose', [(), ('--compose',)], ids=['processes', 'composed'])
def test_without_the_device_nothing_is_ignited(tmp_path, compose):
    flight = fly(tmp_path / 'flights', *options(tmp_path, tmp_path / 'nothing', *compose), parameters=SOON)
    assert flight.returncode not in (0, 2), flight.output
    assert 'PREFLIGHT: NO GO' in flight.output
    table = lines_of_table(flight.output)
    assert table['rangefinder'][0] == 'NO', table
    assert table['imu'][:2] == ['yes', 'not asked'] and table['imu'][4] == '', table
    assert flight.phases == ['WAIT'], flight.output
    bag = Bag(flight.bag_file)
    commands = bag.messages('/thrusters/command')
    assert len(commands) > 10
    assert not any(any(c.on_time_s) for c in commands)
    last = bag.messages('/preflight')[-1].status[0]
    assert last.level == 2 and last.message.startswith('NO GO: ') and 'rangefinder: ' in last.message, last
    assert flight.left_behind == []


def started(flight: Flight) -> float:
    """Wait for the first phase of the flight; return its flight time [s]."""
    flight.wait_for('DEORBIT: in orbit', 90.0)
    flight.wait_for('PREFLIGHT: GO', 10.0)
    return float(re.search(r'T\+ *([0-9.]+) s  DEORBIT:', flight.output)[1])


def test_with_the_device_it_starts(tmp_path):
    with flying(tmp_path / 'flights', *options(tmp_path, PORT)) as flight:
        assert 2.0 < started(flight) < 60.0, flight.output
        table = lines_of_table(flight.output)
        assert table['rangefinder'][:2] == ['yes', 'noptel: not asked'], table
        assert all(row[4] == '' for name, row in table.items() if name != 'device'), table


def test_valves_and_rover_release_are_checked(tmp_path):
    with flying(tmp_path / 'flights', '--rate', '1', 'thrusters:=hardware', 'rover:=hardware',
                'rover_inhibit:=false') as flight:
        assert 2.0 < started(flight) < 60.0, flight.output
        table = lines_of_table(flight.output)
        assert {'valves', 'rover_release'} < set(table), table
        assert all(row[4] == '' for name, row in table.items() if name != 'device'), table


def test_it_can_be_switched_off(tmp_path):
    with flying(tmp_path / 'flights', *options(tmp_path, tmp_path / 'nothing'), 'preflight:=false') as flight:
        flight.wait_for('DEORBIT: in orbit', 90.0)
        assert 'PREFLIGHT' not in flight.output
        assert 'WAIT:' not in flight.output

"""What is wrong in a command, a parameter or a file is said at once: where, which name, what is allowed."""

import shutil
from pathlib import Path

import pytest

from lander_bringup import places
from lander_system_tests.flight import FlightResult, fly

QUICK_S = 90.0
SCENARIO = """
name: broken
terrain: {kind: synthetic}
"""


def refused(flights: Path, *options: str, **keywords) -> FlightResult:
    """Return a flight that could not start; white space in its output becomes single spaces."""
    flight = fly(flights, *options, timeout_s=60.0, **keywords)
    assert flight.returncode == 2, flight.output
    assert flight.wall_s < QUICK_S
    assert flight.left_behind == []
    assert flight.summary is None
    assert 'Traceback' not in flight.output
    return flight


def parameter(node: str, name: str, value: object) -> dict:
    return {node: {name: value}}


@pytest.mark.parametrize(('how', 'wrong', 'said'), [
    ('--no-record', parameter('simulator', 'rate', -3.0), 'rate = -3.0: allowed is a number from 0 to 1000'),
    ('--compose', parameter('simulator', 'rate', 1e4), 'rate = 10000.0: allowed is a number from 0 to 1000'),
    ('--compose', parameter('simulator', 'seed', 'x'), "seed = 'x': allowed is a whole number from 0 to 2"),
    ('--compose', parameter('guidance', 'cheese', 1), 'cheese = 1: allowed is no parameter of that name; '),
    ('--compose', parameter('rover_deployment', 'cheese', 1), 'cheese = 1: allowed is no parameter of that'),
], ids=['out-of-range-processes', 'out-of-range', 'wrong-type', 'unknown', 'unknown-in-a-new-section'])
def test_wrong_parameter(tmp_path, how, wrong, said):
    flight = refused(tmp_path, how, parameters=wrong)
    error = next(line for line in flight.output.splitlines() if said in line)
    file = error.partition('error: ')[2].partition(': ')[0]
    assert Path(file).is_file(), error
    assert said.partition(' ')[0] in Path(file).read_text()


def test_wrong_parameter_of_mission_control(tmp_path):
    flight = refused(tmp_path, '--compose', parameters=parameter('mission_control', 'settle_s', 'soon'))
    assert "settle_s = 'soon': allowed is a number" in flight.output


def test_parameter_file_that_is_not_there(tmp_path):
    flight = refused(tmp_path, f'params_file:={tmp_path}/none.yaml')
    assert f'{tmp_path}/none.yaml' in flight.output


def scenario(tmp_path: Path, text: str) -> dict:
    file = tmp_path / 'scenario.yaml'
    file.write_text(text)
    return parameter('simulator', 'scenario_file', str(file))


@pytest.mark.parametrize(('text', 'said'), [
    ('name: [unclosed\nterrain: }', 'not valid YAML'),
    ('just words', 'expected a mapping of names to values'),
    ('stat: {}', 'stat = {}: allowed is one of start, uncertainty, '),
    ('start: {altitude_m: 10.0}', 'start.altitude_m = 10.0: allowed is a number from 5000 to 1e+06 [m]'),
    ('faults: [{when: {time_s: 1.0}, what: radio, how: {kind: noise}}]',
     "faults[0].what = 'radio': allowed is rangefinder, imu, "),
    ('sensors: {laser: {rated_range_m: -1.0}}', 'rated_range_m = -1.0: allowed is a number'),
], ids=['yaml', 'no-mapping', 'unknown-section', 'out-of-range', 'unknown-target', 'sensor'])
def test_corrupt_scenario(tmp_path, text, said):
    flight = refused(tmp_path / 'flights', '--compose', '--no-record', parameters=scenario(tmp_path, text))
    assert f'error: {tmp_path}/scenario.yaml' in flight.output
    assert said in flight.output


def test_missing_elevation_model(tmp_path):
    wrong = scenario(tmp_path, 'terrain: {kind: file, file: no_such.tif}')
    flight = refused(tmp_path / 'flights', '--compose', '--no-record', parameters=wrong)
    assert f'error: no_such.tif: no such terrain file in {tmp_path}' in flight.output


def test_broken_elevation_model(tmp_path):
    (tmp_path / 'rubbish.tif').write_bytes(b'MM\0*rubbish')
    wrong = scenario(tmp_path, 'terrain: {kind: file, file: rubbish.tif}')
    flight = refused(tmp_path / 'flights', '--compose', '--no-record', parameters=wrong)
    assert f'error: {tmp_path}/rubbish.tif: ' in flight.output


def test_broken_vehicle_file(tmp_path):
    file = tmp_path / 'odd.yaml'
    config = places.launch_file('landing.params.yaml').parents[1] / 'config'
    shutil.copy(config / 'vehicles/resilience.yaml', file)
    file.write_text(file.read_text() + '\nwheels: 4\n')
    flight = refused(tmp_path / 'flights', '--compose', '--no-record',
                     parameters=parameter('guidance', 'vehicle_file', str(file)))
    assert f'error: {file}: wheels = 4: allowed is ' in flight.output


@pytest.mark.parametrize(('options', 'said'), [
    (('--vehicle', 'saucer'), ('saucer.yaml', 'there are', 'resilience')),
    (('--site', 'cheese'), ('cheese.yaml', 'mare_frigoris')),
    (('--scenario', 'party'), ('party.yaml', 'mission1, ', 'nominal')),
    (('nonsense:=1',), ('landing.launch.yaml', 'nonsense')),
    (('sensors:=magic',), ('sensors', 'magic', 'hardware')),
    (('record:=perhaps',), ('record', 'perhaps', 'true')),
    (('--log-level', 'loud'), ('--log-level', 'loud', 'debug')),
    (('--seed', '-1'), ('--seed', '-1', '0<=x<=2147483647')),
    (('loose words',), ('loose words', 'name:=value')),
], ids=lambda value: value[-1] if isinstance(value, tuple) else None)
def test_wrong_command_line(tmp_path, options, said):
    flight = refused(tmp_path, *options)
    text = ' '.join(flight.output.split())
    for part in said:
        assert part in text

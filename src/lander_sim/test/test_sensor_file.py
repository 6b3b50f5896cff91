"""The sensor file; and the README says of every file and fault what the code says."""

import dataclasses
from pathlib import Path

import pytest

from lander_common.parameters import ParameterError
from lander_common.vehicle import load_vehicle
from lander_sim import faults, sensor_file
from lander_sim.devices.parameters import EmulatorParameters
from lander_sim.faults import How, When
from lander_sim.rover_camera import CameraParameters
from lander_sim.rover_model import RoverParameters
from lander_sim.scenario import Limits, Start, Uncertainty, load_scenario
from lander_sim.sensor_file import load_sensors
from lander_sim.sensors.ground_velocity import GroundVelocity
from lander_sim.sensors.imu import Imu
from lander_sim.sensors.laser import LaserModel
from lander_sim.sensors.star_tracker import StarTracker
from lander_sim.terrain import TerrainDescription
from lander_sim.terrain.raw_image import RawHeader

ROOT = Path(__file__).parents[3]
SIMULATED = sorted(f for f in (ROOT / 'config/sensors').glob('*.yaml') if f.stem != 'hardware')
README = Path(__file__).parents[1] / 'README.md'
SENSORS = {'rangefinder': LaserModel, 'imu': Imu, 'star_tracker': StarTracker,
           'ground_velocity': GroundVelocity}
TABLES = {
    'start': Start, 'uncertainty': Uncertainty, 'limits': Limits, 'terrain': TerrainDescription, 'when': When,
    'how': How, **sensor_file._SECTIONS, 'header of a raw image': RawHeader, 'rover': RoverParameters,
    'camera': CameraParameters}


@pytest.fixture
def load(tmp_path):
    def read(text, **changes):
        (tmp_path / 'set.yaml').write_text(text)
        return load_sensors(tmp_path / 'set.yaml', changes, 'flight.yaml')
    return read


@pytest.mark.parametrize('file', SIMULATED, ids=lambda f: f.stem)
def test_sensor_files_of_the_project_fit_every_scenario(file):
    vehicle = load_vehicle(ROOT / 'config/vehicles/resilience.yaml')
    for scenario in (ROOT / 'config/scenarios').glob('*.yaml'):
        load_sensors(file, load_scenario(scenario, vehicle).sensors, scenario)


def test_a_scenario_lies_over_the_file_and_the_file_over_the_defaults(load):
    sensors = load('laser: {rated_range_m: 2000, noise_m: 2}', laser={'rated_range_m': 9000.0},
                   rangefinder_device={'latency_s': 0.3})
    assert sensors.laser.rated_range_m == 9000.0
    assert sensors.laser.noise_m == 2.0
    assert sensors.rangefinder_device == EmulatorParameters(latency_s=0.3)
    assert sensors.imu.accel_bias_ug == 100.0


@pytest.mark.parametrize('text, message', [
    ('lidar: {}', r"lidar = \{\}: allowed is a mapping named one of imu, star_tracker"),
    ('imu: fine', r"imu = 'fine': allowed is a mapping"),
    ('imu:', r'imu = None: allowed is a mapping'),
    ('imu: {bias: 1}', r'imu\.bias = 1: allowed is no parameter of that name; there are gyro_bias_deg_h'),
    ('laser: {noise_m: -1}', r'laser\.noise_m = -1\.0: allowed is a number from 0 to 100 \[m\]'),
    ('star_tracker: {boresight: [0, 0, 0]}', r'star_tracker\.boresight = .*not all zero'),
    ('ground_velocity: {kind: radar}', r"ground_velocity\.kind = 'radar': allowed is one of camera_flow"),
])
def test_errors_name_the_file_the_field_and_what_is_allowed(load, text, message):
    with pytest.raises(ParameterError, match=r'set\.yaml: ' + message):
        load(text)


@pytest.mark.parametrize('changes, message', [
    ({'lidar': {}}, r'sensors\.lidar = \{\}: allowed is a mapping named one of imu'),
    ({'laser': {'noise_m': -1}}, r'sensors\.laser\.noise_m = -1\.0: allowed is a number from 0 to 100'),
    ({'imu': {'bias': 1}}, r'sensors\.imu\.bias = 1: allowed is no parameter of that name'),
])
def test_errors_of_a_scenario_name_the_scenario(load, changes, message):
    with pytest.raises(ParameterError, match=r'^flight\.yaml: ' + message):
        load('{}', **changes)


def test_the_code_knows_no_kind_of_fault_that_no_sensor_has():
    assert set(SENSORS) == set(faults.SENSORS)
    assert set().union(*(s.faults for s in SENSORS.values())) == set(faults.SENSOR_KINDS)


def _row(field):
    make = field.default_factory
    value = field.default if make is dataclasses.MISSING else make()
    low, high = field.metadata['minimum'], field.metadata['maximum']
    limits = [f'at least {low:g}'] if low is not None else []
    if high is not None:
        limits = [f'{low:g} to {high:g}' if limits else f'at most {high:g}']
    limits += [', '.join(f'`{c}`' if c else 'empty' for c in field.metadata['choices'])]
    text = str(value).lower() if isinstance(value, bool) else 'empty' if value == '' else value
    return (f'| `{field.name}` | {text} | {field.metadata["unit"]} | {field.metadata["doc"]} '
            f'| {" ".join(x for x in limits if x)} |')


@pytest.mark.parametrize('name', TABLES)
def test_readme_tables_are_those_of_the_code(name):
    """Where this fails, the expected table is in the message: paste it."""
    rows = [_row(f) for f in dataclasses.fields(TABLES[name])]
    table = '\n'.join(['| name | default | unit | meaning | allowed |', '|---|---|---|---|---|', *rows, ''])
    assert f'`{name}`:\n\n{table}' in README.read_text(), table


def test_readme_names_every_fault_and_its_range():
    rows = [f'| `{name}` | `{kind}` | {low:g} to {high:g} | {meaning} |'.replace('-inf to inf', 'any')
            for name, sensor in SENSORS.items() for kind, (low, high, meaning) in sensor.faults.items()]
    table = '\n'.join(['| what | kind | value | meaning of the value |', '|---|---|---|---|', *rows])
    assert table in README.read_text(), table
    for kind in (*faults.THRUSTER_KINDS, 'kill'):
        assert f'`{kind}`' in README.read_text()

"""Scenario files: defaults, and errors that name the file, the field and what is allowed."""

from pathlib import Path

import pytest

from lander_common.parameters import ParameterError
from lander_common.vehicle import load_vehicle
from lander_common.yaml_file import FileError
from lander_sim.scenario import Limits, Start, load_scenario

CONFIG = Path(__file__).parents[3] / 'config'
RESILIENCE = load_vehicle(CONFIG / 'vehicles/resilience.yaml')


@pytest.fixture
def load(tmp_path):
    def read(text):
        (tmp_path / 'flight.yaml').write_text(text)
        return load_scenario(tmp_path / 'flight.yaml', RESILIENCE)
    return read


def entry(when='{time_s: 1}', what='rangefinder', how='{kind: no_return}'):
    return f'faults:\n- when: {when}\n  what: {what}\n  how: {how}\n'


@pytest.mark.parametrize('file', sorted((CONFIG / 'scenarios').glob('*.yaml')), ids=lambda f: f.stem)
def test_scenarios_of_the_project_can_be_read(file):
    scenario = load_scenario(file, RESILIENCE)
    assert scenario.name == file.stem
    assert scenario.description


def test_what_is_not_written_has_its_default(load):
    scenario = load('{}')
    assert scenario.name == 'flight'
    assert (scenario.start, scenario.limits) == (Start(), Limits())
    assert scenario.faults == ()


def test_everything_that_is_written_is_kept(load):
    scenario = load(
        'name: n\nstart: {altitude_m: 50000}\nuncertainty: {attitude_deg: 1}\n'
        'limits: {step_s: 0.02}\nterrain: {relief: highland}\nsensors: {laser: {noise_m: 2}}\n'
        + entry('{altitude_below_m: 900}', 'thruster/main', '{kind: weak, value: 0.5, duration_s: 3}'))
    assert scenario.start.altitude_m == 50e3
    assert scenario.uncertainty.attitude_deg == 1.0
    assert scenario.limits.step_s == 0.02
    assert scenario.terrain.relief == 'highland'
    assert scenario.sensors == {'laser': {'noise_m': 2}}
    fault = scenario.faults[0]
    assert (fault.what, fault.when.altitude_below_m) == ('thruster/main', 900.0)
    assert (fault.how.kind, fault.how.value, fault.how.duration_s) == ('weak', 0.5, 3.0)


@pytest.mark.parametrize('text, message', [
    ('begin: {}', r'begin = \{\}: allowed is one of start, uncertainty, limits, terrain'),
    ('start: {height: 1}', r'start\.height = 1: allowed is no parameter of that name.*altitude_m'),
    ('start: {altitude_m: 100}', r'start\.altitude_m = 100\.0: allowed is a number from 5000 to .* \[m\]'),
    ('start: {altitude_m: .nan}', r'start\.altitude_m = nan: allowed is a number'),
    ('start: 5', r'start = 5: allowed is a mapping'),
    ('uncertainty: {thrust_fraction: 2}', r'uncertainty\.thrust_fraction = 2\.0: .*from 0 to 0\.2'),
    ('limits: {coast_step_s: fast}', r"limits\.coast_step_s = 'fast': allowed is a number"),
    ('terrain: {kind: flat}', r"terrain\.kind = 'flat': allowed is one of synthetic, file"),
    ('sensors: [laser]', r"sensors = \['laser'\]: allowed is a mapping of sensor names"),
    ('faults: {}', r'faults = \{\}: allowed is a list of faults'),
    ('faults: [{what: imu}]', r'faults\[0\] = .*allowed is a mapping with when, what and how'),
    (entry(when='{phase: FALLING}'), r"faults\[0\]\.when\.phase = 'FALLING': allowed is one of .*BRAKING"),
    (entry(what='radar'), r"faults\[0\]\.what = 'radar': allowed is rangefinder, imu.*node/guidance"),
    (entry(what='thruster/aft', how='{kind: weak}'), r'thruster/NAME with NAME one of main, assist_1'),
    (entry(what='thruster/main'), r'for a thruster, one of stuck_off, stuck_on, weak'),
    (entry(what='node/guidance'), r'for a node, kill'),
    (entry(how='{kind: kill}'), r'with kind kill, thruster/NAME or node/NAME'),
    (entry(how='{kind: no_return, value: .inf}'), r'faults\[0\]\.how\.value = inf: allowed is a number'),
])
def test_errors_name_the_file_the_field_and_what_is_allowed(load, text, message):
    with pytest.raises(ParameterError, match=r'flight\.yaml: .*' + message):
        load(text)


@pytest.mark.parametrize('text, message', [('start: [', 'not valid YAML'), ('- 1', 'expected a mapping')])
def test_what_is_no_scenario_at_all_is_refused(load, text, message):
    with pytest.raises(FileError, match=r'flight\.yaml: ' + message):
        load(text)


def test_a_missing_file_is_named_with_its_neighbours():
    with pytest.raises(FileError, match=r'mission3\.yaml: no such file; there are .*mission1, .*mission2'):
        load_scenario(CONFIG / 'scenarios/mission3.yaml', RESILIENCE)


@pytest.mark.parametrize('fault, message', [
    (entry(what='imu', how='{kind: no_return}'), r"kind = 'no_return': allowed is for imu, one of bias"),
    (entry(how='{kind: loss_db, value: -3}'), r'value = -3\.0: allowed is 0 to 200: loss of signal'),
    (entry(what='thruster/main', how='{kind: weak, value: 2}'), r'value = 2\.0: allowed is 0 to 1'),
])
def test_a_fault_that_its_target_cannot_have_is_refused_when_the_file_is_read(load, fault, message):
    with pytest.raises(ParameterError, match=r'flight\.yaml: faults\[0\]\.how\.' + message):
        load(fault)


@pytest.mark.parametrize('when', ['{}', '{time_s: -1}', "{phase: ''}"])
def test_a_fault_without_any_condition_is_refused(load, when):
    with pytest.raises(ParameterError, match=r'faults\[0\]\.when = .* at least one of time_s, altitude'):
        load(entry(when=when))


@pytest.mark.parametrize(('step', 'longest'), [(0.02, 0.05), (0.08, 0.08)])
def test_powered_cycles_are_never_shorter_high_up(step, longest):
    assert Limits(step_s=step, high_step_s=0.05).longest_powered_s == longest

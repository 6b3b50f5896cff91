"""What landing.launch.yaml comes down to for some arguments; nothing is started."""

import os
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from lander_bringup import places
from lander_bringup.runner import launch_file


@pytest.fixture
def plan(tmp_path):
    def make(**arguments):
        made = launch_file.make_plan(places.launch_file('landing.launch.yaml'), arguments, dict(os.environ),
                                     tmp_path)
        return {process.name: process for process in made.processes}
    return make


def parameters(process):
    """Return what the parameter files of a process say of its node, the last one last."""
    words, found = process.command, {}
    for flag, word in pairwise(words):
        if flag == '--params-file':
            content = yaml.safe_load(Path(word).read_text(encoding='utf-8'))
            for key in (process.name, '/**'):
                found |= content.get(key, {}).get('ros__parameters', {})
    return found


SIMULATED = ['imu', 'star_tracker', 'contact', 'rangefinder']


@pytest.mark.parametrize('arguments, devices', [
    ({'sensors': 'hardware'}, [*SIMULATED, 'valves', 'rover_release']),
    ({'sensors': 'hardware', 'thrusters': 'none', 'rover': 'none'}, SIMULATED),
    ({'rangefinder': 'hardware'}, SIMULATED),
    ({'thrusters': 'hardware'}, [*SIMULATED, 'valves']),
    ({'rover': 'hardware', 'compose': 'true'}, [*SIMULATED, 'rover_release']),
    ({'rover': 'hardware', 'preflight_devices': 'imu'}, ['imu']),
    ({'preflight': 'true'}, SIMULATED)])
def test_with_hardware_guidance_waits_for_the_preflight_check(plan, arguments, devices):
    processes = plan(**arguments)
    assert parameters(processes['preflight'])['devices'] == devices
    assert parameters(processes['preflight'])['end_launch'] is True
    guidance = processes.get('guidance') or processes['composed']
    texts = [Path(w).read_text() for w in guidance.command if w.endswith('.yaml')]
    assert yaml.safe_load(texts[0])['guidance']['ros__parameters']['preflight'] is True


@pytest.mark.parametrize('arguments, ends', [
    ({}, ['mission_control']), ({'thrusters': 'hardware'}, ['mission_control']),
    ({'sensors': 'hardware'}, []), ({'sensors': 'replay', 'bag': 'x'}, ['flight_player']),
    ({'sensors': 'replay', 'bag': 'none'}, [])])
def test_no_process_whose_end_would_end_the_flight_of_a_real_lander(plan, arguments, ends):
    assert [name for name, process in plan(**arguments).items() if process.shutdown_on_exit] == ends


@pytest.mark.parametrize('arguments', [{}, {'compose': 'true'}, {'sensors': 'replay', 'bag': 'x'},
                                       {'sensors': 'hardware', 'preflight': 'false'}])
def test_without_it_nothing_waits(plan, arguments):
    processes = plan(**arguments)
    assert 'preflight' not in processes
    if 'guidance' in processes:
        assert parameters(processes['guidance'])['preflight'] is False


@pytest.mark.parametrize('inhibit, lifted', [('true', False), ('false', True)])
def test_the_inhibit_is_on_until_the_landing(plan, inhibit, lifted):
    processes = plan(rover='hardware', rover_inhibit=inhibit)
    assert parameters(processes['rover_release'])['inhibit'] is True
    assert parameters(processes['mission_control'])['lift_inhibit'] is lifted


def test_the_prefix_stands_before_the_ring_and_nothing_else(plan):
    processes = plan(sensors='hardware', prefix='chrt -f 50')
    prefixed = {name for name, process in processes.items() if process.command[:3] == ('chrt', '-f', '50')}
    assert prefixed == {'rangefinder', 'state_estimator', 'guidance', 'thruster_allocator', 'valve_driver'}
    assert plan(compose='true', prefix='chrt -f 50')['composed'].command[:3] == ('chrt', '-f', '50')
    assert all(process.command[0].startswith('/') for process in plan().values())


def test_the_ring_is_timed_on_hardware_only(plan):
    assert parameters(plan(sensors='hardware')['thruster_allocator'])['deadline_s'] == 0.03
    assert parameters(plan()['thruster_allocator'])['deadline_s'] == 0.0

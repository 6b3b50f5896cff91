"""Nodes that die, Ctrl-C and a killed command: the flight ends in order, and nothing is left running.

A flight from orbit takes long, so these are cut short by the time limit of a scenario.
"""

import os
import signal
import subprocess

import pytest

from lander_system_tests.bag import Bag
from lander_system_tests.flight import flying

pytestmark = pytest.mark.timeout(300)

PATIENCE_S = 120.0
SCENARIO = """
name: broken_nodes
terrain: {kind: synthetic}
limits: {time_s: 400.0}
faults:
- {when: {time_s: 60.0}, what: node/guidance, how: {kind: kill}}
- {when: {time_s: 200.0}, what: node/flight_recorder, how: {kind: kill}}
"""


@pytest.fixture(scope='module')
def broken(once, tmp_path_factory):
    """A flight that loses its guidance on the way to the deorbit burn, and later its recorder."""
    file = tmp_path_factory.mktemp('scenario') / 'broken_nodes.yaml'
    file.write_text(SCENARIO)
    return once('broken', timeout_s=PATIENCE_S, parameters={
        'simulator': {'scenario_file': str(file), 'step_timeout_s': 1.0}})


def test_flight_goes_on_without_guidance_to_its_end(broken):
    assert broken.returncode == 1, broken.output
    assert broken.summary['passed'] is False
    assert broken.summary['result'] == 'timeout'
    assert broken.summary['reason'].startswith('not at rest after 400 s of flight')
    assert broken.summary['rover_deployed'] is False
    assert broken.summary['touchdown']['vertical_speed_m_s'] is None
    assert broken.phases == ['DEORBIT']
    assert 'NOT PASSED' in broken.output


def test_killed_nodes_are_named(broken):
    assert 'fault: node/guidance kill' in broken.output
    assert '[guidance] SIGKILL' in broken.output
    assert '[flight_recorder] SIGKILL' in broken.output
    assert [f['target'] for f in broken.summary['faults']] == ['node/guidance', 'node/flight_recorder']


def test_nothing_is_left_of_it(broken):
    assert broken.left_behind == []


def test_bag_of_the_killed_recorder_is_recovered(broken):
    command = ['frigoris', 'picture', str(broken.folder)]
    cut = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert cut.returncode != 0
    assert 'frigoris recover' in cut.stderr
    subprocess.run(['frigoris', 'recover', str(broken.bag)], check=True, timeout=60)
    bag = Bag(broken.bag_file)
    assert bag.stamps['/wrench'][-1] * 1e-9 == pytest.approx(60.0, abs=2.0)  # here guidance ended
    assert 100.0 < bag.stamps['/imu'][-1] * 1e-9 <= 201.0  # here the recorder


@pytest.mark.parametrize('how', [(), ('--compose',)], ids=['processes', 'composed'])
def test_ctrl_c(tmp_path, how):
    with flying(tmp_path, *how) as flight:
        flight.wait_for('COAST: ', PATIENCE_S)  # by then the recorder is at work
        flight.process.send_signal(signal.SIGINT)
        result = flight.result(30.0)
    assert result.returncode == 130, result.output
    assert result.left_behind == []
    assert result.summary is None
    assert Bag(result.bag_file).counts['/imu'] > 0


def test_killed_command_takes_its_nodes_along(tmp_path):
    with flying(tmp_path, '--no-record') as flight:
        flight.wait_for('COAST: ', PATIENCE_S)
        assert len(flight.processes()) >= 8
        os.kill(flight.process.pid, signal.SIGKILL)
        assert flight.result(10.0).left_behind == []

"""The command `frigoris`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lander_bringup import landing, places
from lander_bringup.command import main
from lander_bringup.runner import launch_file
from lander_telemetry.bag_metadata import Topic
from lander_telemetry.bag_writer import BagWriter
from lander_telemetry.playback import read_bag


def call(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments)
    return result.exit_code, result.output


@pytest.mark.parametrize('command', ['land', 'launch', 'picture', 'recover', 'campaign', 'replay', 'compile'])
def test_help_of_every_command(command):
    code, text = call(command, '--help')
    assert code == 0
    assert text.startswith(f'Usage: main {command}')
    assert command in call('--help')[1]


def test_help_teaches_with_examples_and_exit_codes():
    assert 'frigoris land --scenario mission2' in call('--help')[1]
    assert '1  the flight did not pass' in call('land', '--help')[1]


@pytest.mark.parametrize(('option', 'folder'), [
    ('vehicle', 'vehicles'), ('site', 'sites'), ('scenario', 'scenarios')])
def test_unknown_name_is_refused_with_the_file_and_what_there_is(option, folder):
    code, text = call('land', f'--{option}', 'no_such')
    assert code == 2
    text = ''.join(text.split())
    assert f'config/{folder}/no_such.yaml;thereare' in text


def test_campaign_refuses_what_cannot_be_flown(tmp_path: Path):
    code, text = call('campaign', 'no_such')
    assert code == 2
    assert 'config/scenarios/no_such.yaml;thereare' in ''.join(text.split())
    file = tmp_path / 'bad.yaml'
    file.write_text('limits: {time_s: -1}')
    code, text = call('campaign', str(file), '--campaigns', str(tmp_path))
    assert code == 2
    assert 'limits.time_s=-1' in ''.join(text.split())
    assert [path.name for path in tmp_path.iterdir()] == ['bad.yaml']


def test_campaign_of_a_scenario_of_ones_own(tmp_path: Path):
    file = tmp_path / 'short.yaml'
    file.write_text('limits: {time_s: 2}')
    options = ['campaign', str(file), '--runs', '2', '--workers', '1', '--campaigns', str(tmp_path)]
    code, text = call(*options)
    assert code == 1
    assert '0 of 2 passed' in text
    assert {'campaign.json', 'runs.parquet'} <= {path.name for path in (tmp_path / 'latest').iterdir()}
    assert call(*options, '--require', '0')[0] == 0


def test_show_args_of_the_landing():
    text = launch_file.show_arguments(places.launch_file('landing.launch.yaml'))
    for name in ('vehicle', 'site', 'scenario', 'sensors', 'record', 'rate', 'seed', 'log_level', 'compose'):
        assert f"'{name}':" in text
    assert "Valid choices are: ['sim', 'hardware', 'replay']" in text
    assert 'no description given' not in text


@pytest.mark.parametrize(('summary', 'passed'), [
    ({'passed': True}, True), ({'passed': False}, False), ({}, False), (None, False)])
def test_verdict_is_read_from_the_summary(summary, passed, tmp_path: Path):
    if summary is not None:
        (tmp_path / 'summary.json').write_text(json.dumps(summary))
    assert landing.passed(tmp_path) is passed


def test_recover_names_what_it_did_and_what_it_could_not_do(tmp_path: Path):
    bag = BagWriter(tmp_path / 'bag', split_bytes=1000)
    channel = bag.add_channel(Topic('/text', 'std_msgs/msg/String', '', []), 'string data')
    for number in range(20):
        bag.write(channel, number, b'\0\1\0\0\5\0\0\0text\0')
        bag.flush()
    bag.abandon()
    code, text = call('recover', str(tmp_path))
    assert code == 0 and 'bag_0.mcap: complete' in text and 'original kept as bag_' in text
    assert len(list(read_bag(tmp_path, ('/text',)))) == 20
    code, text = call('recover', str(tmp_path / 'bag'), str(tmp_path / 'no_such'))
    assert code == 2 and 'no_such' in text
    (tmp_path / 'bad.mcap').write_bytes(b'not a bag')
    code, text = call('recover', str(tmp_path / 'bag'), str(tmp_path / 'bad.mcap'))
    assert code == 1 and 'bag_0.mcap: complete' in text and 'no message in it can be read' in text

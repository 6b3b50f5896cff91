"""The command `frigoris`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lander_bringup import landing, places
from lander_bringup.command import main
from lander_bringup.runner import launch_file


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

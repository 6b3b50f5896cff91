"""Folders of flights."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from lander_telemetry.flight_folder import create

NOW = datetime(2026, 6, 5, 19, 17, 3, tzinfo=UTC)


def test_name_and_latest(tmp_path):
    first = create(tmp_path / 'flights', 'nominal', NOW)
    second = create(tmp_path / 'flights', 'mission2', NOW)
    assert first.name == '20260605T191703Z-nominal' and first.is_dir()
    assert (tmp_path / 'flights/latest').resolve() == second
    assert (tmp_path / 'flights/latest').readlink().name == str((tmp_path / 'flights/latest').readlink())


def test_same_second_gives_different_folders(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: create(tmp_path, 'nominal', NOW), range(40)))
    assert len(set(made)) == 40
    assert (tmp_path / 'latest').resolve() in made
    assert len(list(tmp_path.iterdir())) == 41


@pytest.mark.parametrize(('scenario', 'end'), [
    ('my/own/scene.yaml', 'scene'), ('a b!', 'a_b_'), ('', 'flight')])
def test_scenario_becomes_a_plain_name(tmp_path, scenario, end):
    assert create(tmp_path, scenario, NOW).name == f'20260605T191703Z-{end}'

"""Campaigns of very short flights, and of invented ones."""

import dataclasses
import io
import json
import os
import signal
from pathlib import Path

import pytest
from pyarrow import parquet
from rich.console import Console

from lander_campaign import campaign, conduct, single
from lander_campaign.campaign import COMPLETE, INTERRUPTED, NARROW, Plan, fly_all
from lander_campaign.flight import Flight, files
from lander_campaign.run import Run, Task, fly
from lander_campaign.statistics import digest
from lander_campaign.workers import Failure, answers


def children() -> set[str]:
    return {pid for f in Path('/proc/self/task').glob('*/children') for pid in f.read_text().split()}


def invented(function, tasks, count):
    """Answer `count` tasks at a time, the last one first; run 3 has no luck."""
    waiting = list(tasks)
    while waiting:
        batch, waiting = waiting[:count], waiting[count:]
        for task in reversed(batch):
            run = Run(task.index, task.parameters.seed, task.index % 4 > 0, 'landed', '', tilt_deg=task.index)
            yield task, Failure('its process ended by SIGKILL') if task.index == 3 else run


@pytest.fixture
def plan(short):
    return Plan(short, runs=12, workers=4)


def test_one_hash_for_one_two_and_four_workers(plan):
    hashes = set()
    for workers in (1, 2, 4):
        runs, ended = fly_all(dataclasses.replace(plan, runs=4, workers=workers), lambda runs: None)
        assert ended == COMPLETE
        assert [run.index for run in runs] == [0, 1, 2, 3]
        assert len({run.state_hash for run in runs}) == 4
        hashes.add(digest(runs))
    assert len(hashes) == 1


def test_a_run_is_the_same_alone_and_unobserved(plan):
    task = plan.task(2)
    assert fly(task).state_hash == Flight(task.parameters).run().state_hash != fly(plan.task(1)).state_hash


def test_a_lost_run_is_failed_and_the_campaign_goes_on(plan, monkeypatch):
    monkeypatch.setattr(campaign, 'answers', invented)
    runs, _ = fly_all(plan, lambda runs: None)
    assert [run.index for run in runs] == list(range(12))
    assert not runs[3].passed
    assert (runs[3].result, runs[3].reason) == ('failed', 'its process ended by SIGKILL')


@pytest.mark.parametrize('workers', [1, 3, 5, 12])
def test_early_stop_does_not_depend_on_the_workers(plan, workers, monkeypatch):
    monkeypatch.setattr(campaign, 'answers', invented)
    monkeypatch.setattr(campaign, 'BATCH', 4)
    plan = dataclasses.replace(plan, workers=workers, stop_at=0.35)  # 0.46 after 4 runs, 0.33 after 8
    runs, ended = fly_all(plan, lambda runs: None)
    assert ended == NARROW
    assert [run.index for run in runs] == list(range(8))


@pytest.fixture
def ctrl_c():
    """Let SIGINT raise KeyboardInterrupt: a test that runs in the background of a shell ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_keeps_what_has_been_flown_and_leaves_no_process(plan, ctrl_c):
    before = children()

    def interrupt(runs):
        if len(runs) == 2:
            signal.raise_signal(signal.SIGINT)

    runs, ended = fly_all(dataclasses.replace(plan, workers=2), interrupt)
    assert ended == INTERRUPTED
    assert len(runs) == 2
    assert children() == before


def test_folder_of_a_campaign(plan, tmp_path, monkeypatch):
    monkeypatch.setattr(campaign, 'answers', invented)
    screen = io.StringIO()
    vehicle = conduct.check(plan, Console(file=screen))
    assert conduct.conduct(plan, vehicle, tmp_path, Console(file=screen, width=80)) == 1
    content = json.loads((tmp_path / 'campaign.json').read_text())
    assert (content['flown'], content['passed'], content['ended']) == (12, 8, 'complete')
    assert content['scenario'] == 'short'
    assert content['results'] == {'failed': 1, 'landed': 11}
    assert content['interval_95'][0] < 8 / 12 < content['interval_95'][1]
    rows = parquet.read_table(tmp_path / 'runs.parquet').to_pylist()
    assert [row['index'] for row in rows] == list(range(12))
    assert set(rows[0]) == {field.name for field in dataclasses.fields(Run)}
    assert (tmp_path / 'campaign.png').stat().st_size > 10_000
    assert '8 of 12 passed: 66.67 %' in screen.getvalue()
    assert 'run 3, seed 1528361072: failed: its process ended by SIGKILL' in screen.getvalue()
    relaxed = dataclasses.replace(plan, require=8 / 12)
    assert conduct.conduct(relaxed, vehicle, tmp_path, Console(file=screen)) == 0


def test_one_run_repeated_leaves_its_history(plan, tmp_path):
    assert single.repeat(plan, 2, tmp_path, Console(file=io.StringIO())) == 1  # it times out
    content = json.loads((tmp_path / 'run.json').read_text())
    assert content['state_hash'] == fly(plan.task(2)).state_hash
    rows = parquet.read_table(tmp_path / 'history.parquet').to_pylist()
    assert len(rows) == pytest.approx(50, abs=2)
    last = rows[-1]
    assert last['phase'] == 'BRAKING'
    assert last['commanded_thrust_n'] > 1000.0
    for name in ('east_m', 'north_m', 'height_m'):
        assert abs(last[f'true_{name}'] - last[f'estimated_{name}']) < 200.0
    assert last['lowest_altitude_m'] < last['true_altitude_m'] < last['highest_altitude_m']
    assert (tmp_path / 'descent.png').stat().st_size > 10_000


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_twenty_nominal_flights_land_within_the_limits(config):
    tasks = [Task(seed, files(config, seed=seed)) for seed in range(1, 21)]
    runs = [answer for _, answer in answers(fly, tasks, len(os.sched_getaffinity(0)))]
    assert len(runs) == 20
    for run in runs:
        print(run)
        assert run.result == 'landed'
        assert run.vertical_speed_m_s <= 2.0
        assert run.horizontal_speed_m_s <= 0.5
        assert run.tilt_deg <= 5.0
        assert run.distance_from_target_m <= 500.0
        assert run.propellant_left_kg > 0.0

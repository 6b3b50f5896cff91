"""A recorded flight is played into the same nodes, or into their cores: they say the same, bit for bit."""

import json
import subprocess

import pytest
from mcap.reader import make_reader

from lander_bringup import places
from lander_common.cdr import stamp_ns

pytestmark = pytest.mark.timeout(1800)  # may wait for the flight first

LIMIT_S = 600.0


def odometry(file):
    """Return the serialised odometry of a bag by its stamp [ns]."""
    with file.open('rb') as stream:
        return {stamp_ns(m.data): m.data for *_, m in make_reader(stream).iter_messages(topics=['/odometry'])}


def test_the_estimator_repeats_the_flight(nominal, tmp_path):
    replay = subprocess.run(
        ['frigoris', 'launch', str(places.launch_file('landing.launch.yaml')), 'sensors:=replay',
         f'bag:={nominal.folder}', 'compose:=true', 'record:=true', f'flight_dir:={tmp_path}'],
        capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert replay.returncode == 0, replay.stdout + replay.stderr
    flown, replayed = odometry(nominal.bag_file), odometry(tmp_path / 'bag' / nominal.bag_file.name)
    assert len(flown) > 15_000
    # The last answer of a flight, or of a replay, may come when the recorder is already told to end.
    assert len(flown.keys() ^ replayed.keys()) <= 1, sorted(flown.keys() ^ replayed.keys())[:5]
    differing = sum(flown[time] != replayed[time] for time in flown.keys() & replayed.keys())
    assert differing == 0


def test_without_ros_every_answer_is_repeated(nominal, tmp_path):
    replay = subprocess.run(
        ['frigoris', 'replay', str(nominal.folder), '--require-identical', '--replays', str(tmp_path)],
        capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert replay.returncode == 0, replay.stdout + replay.stderr
    found = json.loads((tmp_path / 'latest' / 'replay.json').read_text())
    assert len(found['messages']) == 7
    for topic in ('/odometry', '/wrench', '/thrusters/command'):
        assert found['messages'][topic]['identical'] > 15_000

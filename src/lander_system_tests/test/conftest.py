"""Whole flights that several tests look at. Each is flown once, however many pytest workers there are."""

import fcntl
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from lander_system_tests.flight import FlightResult, fly

collect_ignore = ['landing_launch_test.py']  # test_launch_testing.py runs it

ROOT = Path(__file__).resolve().parents[3]
ATLAS = 'atlas_gld100_256ppd.tif'
SEED = 1
PATIENT = {'simulator': {'step_timeout_s': 30.0}}  # same bits need every command, also on a busy machine


@pytest.fixture(scope='session')
def once(tmp_path_factory) -> Callable[..., FlightResult]:
    """Return `fly`, with a name for the flight: it flies the first time a worker asks for that name."""
    root = tmp_path_factory.getbasetemp()
    if 'PYTEST_XDIST_WORKER' in os.environ:
        root = root.parent  # the same for all workers

    def fly_once(name: str, *options: str, **keywords) -> FlightResult:
        kept = root / f'{name}.flight'
        with (root / f'{name}.lock').open('w') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                kept.write_bytes(pickle.dumps(fly(root / f'{name}-flights', *options, **keywords)))
            return pickle.loads(kept.read_bytes())
    return fly_once


@pytest.fixture(scope='session')
def nominal(once) -> FlightResult:
    """Return the flight that `frigoris land` makes by default: a process for each node, recorded."""
    return once('nominal', seed=SEED, parameters=PATIENT)


@pytest.fixture(scope='session')
def nominal_composed(once) -> FlightResult:
    """Return the same flight with all nodes in one process."""
    return once('nominal-composed', '--compose', '--no-record', seed=SEED, parameters=PATIENT)


@pytest.fixture(scope='session')
def mission2(once) -> FlightResult:
    """Return a flight with the weak range finder of Mission 2."""
    return once('mission2', '--compose', scenario='mission2', seed=SEED)


@pytest.fixture(scope='session')
def mission1(once) -> FlightResult:
    """Return a flight over the rim of Atlas: the real one if its elevation model is there."""
    folder = Path(os.environ.get('FRIGORIS_TERRAIN_DIR') or ROOT.parent / 'shared' / 'data' / 'terrain')
    terrain = [f'terrain_dir:={folder}'] if (folder / ATLAS).is_file() else []
    return once('mission1', '--compose', '--site', 'atlas_crater', *terrain, scenario='mission1', seed=SEED)

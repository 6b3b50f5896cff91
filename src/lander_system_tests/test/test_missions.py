"""The two real missions that crashed: whatever becomes of them here, it is reported honestly."""

import dataclasses

import numpy as np
import pytest

from lander_bringup import places
from lander_common.moon import height
from lander_common.site import load_site
from lander_common.vehicle import load_vehicle
from lander_sim.scenario import load_scenario
from lander_sim.terrain import load_terrain
from lander_system_tests.bag import Bag

pytestmark = pytest.mark.timeout(1200)  # the first test waits for the flight

CONFIG = places.launch_file('landing.launch.yaml').parents[1] / 'config'
VEHICLE = load_vehicle(CONFIG / 'vehicles/resilience.yaml')
FINAL = ('landed', 'tipped_over', 'crashed', 'timeout')


@pytest.fixture(params=['mission1', 'mission2'])
def mission(request):
    return request.getfixturevalue(request.param)


def test_flight_comes_to_an_end(mission):
    assert mission.returncode in (0, 1), mission.output
    assert mission.left_behind == []
    assert mission.summary['result'] in FINAL
    assert mission.summary['reason']
    assert mission.phases[:2] == ['DEORBIT', 'COAST']


def test_verdict_agrees_with_the_values(mission):
    summary, limits = mission.summary, dataclasses.asdict(VEHICLE.limits)
    within = all(summary['touchdown'][name] is not None and abs(summary['touchdown'][name]) <= limit
                 for name, limit in limits.items())
    good = within and summary['result'] == 'landed' and summary['rover_deployed']
    assert summary['passed'] is good
    assert mission.returncode == (0 if good else 1)
    title = [line for line in mission.output.splitlines() if line.rstrip().endswith('PASSED')]
    assert len(title) == 1
    assert ('NOT PASSED' in title[0]) is not good
    assert any('FAIL' in line for line in mission.output.splitlines()) is not good


def test_verdict_agrees_with_the_truth(mission):
    report = Bag(mission.bag_file).messages('/truth/touchdown')[-1]
    assert FINAL[report.result - 1] == mission.summary['result']
    assert report.state_hash == mission.summary['state_hash']


def test_first_range_of_mission2(mission2):
    """The report of Mission 2 puts it near 893 m, far below the 3 km that were planned."""
    bag = Bag(mission2.bag_file)
    first = next(m for m in bag.messages('/rangefinder/range_sample') if m.validity == 1)
    time, altitude = _true_altitude(bag)
    at_first = np.interp(_seconds(first), time, altitude)
    assert 800.0 <= at_first <= 1050.0
    assert first.range_m == pytest.approx(at_first, rel=0.3)  # the beam is slanted, the ground not level


def test_fault_of_mission2_is_told_and_listed(mission2):
    assert 'fault: rangefinder loss_db 10.5 (scenario)' in mission2.output
    assert [(f['target'], f['kind'], f['value']) for f in mission2.summary['faults']] == [
        ('rangefinder', 'loss_db', 10.5)]


def _true_altitude(bag) -> tuple[np.ndarray, np.ndarray]:
    """Return times [s] and true heights of base_link above the ground of mission2 [m], last 20 km only."""
    site = load_site(CONFIG / 'sites/mare_frigoris.yaml')
    terrain = load_terrain(load_scenario(CONFIG / 'scenarios/mission2.yaml', VEHICLE).terrain, site, 1)
    rows = []
    for message in bag.messages('/truth/odometry'):
        p = message.pose.pose.position
        if np.hypot(p.x, p.y) < 20e3:
            position = site.to_moon(np.array([p.x, p.y, p.z]))
            rows.append((_seconds(message), height(position) - terrain.height_at(position)))
    return tuple(np.array(sorted(rows)).T)


def _seconds(message) -> float:
    return message.header.stamp.sec + 1e-9 * message.header.stamp.nanosec

"""The same seed gives the same bits: nodes in processes, nodes in one process, and cores without ROS."""

import pytest

from lander_bringup import places
from lander_campaign.flight import Flight, files

pytestmark = pytest.mark.timeout(1800)  # the first test may wait for two flights


def test_separate_processes_and_one_process_give_the_same_bits(nominal, nominal_composed):
    assert nominal_composed.returncode == 0, nominal_composed.output
    assert nominal_composed.left_behind == []
    assert (nominal.summary['late_cycles'], nominal_composed.summary['late_cycles']) == (0, 0)
    assert nominal_composed.summary['state_hash'] == nominal.summary['state_hash']
    assert nominal_composed.summary['touchdown'] == nominal.summary['touchdown']


def test_a_flight_that_is_not_recorded_has_no_bag(nominal_composed):
    assert not nominal_composed.bag.exists()


def test_the_cores_without_ros_give_the_same_bits(nominal):
    report = Flight(files(places.launch_file('landing.launch.yaml').parents[1] / 'config', seed=1)).run()
    assert report.state_hash == nominal.summary['state_hash']

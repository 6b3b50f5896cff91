"""The same seed gives the same bits at touchdown, however the nodes are spread over processes."""

import pytest

pytestmark = pytest.mark.timeout(1800)  # the first test may wait for two flights


def test_separate_processes_and_one_process_give_the_same_bits(nominal, nominal_composed):
    assert nominal_composed.returncode == 0, nominal_composed.output
    assert nominal_composed.left_behind == []
    assert nominal_composed.summary['state_hash'] == nominal.summary['state_hash']
    assert nominal_composed.summary['touchdown'] == nominal.summary['touchdown']


def test_a_flight_that_is_not_recorded_has_no_bag(nominal_composed):
    assert not nominal_composed.bag.exists()

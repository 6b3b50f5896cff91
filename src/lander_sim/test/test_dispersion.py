"""Faults that differ from flight to flight."""

import dataclasses

import numpy as np
import pytest

from lander_sim.dispersion import disperse
from lander_sim.faults import Fault, How, When

SEED = 7


def drawn(fault, count=2000):
    print('seed', SEED)
    rng = np.random.default_rng(SEED)
    return [disperse((fault,), rng)[0] for _ in range(count)]


def fault(when=None, how=None, what='rangefinder'):
    return Fault(When(**(when or {'time_s': 0.0})), what, How(**(how or {})))


def test_without_dispersion_a_fault_stays_what_it_is():
    plain = fault({'altitude_below_m': 890.0, 'phase': 'BRAKING'}, {'kind': 'loss_db', 'value': 10.5})
    assert set(drawn(plain, 10)) == {plain}


def test_altitudes_are_normally_distributed():
    altitudes = [f.when.altitude_below_m for f in drawn(fault({'altitude_below_m': 890.0, 'sigma': 20.0}))]
    assert np.mean(altitudes) == pytest.approx(890.0, abs=2.0)
    assert np.std(altitudes) == pytest.approx(20.0, rel=0.05)
    assert {f.when.time_s for f in drawn(fault({'altitude_below_m': 890.0, 'sigma': 20.0}), 9)} == {-1.0}


def test_values_are_uniformly_distributed_and_stay_in_range():
    values = [f.how.value for f in drawn(fault(how={'kind': 'latency', 'value': 0.15, 'spread': 0.15}))]
    assert min(values) == pytest.approx(0.0, abs=0.001)
    assert max(values) == pytest.approx(0.3, abs=0.001)
    assert np.std(values) == pytest.approx(0.3 / np.sqrt(12.0), rel=0.05)
    clipped = [f.how.value for f in drawn(fault(how={'kind': 'dropout', 'value': 0.9, 'sigma': 0.3}))]
    assert max(clipped) == 1.0 and min(clipped) >= 0.0
    weak = drawn(fault(how={'kind': 'weak', 'value': 0.5, 'sigma': 1.0}, what='thruster/main'))
    assert {min(f.how.value for f in weak), max(f.how.value for f in weak)} == {0.0, 1.0}


def test_times_do_not_become_negative():
    times = [f.when.time_s for f in drawn(fault({'time_s': 1.0, 'spread': 5.0}))]
    assert min(times) == 0.0 and max(times) == pytest.approx(6.0, abs=0.05)


def test_a_fault_does_not_change_the_draw_of_another():
    first, second = fault(), fault({'time_s': 9.0, 'sigma': 1.0})
    dispersed = dataclasses.replace(first, how=How('loss_db', 5.0, 0.0, 2.0, 1.0))
    one, other = (disperse((f, second), np.random.default_rng(1))[1] for f in (first, dispersed))
    assert one == other

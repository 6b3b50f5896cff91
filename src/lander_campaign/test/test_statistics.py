"""Statistics of a campaign, against other implementations."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from lander_campaign.run import Run, seed_of, within
from lander_campaign.statistics import QUANTILES, digest, interval, quantiles
from lander_common.vehicle import TouchdownLimits


def run(index: int = 0, **values) -> Run:
    good = {'vertical_speed_m_s': 1.2, 'horizontal_speed_m_s': 0.0, 'tilt_deg': 0.1, 'rate_deg_s': 0.1,
            'distance_from_target_m': 30.0}
    return Run(index, seed_of(1, index), True, values.pop('result', 'landed'), '', **{**good, **values})


@given(st.integers(1, 20000), st.data())
def test_interval_is_the_exact_one_of_scipy(runs, data):
    successes = data.draw(st.integers(0, runs))
    expected = binomtest(successes, runs).proportion_ci(0.95, 'exact')
    assert interval(successes, runs) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_interval_without_runs_knows_nothing():
    assert interval(0, 0) == (0.0, 1.0)


def test_quantiles_leave_out_what_is_not_known():
    runs = [run(i, tilt_deg=float(i)) for i in range(101)] + [run(101, tilt_deg=float('nan'))]
    assert quantiles(runs, 'tilt_deg') == {name: pytest.approx(100.0 * q) for name, q in QUANTILES.items()}
    assert quantiles([], 'tilt_deg') == {}


def test_hash_sees_every_value_and_the_order_but_no_wall_time():
    runs = [run(0), run(1, wall_time_s=3.0)]
    same = [runs[0], dataclasses.replace(runs[1], wall_time_s=4.0)]
    assert digest(same) == digest(runs)
    assert digest(runs[::-1]) != digest(runs)
    for field in dataclasses.fields(Run):
        if field.type is float and field.name != 'wall_time_s':
            assert digest([runs[0], dataclasses.replace(runs[1], **{field.name: 77.7})]) != digest(runs)


def test_seeds_follow_from_campaign_and_index_alone():
    seeds = [seed_of(1, i) for i in range(5000)]
    assert seeds[3] == 1528361072  # the rule must not change: results could not be repeated any more
    assert len(set(seeds)) > 4998
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert not set(seeds) & {seed_of(2, i) for i in range(100)}


def test_a_run_is_within_the_limits_only_if_each_value_is():
    limits = TouchdownLimits()
    assert within(run(), limits)
    assert not within(run(result='crashed'), limits)
    for name, limit in dataclasses.asdict(limits).items():
        assert within(run(**{name: limit}), limits)
        assert not within(run(**{name: limit * 1.01}), limits)
        assert not within(run(**{name: float('nan')}), limits)

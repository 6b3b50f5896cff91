import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common.parameters import ParameterError
from lander_sim.sensors.laser import LaserModel, LaserParameters


def laser(seed=1, **parameters):
    return LaserModel(LaserParameters(**parameters), np.random.default_rng(seed))


def test_nine_of_ten_pulses_are_detected_at_the_rated_range():
    model = laser(rated_range_m=3000.0)
    hits = sum(model.fire(0.0, 3000.0, 1.0).detected for _ in range(10_000))
    assert hits == pytest.approx(9000, abs=4 * math.sqrt(900))


def test_the_loss_of_mission_2_moves_the_rated_range_to_893_m():
    model = laser(rated_range_m=3000.0, degradation_db=10.5)
    assert model.detection_probability(3000.0 * 10 ** (-10.5 / 20), 1.0) == pytest.approx(0.9)
    rated = 3000.0 * 10 ** (-10.5 / 20)
    assert rated == pytest.approx(893.0, abs=5.0)


@given(st.floats(100.0, 2e4), st.floats(1e-2, 10.0), st.floats(0.0, 20.0))
@settings(deadline=None)  # the first call compiles
def test_there_is_no_echo_from_beyond_the_reach_and_may_be_one_from_before(rated, width, loss):
    model = laser(rated_range_m=rated, detection_width_db=width, degradation_db=loss / 2)
    model.set_fault('loss_db', loss / 2)
    reach, farthest = model.reach, model.parameters.max_range_m
    assert model.detection_probability(1.0001 * reach, 1.0) < 1e-15
    assert reach == farthest or model.detection_probability(0.999 * reach, 1.0) > 1e-15 * (1.0 - 1e-6)


@pytest.mark.parametrize('sink', [45.0, 55.0, 66.0])
def test_first_valid_range_of_a_degraded_descent(sink):
    firsts = []
    for seed in range(200):
        model = laser(seed)
        model.set_fault('loss_db', 10.5)
        pulses = (3000.0 - sink * 0.2 * k - 0.05 * seed for k in range(10_000))
        firsts.append(next(h for h in pulses if model.fire(0.0, h, 1.0).detected))
    print(f'first valid range at {sink} m/s, seeds 0 to 199: mean {np.mean(firsts):.0f} m, '
          f'standard deviation {np.std(firsts):.0f} m, {min(firsts):.0f} to {max(firsts):.0f} m')
    assert np.mean(firsts) == pytest.approx(893.0, rel=0.06)
    assert min(firsts) > 840.0
    assert max(firsts) < 1050.0


@given(st.floats(1.0, 25e3), st.floats(1.001, 2.0), st.floats(0.05, 1.0))
@settings(deadline=None)  # the first call compiles
def test_farther_and_more_slanted_is_never_better(distance, factor, cosine):
    model = laser(rated_range_m=5000.0)
    p = model.detection_probability(distance, cosine)
    assert 0.0 <= model.detection_probability(distance * factor, cosine) <= p <= 1.0
    assert model.detection_probability(distance, cosine / factor) <= p
    assert model.detection_probability(distance, cosine, 0.1 / factor) <= p
    # the link law itself: a factor in range counts twice its dB
    assert model.margin_db(distance, cosine, 0.1) - model.margin_db(distance * factor, cosine, 0.1) == (
        pytest.approx(20 * math.log10(factor), abs=1e-6))


def test_ranges_have_the_noise_of_the_parameters():
    model = laser(noise_m=0.3)
    errors = np.array([model.fire(0.0, 500.0, 1.0).range_m for _ in range(4000)]) - 500.0
    assert errors.std() == pytest.approx(0.3, rel=0.06)
    assert abs(errors.mean()) < 4 * 0.3 / math.sqrt(4000)


@pytest.mark.parametrize('distance, cosine', [
    (0.0, 1.0), (0.5, 1.0), (25_001.0, 1.0), (math.inf, 1.0), (math.nan, 1.0),
    (100.0, 0.0), (100.0, -1.0), (100.0, math.nan)])
def test_no_echo(distance, cosine):
    echo = laser(rated_range_m=1e5).fire(3.0, distance, cosine)
    assert echo.time == 3.0
    assert not echo.detected
    assert math.isnan(echo.range_m)


def ranges(model, count=200, distance=500.0):
    return [model.fire(0.0, distance, 1.0).range_m for _ in range(count)]


def test_faults_come_and_go():
    for kind, value, effect in [
            ('no_return', 0.0, lambda r: all(map(math.isnan, r))),
            ('loss_db', 60.0, lambda r: all(map(math.isnan, r))),
            ('dropout', 0.3, lambda r: 0.15 < np.mean(np.isnan(r)) < 0.45),
            ('bias', 50.0, lambda r: abs(np.mean(r) - 550.0) < 1.0),
            ('scale', 0.1, lambda r: abs(np.mean(r) - 550.0) < 1.0),
            ('noise', 20.0, lambda r: 15.0 < np.std(r) < 25.0),
            ('stuck', 77.0, lambda r: set(r) == {77.0}),
            ('spike', 500.0, lambda r: abs(r[0] - 1000.0) < 5.0 and abs(r[1] - 500.0) < 5.0)]:
        model = laser()
        model.set_fault(kind, value)
        assert effect(ranges(model)), kind
        model.clear_fault(kind)
        model.clear_fault(kind)
        assert all(abs(r - 500.0) < 5.0 for r in ranges(model)), kind


def test_stuck_at_the_last_range():
    model = laser()
    model.set_fault('stuck')
    last = model.fire(0.0, 500.0, 1.0).range_m  # nothing to be stuck at yet
    assert set(ranges(model, distance=100.0)) == {last}
    assert model.fire(0.0, math.inf, 1.0).detected


def test_latency_is_for_the_device():
    model = laser()
    assert model.extra_latency == 0.0
    model.set_fault('latency', 0.2)
    assert model.extra_latency == 0.2


@pytest.mark.parametrize('kind, value', [('melted', 0.0), ('dropout', 1.5), ('loss_db', -1.0),
                                         *((kind, math.nan) for kind in LaserModel.faults)])
def test_impossible_faults_are_refused(kind, value):
    with pytest.raises(ParameterError, match='allowed is'):
        laser().set_fault(kind, value)


def test_a_fault_does_not_change_the_shots_after_it():
    healthy, broken = laser(7), laser(7)
    for kind in ('no_return', 'dropout', 'stuck'):
        broken.set_fault(kind, 1.0)
        assert ranges(healthy) != ranges(broken)
        broken.clear_fault(kind)
        assert ranges(healthy) == ranges(broken)

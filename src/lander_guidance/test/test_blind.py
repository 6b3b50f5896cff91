"""Coming down on ground that nobody has seen."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common.samples import GroundBelief
from lander_guidance import blind
from lander_guidance.report import Decision

GOOD, LIMIT, BEARABLE = 1.2, 2.0, 2.8
SLOW, FAULT = 0.9 * LIMIT, 0.2  # [m/s] within the limit; loss by a contact above it


@pytest.fixture
def band():
    return np.zeros(1, blind.BAND)[0]


def inside(half):
    """Return the probability of the heights within `half` sigmas."""
    return math.erf(half / math.sqrt(2.0))


@settings(deadline=None)
@given(st.floats(0.05, 3.0), st.floats(-4.0, 4.0))
def test_duration_is_the_integral_over_the_band(half, begin):
    core = blind.core(half, SLOW, BEARABLE)
    z = np.linspace(min(max(begin, -half), half), half, 20001)
    middle = 0.5 * (z[1:] + z[:-1])
    time = np.sum(np.diff(z) / np.where(np.abs(middle) < core, SLOW, BEARABLE))
    assert blind.duration(begin, half, SLOW, BEARABLE) == pytest.approx(time, abs=2e-4)


@settings(deadline=None)
@given(st.floats(20.0, 500.0), st.floats(20.0, 400.0))
def test_the_band_uses_the_propellant_and_no_other_one_loses_less(sigma, time):
    band = np.zeros(1, blind.BAND)[0]
    blind.plan(band, 5.0 * sigma, sigma, time, GOOD, LIMIT, BEARABLE)
    half, core = float(band['half']), float(band['core'])
    if half == 3.0:
        return
    used = 2.0 * sigma * (core / SLOW + (half - core) / BEARABLE)
    assert used == pytest.approx(time, rel=1e-3)

    def loss(core, half):
        return 1.0 - inside(half) + FAULT * (inside(half) - inside(core))

    best = loss(core, half)
    assert float(band['risk']) == pytest.approx(best)
    for other in np.linspace(0.0, 3.0, 61):  # another core, with the half width that is left for it
        wide = other + (0.5 * time / sigma - other / SLOW) * BEARABLE
        if wide >= other:
            assert loss(other, wide) >= best - 1e-4


@settings(deadline=None)
@given(st.floats(20.0, 300.0), st.floats(1.62, 6.0), st.floats(-0.9, 5.0))
def test_keeps_the_limit_at_the_likely_heights_where_the_propellant_lasts(sigma, share, begin):
    band = np.zeros(1, blind.BAND)[0]
    blind.plan(band, 5.0 * sigma, sigma, share * sigma, GOOD, LIMIT, BEARABLE)
    assert band['core'] > 1.0
    blind.plan(band, 0.0, sigma, 0.5 * share * sigma, GOOD, LIMIT, BEARABLE)
    assert band['sink'] <= SLOW


def test_the_plan_stays_on_the_way_down(band):
    sigma, time = 100.0, 160.0
    blind.plan(band, 500.0, sigma, time, GOOD, LIMIT, BEARABLE)
    half, core = float(band['half']), float(band['core'])
    for z in np.linspace(-half, half, 50)[:-1]:
        left = sigma * blind.duration(z, half, SLOW, BEARABLE)
        blind.plan(band, -z * sigma, sigma, left, GOOD, LIMIT, BEARABLE)
        assert (band['half'], band['core']) == pytest.approx((half, core), abs=1e-4)
        assert band['sink'] == (SLOW if abs(z) < core else BEARABLE)


def test_price_is_the_loss_per_second_of_hovering(band):
    blind.plan(band, 1000.0, 150.0, 150.0, GOOD, LIMIT, BEARABLE)
    risk, price = float(band['risk']), float(band['price'])
    blind.plan(band, 1000.0, 150.0, 149.0, GOOD, LIMIT, BEARABLE)
    assert float(band['risk']) - risk == pytest.approx(price, rel=0.02)


def test_comes_down_softly_where_the_propellant_allows_it(band):
    blind.plan(band, 100.0, 2.0, 100.0, GOOD, LIMIT, BEARABLE)
    assert band['half'] == 3.0
    assert band['sink'] == GOOD
    assert band['price'] == 0.0


@settings(deadline=None)
@given(st.floats(-1e4, 2e4), st.floats(0.0, 2e3), st.floats(-100.0, 1e4))
def test_the_plan_is_always_a_number_within_bounds(altitude, sigma, time):
    band = np.zeros(1, blind.BAND)[0]
    blind.plan(band, altitude, sigma, time, GOOD, LIMIT, BEARABLE)
    assert np.isfinite([band[name] for name in band.dtype.names]).all()
    assert GOOD <= band['sink'] <= BEARABLE
    assert 0.0 <= band['half'] <= 3.0


@pytest.mark.parametrize(('mean', 'waits'), [(10.0, True), (1000.0, False)])
def test_waits_only_for_a_range_finder_that_wakes_up_soon(band, mean, waits):
    blind.plan(band, 300.0, 150.0, 150.0, GOOD, LIMIT, BEARABLE)
    assert blind.is_worth_waiting(band, 0.9, mean, 0.0) is waits
    # Silence makes it less likely that it works at all.
    assert not blind.is_worth_waiting(band, 0.9, mean, 20.0 * mean)
    blind.plan(band, 300.0, 2.0, 150.0, GOOD, LIMIT, BEARABLE)  # the propellant is good for all heights
    assert not blind.is_worth_waiting(band, 0.9, mean, 0.0)


def unseen(sigma, wrong):
    """Return a belief that is `wrong` m too high, and knows that it is `sigma` m uncertain."""
    def belief(time, altitude, terrain):
        seen = altitude + wrong
        return GroundBelief(time, terrain - wrong, seen, seen - 3.0 * sigma, seen + 3.0 * sigma)
    return belief


@pytest.mark.parametrize(('sigma', 'wrong'), [(100.0, -100.0), (100.0, 0.0), (100.0, 150.0), (200.0, -100.0),
                                               (200.0, 200.0)])
def test_lands_without_any_range_where_the_ground_is_likely(world, sigma, wrong):
    flight = world.flight(world.gate(), belief=unseen(sigma, wrong), propellant=65.0)
    touchdown = flight.run(until=800.0)
    assert touchdown['sink'] < 0.71 * world.vehicle.legs.break_vertical_m_s
    assert touchdown['tilt'] < 1.0
    said = [s for s, _ in flight.log if s.decision == Decision.ABORT]
    assert 'no range' in said[0].decision_reason


def test_a_range_that_comes_in_the_end_ends_the_abort(world):
    belief = unseen(150.0, 0.0)

    def late(time, altitude, terrain):
        if altitude > 80.0:
            return belief(time, altitude, terrain)
        return GroundBelief(time, terrain, altitude, altitude - 3.0, altitude + 3.0)

    flight = world.flight(world.gate(), belief=late, propellant=65.0)
    touchdown = flight.run(until=800.0)
    assert touchdown['sink'] < 1.4
    decisions = [s.decision for s, _ in flight.log]
    assert Decision.ABORT in decisions
    assert decisions[-1] == Decision.CONTINUE

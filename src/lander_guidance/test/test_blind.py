"""Coming down on ground that nobody has seen."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from lander_common.samples import GroundBelief
from lander_guidance import blind
from lander_guidance.report import Decision

GOOD, LIMIT, BEARABLE, BREAKING = 1.2, 2.0, 2.8, 2.8 / blind.EDGE_SHARE
SPREAD = 2.0 * (1.0 + blind.POWER)


@pytest.fixture
def band():
    return np.zeros(1, blind.BAND)[0]


def density(z):
    return math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


def loss(sink, half):
    """Return the expected loss of `sink(z)` within a band of `half` sigmas, surely lost outside."""
    inside, _ = quad(lambda z: density(z) * min((sink(z) / BREAKING)**blind.POWER, 1.0), -half, half)
    return math.erfc(half / math.sqrt(2.0)) + inside


@settings(deadline=None)
@given(st.floats(0.05, 3.0), st.floats(-4.0, 4.0))
def test_duration_is_the_integral_over_the_band(half, begin):
    start = min(max(begin, -half), half)
    time, _ = quad(lambda z: math.exp((half**2 - z * z) / SPREAD), start, half)
    assert blind.duration(begin, half) == pytest.approx(time, rel=1e-6, abs=1e-9)


@settings(deadline=None)
@given(st.floats(20.0, 500.0), st.floats(20.0, 400.0))
def test_the_band_uses_the_propellant_and_no_other_way_down_is_better(sigma, time):
    band = np.zeros(1, blind.BAND)[0]
    blind.plan(band, 5.0 * sigma, sigma, time, 1e-3, BREAKING, BEARABLE)
    half = float(band['half'])
    if half == 3.0:
        return

    def law(z):
        return BEARABLE * math.exp((z * z - half**2) / SPREAD)

    used, _ = quad(lambda z: sigma / law(z), -half, half)
    assert used == pytest.approx(time, rel=1e-3)
    best = loss(law, half)
    assert float(band['risk']) == pytest.approx(best, abs=2e-3)
    # A wider band at the same propellant has to be flown faster, a narrower one can be flown more slowly.
    for other in (0.8 * half, 0.9 * half, 1.1 * half, 1.25 * half):
        def shape(z, w=other):
            return math.exp((z * z - w * w) / SPREAD)

        edge = quad(lambda z, f=shape: sigma / f(z), -other, other)[0] / time
        assert loss(lambda z, k=edge, f=shape: k * f(z), other) >= best - 1e-4
    # So has a band flown at one speed.
    for other in (0.6 * half, 0.8 * half, half, 1.2 * half):
        constant = 2.0 * other * sigma / time
        assert loss(lambda z, k=constant: k, other) >= best - 1e-4


@settings(deadline=None)
@given(st.floats(20.0, 300.0), st.floats(0.5, 1.6), st.floats(-0.9, 3.0))
def test_keeps_the_limit_where_the_propellant_lasts_for_the_likely_heights(sigma, spare, begin):
    band = np.zeros(1, blind.BAND)[0]
    likely = sigma * blind.duration(-begin, 1.0) / (blind.EDGE_SHARE * LIMIT)
    blind.plan(band, begin * sigma, sigma, spare * likely, GOOD, LIMIT, BEARABLE)
    if spare >= 1.0:
        assert band['half'] >= 1.0 - 1e-6
        assert band['sink'] <= blind.EDGE_SHARE * LIMIT + 1e-9
    else:
        assert band['edge'] == pytest.approx(min(blind.EDGE_SHARE * LIMIT / spare, BEARABLE))
        assert band['half'] == pytest.approx(1.0, abs=1e-4) or band['edge'] == BEARABLE


def test_a_limit_above_what_the_legs_bear_counts_for_nothing(band):
    blind.plan(band, 300.0, 100.0, 100.0, GOOD, 9.0, BEARABLE)
    assert band['edge'] == BEARABLE


def test_price_is_the_loss_per_second_of_hovering(band):
    blind.plan(band, 1000.0, 150.0, 150.0, GOOD, BREAKING, BEARABLE)
    risk, price = float(band['risk']), float(band['price'])
    blind.plan(band, 1000.0, 150.0, 149.0, GOOD, BREAKING, BEARABLE)
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

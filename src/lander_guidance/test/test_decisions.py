"""Continue, divert or abort: within 0.2 s of the cause, with the reason and the margins."""

import numpy as np
import pytest

from lander_common.samples import GroundBelief
from lander_guidance.parameters import GuidanceParameters
from lander_guidance.report import Decision, Phase


def first(flight, decision):
    """Return the first status with this decision."""
    return next((s for s, _ in flight.log if s.decision == decision), None)


def test_a_flight_as_planned_continues_all_the_way(world, believe):
    flight = world.flight(world.perilune(), belief=believe(2500.0))
    flight.run()
    assert {s.decision for s, _ in flight.log} == {Decision.CONTINUE}
    assert {s.decision_reason for s, _ in flight.log} == {''}
    flown = [s for s, _ in flight.log if Phase.BRAKING <= s.phase <= Phase.TERMINAL]
    assert min(s.propellant_margin_kg for s in flown) > 25.0
    assert min(s.stopping_margin_m for s in flown if s.sink_rate_m_s > 5.0) > 10.0


@pytest.mark.parametrize('dt', [0.01, 0.1])
def test_says_within_a_fifth_of_a_second_that_it_cannot_stop(world, dt):
    """The ground turns out to be 300 m below instead of 1700 m."""
    flight = world.flight(world.above(1700.0, 50.0), dt=dt, propellant=65.0)
    flight.attitude = np.array(world.site.quaternion)

    def sight(time, altitude, terrain):
        higher = 1400.0 if time >= 3.0 else 0.0
        return GroundBelief(time, terrain + higher, altitude - higher, altitude - higher - 5.0,
                            altitude - higher + 5.0)

    flight.belief = sight
    while flight.time < 4.0:
        flight.step()
    status = first(flight, Decision.ABORT)
    assert 3.0 < status.time <= 3.2
    assert 'cannot stop' in status.decision_reason
    assert status.stopping_margin_m < 0.0
    assert all(s.decision == Decision.CONTINUE for s, _ in flight.log if s.time < 3.0)


def test_stopping_margin_is_the_height_that_is_left_over(world):
    flight = world.flight(world.above(500.0, 40.0), propellant=65.0)
    flight.attitude = np.array(world.site.quaternion)
    flight.belief = lambda t, a, h: GroundBelief(t, h, a, a - 20.0, a + 20.0)
    flight.step()
    flight.step()  # the belief counts now
    flight.step()
    status, legs = flight.guidance.status(), flight.vehicle.legs
    spare = 0.95 * 1710.0 / status.mass_kg - 1.622
    excess = status.sink_rate_m_s - 0.7 * legs.break_vertical_m_s
    altitude = flight.altitude + legs.foot_z_m + 0.1 * status.sink_rate_m_s  # at that sample
    height = excess * 1.0 + excess**2 / (2.0 * spare)
    assert status.stopping_margin_m == pytest.approx(altitude - 20.0 - height, abs=3.0)


def test_says_so_when_the_target_is_out_of_reach(world, believe):
    flight = world.flight(world.perilune(24.0), belief=believe(2500.0), thrust=lambda f, _: 0.9 * f)
    touchdown = flight.run()
    status = first(flight, Decision.DIVERT)
    assert 'out of reach' in status.decision_reason
    assert status.phase == Phase.BRAKING
    assert status.distance_to_target_m > 100e3  # long before
    assert touchdown['sink'] < 1.5


def test_goes_down_as_fast_as_the_legs_bear_when_the_propellant_is_short(world, believe):
    def fly(propellant):
        flight = world.flight(world.above(2500.0, 50.0, 30.0, 900.0), belief=believe(3000.0),
                              propellant=propellant)
        flight.attitude = np.array(world.site.quaternion)
        return flight, flight.run(until=900.0)

    rich, touchdown = fly(60.0)
    used = 60.0 - touchdown['propellant']
    assert first(rich, Decision.ABORT) is None
    short, touchdown = fly(used - 5.0)
    assert 'propellant short by' in first(short, Decision.ABORT).decision_reason
    assert touchdown['sink'] < 0.7 * world.vehicle.legs.break_vertical_m_s
    assert touchdown['propellant'] > 0.0


@pytest.mark.parametrize('left', [0.0, 0.3])
def test_says_so_when_the_engines_cannot_bear_the_weight(world, believe, left):
    flight = world.flight(world.above(800.0, 15.0), belief=believe(3000.0), propellant=60.0, dt=0.02,
                          thrust=lambda f, flight: f if flight.time < 8.0 else left * f)
    flight.attitude = np.array(world.site.quaternion)
    flight.run(until=14.0)
    status = next(s for s, _ in flight.log if s.decision == Decision.ABORT)
    assert 8.0 < status.time < 9.5
    late = flight.log[-1][0]
    assert 'does not bear' in late.decision_reason


def test_propellant_that_ends_is_said(world):
    flight = world.flight(world.gate(), propellant=50.0, ground=lambda p: world.site.ground_height_m - 3e3,
                          parameters=GuidanceParameters(trust_estimate=True))
    flight.run(until=900.0)
    spent = next(s.time for s, _ in flight.log if s.phase == Phase.ABORT)
    status = next(s for s, _ in flight.log if 'propellant spent' in s.decision_reason)
    assert status.decision == Decision.ABORT
    assert status.time - spent < 0.2

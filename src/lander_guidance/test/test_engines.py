"""Engines that fail or weaken on the way, in closed loop."""

import numpy as np
import pytest

from lander_guidance.report import Decision, Phase

MAIN = 420.0  # [N] of Resilience


def lost_main(altitude):
    """Return what engines give of a demand once the main engine has failed, unnoticed by the allocator."""
    def thrust(commanded, flight):
        gone = flight.altitude < altitude and commanded >= MAIN
        return commanded - MAIN if gone else commanded
    return thrust


def lands(world, believe, thrust, height=200.0, **options):
    flight = world.flight(world.above(height, 9.0), belief=believe(2500.0), propellant=50.0, dt=0.02,
                          thrust=thrust, **options)
    flight.attitude = np.array(world.site.quaternion)
    return flight, flight.run(until=200.0)


@pytest.mark.parametrize('altitude', [100.0, 50.0, 20.0])
def test_main_engine_lost_near_the_ground(world, believe, altitude):
    flight, touchdown = lands(world, believe, lost_main(altitude))
    assert touchdown['sink'] < 2.0
    assert touchdown['tilt'] < 1.0
    assert flight.guidance.record['scale']['value'][0] < 0.9


@pytest.mark.parametrize('share', [0.7, 0.85])
def test_all_engines_weak_from_50_m_on(world, believe, share):
    flight, touchdown = lands(world, believe, lambda f, flight: f * (share if flight.altitude < 50.0 else 1))
    assert touchdown['sink'] < 1.7
    # The belief about the ground counts from the second sample on.
    assert {s.decision for s, _ in flight.log if s.time > 2.0} == {Decision.CONTINUE}
    assert flight.guidance.record['scale']['value'][0] == pytest.approx(share, abs=0.04)


def test_a_main_engine_that_gives_half_in_braking(world, believe):
    """12 % of all thrust: the burn is planned anew, and the lander comes down softly where it can."""
    flight = world.flight(world.perilune(24.0), belief=believe(2500.0),
                          thrust=lambda f, flight: max(f - 0.5 * MAIN, 0.0) if f > MAIN else f)
    touchdown = flight.run()
    legs = flight.vehicle.legs
    assert touchdown['sink'] < legs.break_vertical_m_s
    assert touchdown['across'] < 0.5
    assert touchdown['tilt'] < 2.0
    begun = next(s.time for s, _ in flight.log if s.phase == Phase.BRAKING)
    said = next(s for s, _ in flight.log if s.decision == Decision.DIVERT)
    assert said.time - begun < 3.0
    assert 'out of reach' in said.decision_reason


@pytest.mark.campaign
@pytest.mark.parametrize('seed', range(20))
def test_any_loss_of_thrust_anywhere_in_the_approach(world, believe, seed):
    rng = np.random.default_rng(seed)
    altitude, share = 10.0 ** rng.uniform(1.3, 3.3), rng.uniform(0.6, 1.0)
    flight = world.flight(world.gate(), belief=believe(2500.0), propellant=65.0,
                          thrust=lambda f, flight: f * (share if flight.altitude < altitude else 1.0))
    touchdown = flight.run(until=400.0)
    assert touchdown['sink'] < 2.5, (altitude, share)
    assert touchdown['tilt'] < 2.0

"""Engines that fail or weaken on the way, in closed loop."""

import numpy as np
import pytest

from lander_common.compiled import compiled
from lander_guidance import propulsion
from lander_guidance.propulsion import SCALE
from lander_guidance.report import Decision, Phase

MAIN = 420.0  # [N] of Resilience


@compiled
def measure(scales, force, mass, measured, dt):
    """Hand over an array: Numba takes a bare record badly."""
    propulsion.measure(scales[0], force, mass, measured, dt)


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


@pytest.mark.parametrize('known', [True, False])
def test_valves_closed_for_a_moment_are_no_weak_engines_once_that_is_known(world, believe, known):
    """As by the watchdog of the valve driver, when the machine has stood still."""
    believed, begun = [], []

    def thrust(commanded, flight):
        believed.append(float(flight.guidance.record['scale']['value'][0]))
        if flight.altitude > 100.0:
            return commanded
        begun.append(flight.time)
        if flight.time - begun[0] > 0.4:
            return commanded
        if known:
            flight.guidance.excuse_thrust()
        return 0.0

    _, touchdown = lands(world, believe, thrust)
    assert touchdown['sink'] < 1.7
    assert (min(believed) > 0.9) is known, min(believed)


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


def measured(scale, forces, gains, mass=380.0, dt=0.01):
    """Compare commanded forces [N] with the speeds that `gains` of them give; return the ratios believed."""
    believed = []
    for force, gain in zip(forces, gains):
        measure(scale, force, mass, gain / mass * dt, dt)
        believed.append(float(scale['value'][0]))
    return believed


@pytest.mark.parametrize('seconds', [0.2, 0.5, 1.0])
def test_engines_that_lag_behind_a_falling_command_are_not_stronger(seconds):
    scale = np.zeros(1, SCALE)
    scale['value'] = 1.0
    times = np.arange(0.0, 12.0, 0.01)
    forces = np.interp(times, [4.0, 4.0 + seconds], [1624.0, 600.0])
    late = np.interp(times - 0.12, times, forces)
    assert max(measured(scale, forces, late)) < 1.05


@pytest.mark.parametrize('wrong', [0.85, 1.12, 1.3])
def test_a_wrong_ratio_is_mended_also_where_noise_keeps_the_quick_loop_quiet(wrong):
    scale = np.zeros(1, SCALE)
    scale['value'] = wrong
    forces = np.full(1000, 600.0)
    noise = np.where(np.arange(1000) // 25 % 2, 1.1, 0.9)
    assert measured(scale, forces, forces * noise)[-1] == pytest.approx(1.0, abs=0.02)


@pytest.mark.campaign
@pytest.mark.parametrize('seed', range(20))
def test_any_loss_of_thrust_anywhere_in_the_approach(world, believe, seed):
    rng = np.random.default_rng(seed)
    altitude, share = 10.0 ** rng.uniform(1.3, 3.3), rng.uniform(0.6, 1.0)
    flight = world.flight(world.gate(), belief=believe(2500.0), propellant=65.0,
                          thrust=lambda f, flight: f * (share if flight.altitude < altitude else 1.0))
    lost = []

    def watch(flight):
        if flight.altitude < altitude and not lost:
            up = flight.position / np.linalg.norm(flight.position)
            lost.append((-flight.velocity @ up, world.vehicle.mass.dry_kg + flight.propellant))
    touchdown = flight.run(until=400.0, watch=watch)
    (sink, mass), = lost
    spare = share * flight.engines['limit'] / mass - 1.63
    if sink**2 / (2.0 * spare) + 2.0 * sink > altitude:  # full thrust two seconds later does not stop it
        assert touchdown['sink'] < 2.5 or any(s.decision == Decision.ABORT for s, _ in flight.log)
        return
    assert touchdown['sink'] < 2.5, (altitude, share)
    assert touchdown['tilt'] < 2.0

"""Vehicles with other engines than Resilience: flown by their file alone."""

import dataclasses

import numpy as np
import pytest

from lander_guidance.parameters import GuidanceParameters
from lander_guidance.propulsion import engines, flow
from lander_guidance.report import Decision

P = GuidanceParameters()


def other(world, main=None, assists=None, dry=340.0):
    """Return a world with a main engine of these fields, so many assist engines and their fields, or none."""
    thrusters = [t for t in world.vehicle.thrusters if t.group == 'rcs']
    pattern = world.vehicle.thrusters[1]
    thrusters += [dataclasses.replace(pattern, name=f'assist_{i}', **assists[1]) for i in range(assists[0])] \
        if assists else []
    if main:
        thrusters.append(dataclasses.replace(world.vehicle.thrusters[0], **main))
    changed = type(world)()
    mass = dataclasses.replace(world.vehicle.mass, dry_kg=dry)
    changed.vehicle = dataclasses.replace(world.vehicle, thrusters=tuple(thrusters), mass=mass)
    return changed


def real(e):
    """Return what an allocator makes of a demand: throttled, or with a main engine that is on or off."""
    state = {'on': True, 'starts': 0}

    def thrust(commanded, flight):
        if e['main'] <= 0.0 or commanded <= 0.0:
            return commanded
        before = state['on']
        state['on'] = commanded >= (0.9 if before else 1.0) * e['main_least']
        state['starts'] += state['on'] and not before
        return max(commanded, e['main_least']) if state['on'] else commanded
    return thrust, state


CASES = {
    'one throttled engine': ({'thrust_n': 1700.0, 'throttle_min': 0.2}, None, 340.0),
    'assist engines only': (None, (8, {'thrust_n': 215.0}), 340.0),
    'main engine off for the landing': ({'thrust_n': 1100.0}, (8, {'thrust_n': 200.0}), 469.0),
}


@pytest.mark.parametrize('name', CASES)
def test_lands_from_the_gate(world, believe, name):
    main, assists, dry = CASES[name]
    changed = other(world, main, assists, dry)
    e = engines(P, changed.vehicle)
    thrust, state = real(e)
    flight = changed.flight(changed.gate(), belief=believe(2500.0), propellant=100.0, thrust=thrust)
    touchdown = flight.run(until=400.0)
    assert touchdown['sink'] < 1.5
    assert touchdown['across'] < 0.3
    assert touchdown['tilt'] < 1.0
    assert touchdown['distance'] < 5.0
    assert {s.decision for s, _ in flight.log} == {Decision.CONTINUE}
    assert state['starts'] <= 3
    if name.startswith('main engine off'):
        assert not state['on']


@pytest.mark.campaign
def test_brakes_with_one_throttled_engine(world, believe):
    changed = other(world, *CASES['one throttled engine'])
    thrust, _ = real(engines(P, changed.vehicle))
    flight = changed.flight(changed.perilune(), belief=believe(2500.0), thrust=thrust)
    touchdown = flight.run()
    assert touchdown['sink'] < 1.5
    assert touchdown['distance'] < 5.0


def test_limits_follow_from_the_engines(world):
    e = engines(P, other(world, *CASES['one throttled engine']).vehicle)
    assert e['floor'] == pytest.approx(1.02 * 340.0)
    assert e['limit'] == e['terminal'] == pytest.approx(0.95 * 1700.0)
    assert flow(e, 800.0) == pytest.approx(800.0 / (318.0 * 9.80665))
    e = engines(P, other(world, *CASES['main engine off for the landing']).vehicle)
    assert e['floor'] < 100.0
    assert e['terminal'] == pytest.approx(0.98 * 1100.0)
    e = engines(P, other(world, *CASES['assist engines only']).vehicle)
    assert e['main'] == 0.0
    assert e['terminal'] == e['limit'] == pytest.approx(0.95 * 8 * 215.0)
    assert np.isfinite([e[n] for n in ('floor', 'limit', 'main_slope', 'assist_slope')]).all()
    with pytest.raises(ValueError, match='no main or assist engine'):
        engines(P, other(world).vehicle)

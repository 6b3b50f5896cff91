"""The predicted burn: does it end where it says, and does it cost what it must."""

import numpy as np
import pytest

from lander_common import constants
from lander_guidance import predictor
from lander_guidance.braking import Braking
from lander_guidance.parameters import GuidanceParameters
from lander_guidance.propulsion import Propulsion
from lander_guidance.situation import Observer

P = GuidanceParameters()


@pytest.fixture
def planner(world):
    site = world.site
    return Braking(P, Propulsion(P, world.vehicle), site.rotation[:, 2].copy(), site.ground_height_m)


def test_linear_tangent_burn_costs_at_most_one_kilogram_per_thousand_more_than_the_optimum(optimum):
    best, flown = optimum
    assert best < flown < 1.001 * best


@pytest.mark.parametrize('across', [-20e3, 0.0, 20e3])
@pytest.mark.parametrize('share', [0.85, 0.90, 0.94])
def test_finds_the_burn_that_reaches_the_gate(world, across, share):
    engines = Propulsion(P, world.vehicle)
    thrust = share * 1710.0
    position, velocity = world.perilune(20.0, across=across)
    target = world.site.rotation[:, 2].copy()
    left = np.cross(position, target)
    left /= np.linalg.norm(left)
    goal = np.array([-P.gate_range_m, world.site.ground_height_m + P.gate_height_m, 0.0, P.gate_forward_m_s,
                     -P.gate_sink_m_s, 0.0])
    guess = np.array([0.1, 0.6, 0.0, 0.0, 640.0, thrust])
    shape = (target, left, goal, engines.flow_fixed, engines.flow_slope, 1.0)
    free, miss, solved = predictor.solve(position, velocity, 755.0, guess, *shape, True, 12)
    assert solved
    assert free[predictor.THRUST] == thrust
    # Somewhat nearer or farther than that burn wants: the thrust makes up for it.
    shape[2][predictor.RANGE] += miss[predictor.RANGE] + 5e3
    burn, miss, solved = predictor.solve(position, velocity, 755.0, free, *shape, False, 12)
    assert solved
    assert (np.abs(miss[:3]) < 10.0).all()
    assert (np.abs(miss[3:]) < 0.1).all()
    assert burn[predictor.THRUST] < thrust


def test_end_state_is_measured_along_the_ground(world):
    position, velocity = world.above(3000.0, 50.0, forward=30.0, before=1000.0)
    up, east = world.site.rotation[:, 2].copy(), world.site.rotation[:, 0]
    end = predictor.end_state(position, velocity, up, -east)
    ground = world.site.ground_height_m
    assert end == pytest.approx([-1000.0, ground + 3000.0, 0.0, 30.0, -50.0, 0.0], abs=1.0)


def test_ignites_where_the_burn_ends_at_the_gate(world, planner):
    observer = Observer(world.site, 1.0)
    due = []
    for degrees in (24.0, 22.0, 20.0, 18.0, 16.0):
        flight = world.flight(world.perilune(degrees))
        planner._next = -np.inf
        situation = observer.observe(flight.navigation, 1.0)
        demand = planner.coast(situation, 755.0)
        assert demand.thrust == 0.0
        due.append(planner.due(situation))
    assert due == sorted(due)
    assert due[0] is False
    assert due[-1] is True


def test_expected_arc_is_where_it_then_ignites(world, planner):
    perilune = constants.MOON_RADIUS + world.site.ground_height_m + P.perilune_height_m
    arc = planner.expect(perilune, constants.MOON_RADIUS + 100e3, 755.0)
    assert np.degrees(arc) == pytest.approx(19.7, abs=0.5)

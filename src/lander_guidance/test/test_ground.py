"""Descents over ground that is not where it was believed to be."""

import numpy as np
import pytest

from lander_common.constants import MOON_RADIUS
from lander_common.samples import GroundBelief
from lander_guidance.report import Phase


@pytest.fixture
def step(world):
    """Return ground that is `height` m higher farther than `distance` m from the site."""
    def make(height, distance):
        site, target = world.site, world.site.rotation[:, 2]

        def ground(position):
            away = MOON_RADIUS * np.arccos(min(position @ target / np.linalg.norm(position), 1.0))
            return site.ground_height_m + (height if away > distance else 0.0)
        return ground
    return make


@pytest.mark.parametrize('wrong', [300.0, -300.0])
def test_lands_with_a_first_range_at_900_m(world, believe, wrong):
    flight = world.flight(world.perilune(), belief=believe(900.0, wrong))
    touchdown = flight.run()
    assert touchdown['sink'] < 1.5
    assert touchdown['distance'] < 10.0
    assert touchdown['propellant'] > 25.0


@pytest.mark.parametrize('wrong', [0.0, 200.0, -200.0])
def test_survives_without_any_range(world, believe, wrong):
    flight = world.flight(world.perilune(), belief=believe(-1e9, wrong))
    touchdown = flight.run()
    assert touchdown['sink'] < 0.71 * world.vehicle.legs.break_vertical_m_s
    assert touchdown['tilt'] < 2.0


@pytest.mark.parametrize(('height', 'distance'), [(3e3, 30e3), (3e3, 10e3), (-3e3, 3e3), (-3e3, 500.0)])
def test_flies_over_a_rim(world, believe, step, height, distance):
    ground = step(height, distance)
    flight = world.flight(world.perilune(), belief=believe(1e9, 0.0), ground=ground)
    touchdown = flight.run()
    assert touchdown['sink'] < 1.5
    assert touchdown['distance'] < 10.0


def test_does_not_sink_into_a_plateau_beyond_which_the_beam_sees_lower_ground(world):
    """The believed altitude is that above the ground ahead; only the lowest credible one knows better."""
    over = []

    def ground(position):
        return world.site.ground_height_m + (3e3 if world.site.to_map(position)[1] < -1700.0 else 0.0)

    def belief(time, altitude, terrain):
        lower, plain = altitude - 10.0, world.site.ground_height_m
        higher = altitude + terrain - plain
        return GroundBelief(time, plain, higher, lower, higher + 10.0)

    flight = world.flight(world.above(3150.0, 12.0, 80.0, 2400.0), belief=belief, ground=ground)
    flight.attitude = np.array(world.site.quaternion)

    def watch(flight):
        if ground(flight.position) > world.site.ground_height_m:
            over.append(flight.altitude)

    touchdown = flight.run(watch=watch)
    assert len(over) > 50
    assert min(over) > 30.0
    assert touchdown['sink'] < 1.5


@pytest.mark.parametrize('jump', [3e3, -3e3])
def test_replans_smoothly_when_the_believed_ground_jumps(world, believe, jump):
    jumped, plain = believe(-1.0, jump), believe(1e9)
    flight = world.flight(world.perilune(),
                          belief=lambda t, a, h: (jumped if 5e3 < a < 7e3 else plain)(t, a, h))
    touchdown = flight.run()
    assert touchdown['sink'] < 1.5
    assert touchdown['distance'] < 100.0
    assert all(np.isfinite(w.force).all() and np.isfinite(w.torque).all() for _, w in flight.log)


@pytest.mark.parametrize('height', [500.0, -500.0])
def test_lands_where_the_site_is_higher_or_lower_than_the_map(world, believe, height):
    flight = world.flight(world.perilune(), belief=believe(3e3, height, margin=600.0),
                          ground=lambda p: world.site.ground_height_m + height)
    touchdown = flight.run()
    assert touchdown['sink'] < 1.5
    assert touchdown['distance'] < 10.0
    assert flight.phases[-1] == Phase.LANDED

"""A map of the site tells the height of the ground before the first range; with ranges, the position."""

import dataclasses

import numpy as np
import pytest

from lander_common import rotations
from lander_common.constants import MOON_RADIUS
from lander_common.parameters import ParameterError
from lander_estimation.aiding import terrain_map
from lander_estimation.model import new_record
from lander_estimation.status import Outcome


def relief(east, north):
    """Return a hilly ground [m]."""
    return -2451.0 + 20.0 * np.sin(east / 900.0) + 30.0 * np.cos(north / 700.0)


@pytest.fixture
def mapped(world, tmp_path):
    """Return parameters with a map of 24 km, good to 2 m."""
    axis = -12e3 + 250.0 * np.arange(96)
    heights = relief(*np.meshgrid(axis, axis))
    np.savez(tmp_path / 'map.npz', heights=heights, east_m=axis[0], north_m=axis[0], spacing_m=250.0,
             sigma_m=2.0)
    return dataclasses.replace(world.parameters, terrain_map_file=str(tmp_path / 'map.npz'))


@pytest.fixture(scope='module')
def cruise(world):
    return world.truth(height=1000.0, speed=100.0, sink=8.0, thrust=1.9, distance=4000.0, duration=30.0,
                       upright=5.0)


def on_relief(world, truth, seed, ranges=True):
    heights = []
    for p, q in zip(truth.position, truth.attitude):
        beam, up = rotations.rotate(q, world.vehicle.rangefinder.axis), p / rotations.norm(p)
        foot = p + (rotations.norm(p) - MOON_RADIUS + 2451.0) / -(beam @ up) * beam
        heights.append(relief(*world.site.to_map(foot)[:2]))
    sensors = world.sensors(truth, seed, terrain=heights)
    if not ranges:
        sensors.ranges = []
    return sensors


def test_height_and_slopes_are_those_of_the_grid(world, mapped):
    model = new_record(mapped, world.vehicle, world.site)[0]['model']
    for east, north in ((0.0, 0.0), (3210.0, -4321.0), (-7000.0, 9999.0)):
        height, to_east, to_north = terrain_map.look_up(
            model, tuple(world.site.to_moon(np.array([east, north, -2451.0]))))
        assert height == pytest.approx(relief(east, north), abs=1.0)
        assert to_east == pytest.approx(20.0 / 900.0 * np.cos(east / 900.0), abs=0.008)
        assert to_north == pytest.approx(-30.0 / 700.0 * np.sin(north / 700.0), abs=0.008)
    assert np.isnan(terrain_map.look_up(model, tuple(world.site.to_moon(np.array([20e3, 0.0, 0.0]))))[0])


def test_ground_is_known_before_the_first_range(world, cruise, mapped):
    sensors = on_relief(world, cruise, 91, ranges=False)
    plain, flown = (world.fly(sensors, parameters=p) for p in (world.parameters, mapped))
    assert abs(flown.ground().terrain_height_m - sensors.terrain[-1]) < 20.0
    spreads = [f.ground().altitude_upper_m - f.ground().altitude_m for f in (plain, flown)]
    assert spreads[1] < 0.9 * spreads[0]
    health = flown.sensor_states()[-1]
    assert (health.name, health.rejected) == ('terrain_map', 0)
    assert health.fused >= 10


def test_map_and_ranges_find_the_position(world, cruise, mapped):
    """Horizontal errors of 100 m shrink, and stay within what is said."""
    def final(parameters, seed):
        sensors = on_relief(world, cruise, seed)
        last = []
        flown = world.fly(sensors, parameters=parameters, watch=lambda k, f, n: last.append(n))
        error = last[-1].position_map - world.site.to_map(cruise.position[len(last)])
        statuses = [s for s in flown.take_aid_statuses() if s.source == 'terrain_map']
        assert all(s.outcome == Outcome.FUSED for s in statuses)
        return error, np.sqrt(last[-1].position_covariance.diagonal())

    plain = [final(world.parameters, seed) for seed in range(92, 95)]
    aided = [final(mapped, seed) for seed in range(92, 95)]
    assert np.mean([s[1] for _, s in aided]) < 0.6 * np.mean([s[1] for _, s in plain])
    assert all((np.abs(error) < 4.0 * sigma).all() for error, sigma in aided)
    # north is the flight direction, in which the relief goes by
    assert np.mean([abs(e[1]) for e, _ in aided]) < np.mean([abs(e[1]) for e, _ in plain])


@pytest.mark.parametrize('change', [
    {'heights': np.zeros((1, 5))}, {'heights': np.full((5, 5), np.nan)}, {'spacing_m': 0.0},
    {'sigma_m': None}])
def test_a_broken_map_is_refused(world, tmp_path, change):
    content = {'heights': np.zeros((5, 5)), 'east_m': 0.0, 'north_m': 0.0, 'spacing_m': 10.0, 'sigma_m': 1.0}
    content = {k: v for k, v in (content | change).items() if v is not None}
    np.savez(tmp_path / 'map.npz', **content)
    parameters = dataclasses.replace(world.parameters, terrain_map_file=str(tmp_path / 'map.npz'))
    with pytest.raises(ParameterError):
        new_record(parameters, world.vehicle, world.site)
    parameters = dataclasses.replace(world.parameters, terrain_map_file='no_such_file.npz')
    with pytest.raises(ParameterError, match='no_such_file'):
        new_record(parameters, world.vehicle, world.site)

"""How long ranges waited that the filter did not take."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_campaign import observer
from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_common.site import load_site
from lander_sim.terrain.description import TerrainDescription
from lander_sim.terrain.surface import Landscape
from lander_sim.terrain.synthetic import synthetic_terrain
from lander_sim.world import WORLD

SITE = load_site(Path(__file__).resolve().parents[3] / 'config/sites/mare_frigoris.yaml')
LAND = synthetic_terrain(TerrainDescription(), SITE, 1).land
PERIOD = 0.2  # [s] of the ranges


@compiled
def _see_range(observers, worlds, land):
    observer._see_range(observers[0], worlds[0], Landscape(land.surface[0], land.raster))


def waits(heights, step=10.0):
    """Return the waits after each of a row of ranges of which none is taken, shape (n, 2) [s].

    `heights` [m] of the ground in the footprints, which are `step` [m] apart.
    """
    seen, world = np.zeros(1, observer.OBSERVER), np.zeros(1, WORLD)
    seen['last_range'], found = np.nan, []
    for k, height in enumerate(heights):
        angle = k * step / MOON_RADIUS
        world['time'] = k * PERIOD
        world['footprint'] = (MOON_RADIUS + height) * np.array([np.sin(angle), 0.0, np.cos(angle)])
        _see_range(seen, world, LAND)
        found.append((seen['wait'][0], seen['surface_wait'][0]))
    assert seen['longest_surface_wait'][0] == max(wait for _, wait in found)
    return np.array(found)


def test_one_surface_waits_from_its_first_range_on():
    found = waits([0.0, 3.0, -6.0, 0.0, 5.0])
    assert found[:, 1] == pytest.approx(PERIOD * np.arange(5))
    assert (found[:, 0] == found[:, 1]).all()


def test_a_wall_waits_as_a_whole_but_no_surface_does():
    found = waits([0.0, 0.0, *np.arange(-60.0, -3000.0, -60.0), -3000.0, -3001.0, -3000.0])
    assert found[-1, 0] == pytest.approx(PERIOD * (len(found) - 1))
    assert found[2:-3, 1] == pytest.approx(0.0)
    assert found[-1, 1] == pytest.approx(2.0 * PERIOD, abs=PERIOD)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_a_surface_never_waits_longer_than_all_ranges(seed):
    print(f'seed {seed}')
    rng = np.random.default_rng(seed)
    found = waits(np.cumsum(rng.normal(size=30) * rng.uniform(0.0, 30.0)), rng.uniform(0.1, 30.0))
    assert (found[:, 1] <= found[:, 0] + 1e-9).all()

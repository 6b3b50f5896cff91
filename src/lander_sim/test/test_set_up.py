"""What a flight draws for itself before the simulation is made."""

import dataclasses

import numpy as np
import pytest

from lander_common.site import Site
from lander_sim.scenario import Limits, Scenario, Start, Uncertainty
from lander_sim.set_up import true_ground
from lander_sim.terrain import TerrainDescription

SITE = Site(ground_height_sigma_m=20.0)


def scenario(map_error: float = 1.0, **terrain) -> Scenario:
    return Scenario('test', '', Start(), Uncertainty(map_error=map_error), Limits(),
                    TerrainDescription(**terrain))


def test_the_map_is_off_by_what_the_site_says():
    higher = scenario(height_offset_m=100.0)
    offsets = [true_ground(higher, SITE, seed).height_offset_m for seed in range(400)]
    assert np.mean(offsets) == pytest.approx(100.0, abs=3.0)  # three sigmas of the mean
    assert np.std(offsets) == pytest.approx(20.0, rel=0.11)


def test_the_same_seed_gives_the_same_ground():
    assert true_ground(scenario(), SITE, 7) == true_ground(scenario(), SITE, 7)


def test_an_exact_map_and_a_file_of_elevations_stay_as_they_are():
    exact = scenario(map_error=0.0, height_offset_m=-30.0)
    assert true_ground(exact, SITE, 3) == exact.terrain
    file = scenario(kind='file', file='atlas.tif')
    assert true_ground(file, SITE, 3) == file.terrain


def test_the_offset_stays_within_what_is_allowed():
    wide = dataclasses.replace(scenario(height_offset_m=4999.0), uncertainty=Uncertainty(map_error=10.0))
    assert max(true_ground(wide, SITE, seed).height_offset_m for seed in range(50)) == 5e3

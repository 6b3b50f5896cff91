"""Rays meet the ground where they should, from a leg's height to orbit."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common.constants import MOON_RADIUS
from lander_common.site import Site
from lander_sim.terrain import TerrainDescription, synthetic_terrain

SITE = Site()
MARE = synthetic_terrain(TerrainDescription(), SITE, 1)
HIGHLAND = synthetic_terrain(TerrainDescription(relief='highland'), SITE, 1)
FLAT = synthetic_terrain(TerrainDescription(roughness=0.0, crater_density=0.0), SITE, 1)


def origin(altitude: float, terrain=MARE) -> np.ndarray:
    return SITE.origin / MOON_RADIUS * (MOON_RADIUS + terrain.height_at(SITE.origin) + altitude)


def ray(depression: float, azimuth: float = 0.0) -> np.ndarray:
    """Return a direction in moon, `depression` [deg] below the horizontal."""
    d, a = np.radians([depression, azimuth])
    return SITE.rotation @ np.array([np.cos(d) * np.sin(a), np.cos(d) * np.cos(a), -np.sin(d)])


def clearance(terrain, start: np.ndarray, direction: np.ndarray, s: np.ndarray) -> np.ndarray:
    points = start + s[:, None] * direction
    return np.linalg.norm(points, axis=1) - MOON_RADIUS - terrain.heights(points)


@given(altitude=st.floats(2.0, 3e4), depression=st.floats(0.5, 90.0), azimuth=st.floats(0.0, 360.0),
       terrain=st.sampled_from([MARE, HIGHLAND]))
@settings(max_examples=150, deadline=None)
def test_hit_lies_on_the_ground_and_nothing_stands_before_it(altitude, depression, azimuth, terrain):
    start, direction = origin(altitude, terrain), ray(depression, azimuth)
    hit = terrain.raycast(start, direction, 5e5)
    if hit is None:
        assert clearance(terrain, start, direction, np.linspace(0.0, 5e5, 20_000)).min() > 0.0
        return
    assert abs(clearance(terrain, start, direction, np.array([hit.range_m]))[0]) < 0.01
    before = clearance(terrain, start, direction, np.linspace(0.0, 0.9999 * hit.range_m, 5_000))
    assert before.min() > -0.05


@pytest.mark.parametrize('depression', [15.0, 30.0, 60.0, 90.0])
def test_smooth_ground_is_a_sphere(depression):
    altitude, radius = 2e4, MOON_RADIUS + SITE.ground_height_m
    hit = FLAT.raycast(origin(altitude, FLAT), ray(depression), 1e6)
    k = (radius + altitude) * np.sin(np.radians(depression))
    distance = k - np.sqrt(k**2 - altitude * (2.0 * radius + altitude))
    assert hit.range_m == pytest.approx(distance, abs=2e-3)
    sine = (radius + altitude) * np.cos(np.radians(depression)) / radius
    assert hit.cosine == pytest.approx(np.sqrt(1.0 - sine**2), abs=1e-6)


def test_ray_above_the_horizon_or_too_short_meets_nothing():
    assert MARE.raycast(origin(3e4), ray(5.0), 1e6) is None  # the horizon lies 10.6 deg down
    assert MARE.raycast(origin(100.0), ray(-20.0), 1e6) is None
    assert MARE.raycast(origin(1000.0), ray(90.0), 990.0) is None
    assert MARE.raycast(origin(1000.0), ray(90.0), 1010.0).range_m == pytest.approx(1000.0, abs=1e-2)


def test_ray_from_below_the_ground_has_range_zero():
    assert MARE.raycast(origin(-0.5), ray(90.0), 100.0).range_m == 0.0


def test_grazing_ray_meets_a_hill_that_stands_above_it():
    scarp = synthetic_terrain(TerrainDescription(
        rim_height_m=500.0, rim_width_m=1e3, rim_distance_m=2e3, roughness=0.0, crater_density=0.0), SITE, 1)
    hit = scarp.raycast(origin(250.0, scarp), ray(0.0, 180.0), 1e5)
    assert hit.range_m == pytest.approx(2000.0, abs=5.0)
    assert 0.5 < hit.cosine < 0.8  # the middle of the scarp rises 1.875 * 0.5


@pytest.mark.parametrize('depression', [20.0, 45.0, 90.0])
def test_casting_is_fast_enough_for_every_shot(depression):
    start, direction = origin(1e4), ray(depression)
    MARE.raycast(start, direction, 1e6)
    durations = []
    for _ in range(5):
        begin = time.process_time()
        for _ in range(200):
            MARE.raycast(start, direction, 1e6)
        durations.append((time.process_time() - begin) / 200)
    assert min(durations) < 300e-6

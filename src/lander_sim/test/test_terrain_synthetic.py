"""Synthetic terrain has the slopes of the Moon, Pike's craters, and is the same everywhere every time."""

import time
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common.constants import MOON_RADIUS
from lander_common.site import Site
from lander_sim.terrain import Terrain, TerrainDescription, synthetic_terrain
from lander_sim.terrain.craters import crater_table, craters, profile
from lander_sim.terrain.surface import landscape, local_coordinates, synthetic_height

SITE = Site()
GOLDEN = [-2448.991848373, -2462.512723063, -2486.312945263]  # [m]


def terrain(seed: int = 1, **values) -> Terrain:
    return synthetic_terrain(TerrainDescription(**values), SITE, seed)


@cache
def ground(relief: str) -> Terrain:
    return terrain(11, relief=relief)


def directions(xy: np.ndarray) -> np.ndarray:
    """Return unit vectors in moon at local x, y [m], (n, 2) to (n, 3)."""
    s = np.maximum(np.hypot(xy[:, 0], xy[:, 1]), 1e-9)
    k = np.sin(s / MOON_RADIUS) / s
    return np.column_stack([k * xy[:, 0], k * xy[:, 1], np.cos(s / MOON_RADIUS)]) @ SITE.rotation.T


@pytest.mark.parametrize(('relief', 'slope17', 'hurst'), [('mare', 2.0, 0.76), ('highland', 7.5, 0.95)])
@pytest.mark.parametrize('baseline', [17.0, 57.0])
@pytest.mark.parametrize('seed', [1, 2])
def test_median_slope_of_the_steepest_line_is_that_of_the_moon(relief, slope17, hurst, baseline, seed):
    assert np.median(slopes(terrain(seed, relief=relief), baseline, seed)) == pytest.approx(
        slope17 * (baseline / 17.0) ** (hurst - 1.0), rel=0.1)


def slopes(t: Terrain, baseline: float, seed: int) -> np.ndarray:
    """Return slopes of the steepest line [deg] at random places, by differences over `baseline` [m]."""
    generator = np.random.default_rng(seed)
    start = generator.uniform(-2e5, 2e5, (20_000, 2))
    angle = generator.uniform(0.0, 2.0 * np.pi, 20_000)
    along = np.column_stack([np.cos(angle), np.sin(angle)])
    height = t.heights(directions(start))
    rises = [t.heights(directions(start + baseline * way)) - height
             for way in (along, along[:, ::-1] * [-1.0, 1.0])]
    return np.degrees(np.arctan(np.hypot(*rises) / baseline))


def test_slopes_below_a_lander_are_those_of_landing_sites():
    mare = slopes(terrain(3, relief='mare'), 8.0, 3)
    # Chang'E-3 in Mare Imbrium: 80 % below 5 deg (Qiao et al. 2014, posts of 10 m, with its wrinkle ridges);
    # Sinus Iridum over 8 m: most of it below 15 deg (Wu et al. 2014).
    assert 0.8 < np.mean(mare < 5.0) < 0.95
    assert 0.98 < np.mean(mare < 15.0) < 0.998


def test_roughness_scales_the_relief():
    xy = np.random.default_rng(3).uniform(-1e4, 1e4, (500, 2))
    rough, smooth = (terrain(relief='mare', crater_density=0.0, roughness=r) for r in (2.0, 1.0))
    flat = terrain(crater_density=0.0, roughness=0.0)
    u = directions(xy)
    assert np.ptp(flat.heights(u)) == 0.0
    assert np.std(rough.heights(u)) == pytest.approx(2.0 * np.std(smooth.heights(u)))


def test_same_seed_same_ground_other_seed_other_ground():
    u = directions(np.random.default_rng(4).uniform(-1e6, 1e6, (200, 2)))
    assert np.array_equal(terrain(7).heights(u), terrain(7).heights(u))
    assert np.median(np.abs(terrain(7).heights(u) - terrain(8).heights(u))) > 5.0


def test_ground_is_the_same_on_every_machine():
    xy = np.array([[0.0, 0.0], [1234.5, -987.6], [-4.2e5, 8.1e5]])
    assert terrain(1).heights(directions(xy)) == pytest.approx(GOLDEN, abs=1e-6)


@pytest.mark.parametrize('seed', range(5))
def test_map_height_holds_at_the_site(seed):
    for relief in ('mare', 'highland'):
        height = terrain(seed, relief=relief).height_at(SITE.origin)
        assert height == pytest.approx(SITE.ground_height_m, abs=60.0)
        raised = terrain(seed, relief=relief, height_offset_m=250.0).height_at(SITE.origin)
        assert raised - height == pytest.approx(250.0)


@given(x=st.floats(-1e6, 1e6), y=st.floats(-1e6, 1e6), angle=st.floats(0.0, 6.3),
       relief=st.sampled_from(['mare', 'highland']))
@settings(max_examples=200, deadline=None)
def test_ground_is_continuous_bounded_and_not_steeper_than_said(x, y, angle, relief):
    t = ground(relief)
    there = np.array([[x, y], [x + 0.1 * np.cos(angle), y + 0.1 * np.sin(angle)]])
    a, b = t.heights(directions(there))
    assert abs(a - b) < 0.1 * t.surface.steepest
    assert a < t.surface.ceiling


def test_local_coordinates_are_arc_lengths_to_beyond_1000_km():
    xy = np.array([[1.2e6, 0.0], [-3e5, 9e5], [0.0, -1e3]])
    for (x, y), u in zip(xy, directions(xy)):
        assert local_coordinates(u, np.ascontiguousarray(SITE.rotation.T)) == pytest.approx((x, y), abs=1e-6)


def test_latitude_and_longitude_find_the_same_ground():
    t = terrain()
    u = directions(np.array([[1e4, -2e4]]))[0]
    latitude, longitude = np.arcsin(u[2]), np.arctan2(u[1], u[0])
    assert t.height(latitude, longitude) == pytest.approx(t.height_at(u), abs=1e-6)
    assert t.height(np.full((2, 3), latitude), longitude).shape == (2, 3)


def test_plane_agrees_with_heights_around():
    t = terrain(relief='highland')
    position = SITE.to_moon(np.array([320.0, -150.0, 900.0]))
    height, normal = t.plane_at(position)
    assert height == t.height_at(position)
    u = position / np.linalg.norm(position)
    for axis in (SITE.rotation[:, 0], SITE.rotation[:, 1]):
        tangent = axis - (axis @ u) * u
        rise = (t.height_at(u + 0.5 / MOON_RADIUS * tangent) - t.height_at(u - 0.5 / MOON_RADIUS * tangent))
        assert -(normal @ tangent) / (normal @ u) == pytest.approx(rise, abs=0.02)


def test_scarp_raises_the_ground_uprange():
    t = terrain(rim_height_m=3e3, rim_width_m=6e3, rim_distance_m=43e3, roughness=0.0, crater_density=0.0)
    along = np.array([[0.0, 0.0], [0.0, -39.9e3], [0.0, -43e3], [0.0, -46.1e3], [0.0, -5e5], [9e4, -60e3]])
    rise = t.heights(directions(along)) - SITE.ground_height_m
    assert rise == pytest.approx([0.0, 0.0, 1500.0, 3000.0, 3000.0, 3000.0], abs=0.5)


@pytest.mark.parametrize(('diameter', 'depth', 'rim'), [(10.0, 0.94, 0.17), (100.0, 13.6, 2.5),
                                                        (1000.0, 196.0, 36.0), (4000.0, 795.0, 147.0)])
def test_fresh_crater_has_the_depth_and_rim_of_pike_above_a_kilometre_and_less_below(diameter, depth, rim):
    heights = np.array([profile(r, diameter, 1.0) for r in np.linspace(0.0, 2.0 * diameter, 4001)])
    assert heights.max() == pytest.approx(rim, rel=0.15)  # the crest is rounded
    assert heights.max() - heights[0] == pytest.approx(depth, rel=0.05)
    assert heights[3000] == 0.0
    assert np.argmax(heights) / 1000.0 == pytest.approx(1.0, abs=0.05)  # at the rim radius


def test_numbers_of_craters_fall_with_the_square_of_the_diameter():
    side, seed, density = 200e3, 5, 0.06
    classes = crater_table(density, 500.0)
    generator = np.random.default_rng(0)
    x, y = generator.uniform(0.0, side, (2, 100_000))
    share = [np.mean([craters(a, b, seed, classes[k:k + 1], 0.0, 1e9) < 0.0 for a, b in zip(x, y)])
             for k in (0, 2, 4, 8)]
    # A number that goes with diameter^-2 covers the same share of the ground in every class.
    covered = density * np.pi / 4.0 * 2.0 * np.log(2.0)
    below = 1.0 - 0.036 / 0.196  # the outer part of the bowl, the rim, stands above the surroundings
    knee = 1.0 / (1.0 + (classes[[0, 2, 4, 8], 0] / 500.0)**1.5)
    assert share == pytest.approx(below * covered * knee, rel=0.2)


def test_heights_of_the_compiled_and_the_local_view_agree():
    t = terrain()
    assert synthetic_height(500.0, 700.0, t.surface, 0.0) == pytest.approx(
        t.heights(directions(np.array([[500.0, 700.0]])))[0], abs=1e-6)


def test_kernels_see_the_whole_surface_or_none():
    surface = terrain(crater_density=0.0).surface
    record = landscape(surface).surface[0]
    assert synthetic_height(500.0, 700.0, record, 0.0) == synthetic_height(500.0, 700.0, surface, 0.0)
    many = surface._replace(octaves=np.ones((33, 7)))
    with pytest.raises(ValueError, match='33 octaves; allowed are 32'):
        landscape(many)


def test_height_and_plane_are_fast_enough_for_every_cycle():
    t = terrain()
    position = SITE.to_moon(np.array([10.0, 20.0, 500.0]))
    for call, limit in ((t.height_at, 20e-6), (t.plane_at, 60e-6)):
        call(position)
        assert min(_duration(call, position) for _ in range(5)) < limit


def _duration(call, position: np.ndarray) -> float:
    start = time.process_time()
    for _ in range(1000):
        call(position)
    return (time.process_time() - start) / 1000

"""The rover is let down, drives on the ground, and its wheels count more or less than it moves."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common import rotations
from lander_common.constants import MOON_RADIUS
from lander_common.site import Site
from lander_sim.rover_model import RoverModel, RoverParameters
from lander_sim.terrain import TerrainDescription, synthetic_terrain

SITE = Site()
FLAT = synthetic_terrain(TerrainDescription(roughness=0.0, crater_density=0.0), SITE, 1)
MARE = synthetic_terrain(TerrainDescription(), SITE, 1)
UPRIGHT = np.array([0.0, 0.0, 0.0, 1.0])


def ground(terrain, x: float, y: float) -> np.ndarray:
    """Return the point of the ground at map x, y [m]."""
    height = terrain.height_at(SITE.to_moon(np.array([x, y, SITE.ground_height_m])))
    return np.array([x, y, math.sqrt((MOON_RADIUS + height) ** 2 - x * x - y * y) - MOON_RADIUS])


def rover(terrain=MARE, seed: int = 1, q: np.ndarray = UPRIGHT, **values) -> RoverModel:
    """Return a rover that stands on the ground beside a lander near the site."""
    model = RoverModel(terrain, SITE, seed, RoverParameters(**values))
    model.release(ground(terrain, 30.0, -12.0) + [0.0, 0.0, 1.0], q)
    for _ in range(600):
        model.step(0.1)
    assert model.state == RoverModel.ON_GROUND
    return model


def drive(model: RoverModel, linear: float, angular: float, duration: float) -> None:
    model.drive(linear, angular)
    for _ in range(round(duration / 0.1)):
        model.step(0.1)
    model.drive(0.0, 0.0)
    model.step(0.1)


def test_attached_rover_does_not_move():
    model = RoverModel(MARE, SITE, 1)
    drive(model, 0.1, 0.0, 10.0)
    assert model.pose() is None
    assert model.state == RoverModel.ATTACHED
    assert model.odometry().distance == 0.0


def test_release_lowers_it_to_the_ground_beside_the_lander():
    model = RoverModel(FLAT, SITE, 1)
    lander = ground(FLAT, 30.0, -12.0) + [0.0, 0.0, 1.0]
    model.release(lander, UPRIGHT)
    assert model.pose().position_map == pytest.approx(lander + [0.0, 1.7, 0.5])
    model.drive(0.1, 0.0)
    model.step(5.0)
    assert model.state == RoverModel.LOWERING
    assert model.pose().position_map[2] == pytest.approx(lander[2])
    for _ in range(11):
        model.step(1.0)
    assert model.state == RoverModel.ON_GROUND
    assert np.linalg.norm(SITE.to_moon(model.pose().position_map)) == pytest.approx(
        MOON_RADIUS + SITE.ground_height_m, abs=1e-3)


def test_second_release_changes_nothing():
    model = rover()
    before = model.pose()
    model.release(np.zeros(3), UPRIGHT)
    assert np.array_equal(model.pose().position_map, before.position_map)


def test_nose_points_away_from_the_side_where_it_hung():
    turned = rotations.from_rotation_vector(np.array([0.0, 0.0, 1.0]))
    assert rover(q=turned).pose().heading == pytest.approx(1.0 + math.pi / 2)


@given(linear=st.floats(-0.1, 0.1), angular=st.floats(-0.3, 0.3))
@settings(max_examples=30, deadline=None)
def test_wheels_stay_on_the_terrain(linear, angular):
    model = rover()
    drive(model, linear, angular, 20.0)
    position = SITE.to_moon(model.pose().position_map)
    height, normal = MARE.plane_at(position, 0.4)
    assert np.linalg.norm(position) - MOON_RADIUS == pytest.approx(height, abs=1e-6)
    up = SITE.rotation @ rotations.rotate(model.pose().q_map_rover, np.array([0.0, 0.0, 1.0]))
    assert up == pytest.approx(normal, abs=1e-9)


def test_odometry_is_what_was_commanded_truth_is_scaled_by_slip():
    ratios = []
    for seed in range(30):
        model = rover(FLAT, seed)
        start = model.pose().position_map
        drive(model, 0.1, 0.0, 100.0)
        o = model.odometry()
        assert o.distance == pytest.approx(10.0)
        assert o.position == pytest.approx([10.0, 0.0])
        ratios.append(np.linalg.norm(model.pose().position_map - start) / o.distance)
    assert np.std(ratios) == pytest.approx(0.05, rel=0.5)
    assert abs(np.mean(ratios) - 1.0) < 0.03


def test_same_seed_same_drive():
    paths = []
    for _ in range(2):
        model = rover(seed=4)
        drive(model, 0.08, 0.05, 60.0)
        paths.append(model.pose().position_map)
    assert np.array_equal(*paths)


def test_without_slip_it_drives_the_circle_it_was_told():
    model = rover(FLAT, slip_sigma=0.0)
    start = model.pose()
    drive(model, 0.1, 0.1, 20.0 * math.pi)
    assert model.pose().position_map == pytest.approx(start.position_map, abs=0.02)
    assert model.pose().heading == pytest.approx(start.heading + 2.0 * math.pi, abs=0.01)
    assert model.odometry().position == pytest.approx([0.0, 0.0], abs=0.02)
    assert model.odometry().distance == pytest.approx(2.0 * math.pi, abs=0.01)


def test_steep_slope_stops_it_but_not_its_wheels():
    scarp = synthetic_terrain(TerrainDescription(
        rim_height_m=20.0, rim_width_m=30.0, rim_distance_m=35.0, roughness=0.0, crater_density=0.0), SITE, 1)
    model = rover(scarp, heading_deg=-90.0, slip_sigma=0.0)  # it looks south, where the ground rises
    drive(model, 0.1, 0.0, 400.0)
    stuck = model.pose().position_map
    _, normal = scarp.plane_at(SITE.to_moon(stuck), 0.4)
    assert math.degrees(math.acos(normal @ SITE.rotation[:, 2])) == pytest.approx(25.0, abs=1.0)
    assert -50.0 < stuck[1] < -20.0
    assert model.odometry().distance == pytest.approx(40.0)
    drive(model, -0.1, 0.0, 50.0)
    assert model.pose().position_map[1] > stuck[1] + 4.0


def test_commands_are_held_within_what_the_motors_can():
    model = rover(FLAT)
    drive(model, 5.0, 0.0, 10.0)
    assert model.odometry().distance == pytest.approx(1.0)
    with pytest.raises(ValueError, match='not finite'):
        model.drive(math.nan, 0.0)

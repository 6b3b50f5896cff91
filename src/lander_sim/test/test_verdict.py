"""How a flight ends, judged from real touchdowns on flat ground."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from lander_common import rotations
from lander_common.site import Site
from lander_common.vehicle import load_vehicle
from lander_sim.dynamics import VehicleDynamics
from lander_sim.terrain import TerrainDescription, synthetic_terrain
from lander_sim.verdict import CRASHED, FLYING, LANDED, TIMEOUT, TIPPED_OVER, Verdict

RESILIENCE = load_vehicle(Path(__file__).parents[3] / 'config/vehicles/resilience.yaml')
SITE = Site()
GROUND = synthetic_terrain(TerrainDescription(roughness=0.0, crater_density=0.0), SITE, seed=1)
OFF = np.zeros(len(RESILIENCE.thrusters))


def above(height, sink=0.0, sideways=0.0, lean_deg=0.0):
    """Put base_link `height` m above where its feet would stand, 30 m east and 40 m north of the target."""
    ground = SITE.ground_height_m - RESILIENCE.legs.foot_z_m
    lean = rotations.from_rotation_vector(math.radians(lean_deg) * np.array([1.0, 0.0, 0.0]))
    dynamics = VehicleDynamics(RESILIENCE, GROUND)
    dynamics.set_state(SITE.to_moon(np.array([30.0, 40.0, ground + height])),
                       SITE.rotation @ np.array([sideways, 0.0, -sink]),
                       rotations.multiply(SITE.quaternion, lean), np.zeros(3), 40.0)
    return dynamics


def judge(dynamics, limit=1000.0, seconds=12.0):
    verdict = Verdict(RESILIENCE, SITE, limit)
    for _ in range(round(50 * seconds)):
        dynamics.step(0.02, OFF)
        verdict.update(dynamics.time, dynamics)
        if verdict.result != FLYING:
            break
    return verdict


def test_a_soft_touchdown_is_a_landing():
    dynamics = above(0.3, sink=0.5)
    verdict = judge(dynamics)
    assert (verdict.result, verdict.reason) == (LANDED, 'at rest on its feet')
    report = verdict.report(dynamics.time, dynamics)
    assert report.vertical_speed == pytest.approx(math.sqrt(0.5**2 + 2.0 * 1.62 * 0.3), abs=0.05)
    assert report.horizontal_speed < 0.02
    assert report.distance_from_target == pytest.approx(50.0, abs=0.2)
    assert report.rest_tilt < math.radians(0.5)
    assert report.slope < math.radians(0.1)
    assert report.propellant_left == 40.0
    assert report.state_hash == dynamics.state_hash()
    assert 0.0 < verdict.contact_time < 1.0


def test_a_tilt_at_rest_is_said_but_not_judged():
    dynamics = above(0.0)
    dynamics.terrain = slope = synthetic_terrain(TerrainDescription(
        roughness=0.0, crater_density=0.0, rim_height_m=-400.0, rim_width_m=4e3, rim_distance_m=0.0), SITE, 1)
    position = dynamics.position
    higher = slope.height_at(position) - SITE.ground_height_m + 0.5
    dynamics.set_state(position * (1.0 + higher / np.linalg.norm(position)), np.zeros(3),
                       dynamics.q_moon_body, np.zeros(3), 40.0)
    verdict = judge(dynamics, seconds=20.0)
    assert verdict.result == LANDED
    assert re.fullmatch(r'at rest on its feet, tilted by 1\d deg', verdict.reason), verdict.reason


@pytest.mark.parametrize('speed, words', [
    ({'sink': 6.0}, r'first contact at 6\.\d m/s down and 0\.0 m/s sideways; the legs bear 4 and 3 m/s'),
    ({'sink': 1.0, 'sideways': 4.0}, r'first contact at 1\.\d m/s down and 4\.0 m/s sideways'),
])
def test_a_contact_that_the_legs_do_not_bear_is_a_crash_at_once(speed, words):
    dynamics = above(0.2, **speed)
    verdict = judge(dynamics)
    assert verdict.result == CRASHED
    assert re.match(words, verdict.reason)
    assert dynamics.time < 1.0


def test_at_rest_on_its_side_is_tipped_over():
    verdict = judge(above(0.6, lean_deg=80.0), seconds=40.0)
    assert verdict.result == TIPPED_OVER
    assert verdict.reason.startswith('at rest, tilted by ')


def test_a_flight_that_lasts_too_long_is_over():
    dynamics = above(5000.0)
    verdict = judge(dynamics, limit=0.5)
    assert (verdict.result, verdict.reason) == (TIMEOUT, 'not at rest after 0.5 s of flight')
    assert 0.5 < dynamics.time < 0.55
    assert not verdict.touched


def test_the_first_result_stays():
    dynamics = above(0.1)
    verdict = judge(dynamics)
    assert verdict.result == LANDED
    verdict.update(1e9, dynamics)
    assert verdict.result == LANDED
    broken = above(0.2, sink=6.0)
    verdict = judge(broken)
    for _ in range(500):
        broken.step(0.02, OFF)
        verdict.update(broken.time, broken)
    assert verdict.result == CRASHED


def test_in_flight_there_is_nothing_to_report_of_the_contact():
    dynamics = above(100.0)
    verdict = judge(dynamics, seconds=0.1)
    report = verdict.report(dynamics.time, dynamics)
    assert verdict.result == report.result == FLYING
    assert np.isnan([report.vertical_speed, report.horizontal_speed, report.tilt, report.rate]).all()
    assert report.reason == ''

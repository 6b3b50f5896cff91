"""Ground that the beam has crossed counts until the lander has passed it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common import rotations
from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_estimation import swath
from lander_estimation.model import new_record

PLAIN, PLATEAU = -2451.0, 549.0  # [m] above the reference sphere


@compiled
def _note_of(record, range_m, beam):
    item = record[0].incoming
    item.beam, item.value[0] = beam, range_m
    swath.note(record[0], item)


def _note(record, range_m, beam=0):
    _note_of(record, range_m, beam)


@compiled
def _clearance(record):
    return swath.clearance(record[0])


def behind(ahead, position, point):
    """Return how far `point` lies behind `position` along the horizontal unit vector `ahead` [m]."""
    return float((position - point) @ ahead)


@pytest.fixture(scope='module')
def tilted(world):
    """Return 16 s at 900 m above a plateau, tilted by about 30 degrees, 80 m/s over the ground."""
    return world.truth(height=PLATEAU + 900.0, speed=80.0, sink=10.0, thrust=1.9, distance=9000.0,
                       duration=16.0, upright=1.7)


def test_beyond_a_rim_the_plateau_counts_until_it_is_passed(world, tilted):
    crossed = 400
    beam = world.vehicle.rangefinder.axis
    down = rotations.rotate(tilted.attitude[crossed], beam)
    start = tilted.position[crossed]
    up = start / rotations.norm(start)
    rim = start + down * (rotations.norm(start) - MOON_RADIUS - PLATEAU) / -(down @ up)
    ahead = tilted.velocity[crossed] - (tilted.velocity[crossed] @ up) * up
    ahead /= rotations.norm(ahead)
    assert 200.0 < behind(ahead, rim, start) < 700.0

    terrain = [PLATEAU if k < crossed else PLAIN for k in range(len(tilted.position))]
    sensors = world.sensors(tilted, seed=31, terrain=terrain)
    over, beyond = [], []

    def watch(k, flown, navigation):
        ground = flown.ground()
        true = rotations.norm(tilted.position[k]) - MOON_RADIUS - PLATEAU
        if k < crossed + 150:  # the step is believed within a second; the filter trails behind
            return
        assert ground.altitude_m == pytest.approx(true + 3000.0, abs=30.0)
        passed = behind(ahead, tilted.position[k], rim)
        if passed < 0.0:
            over.append(ground.altitude_lower_m - true)
        elif passed > 60.0:  # a cell
            beyond.append(ground.altitude_lower_m - true)

    world.fly(sensors, watch=watch)
    assert len(over) > 100
    assert len(beyond) > 100
    assert np.abs(over).max() < 5.0
    assert min(beyond) > 2500.0


def test_a_ridge_below_which_the_lander_has_come_unharmed_is_none(world):
    record = flying(world, 100.0)
    _note(record, 90.0)
    assert _clearance(record) == pytest.approx(90.0, abs=0.1)
    shift(record, np.array([0.0, 0.0, -91.0]))
    assert _clearance(record) == np.inf


def test_what_a_slow_lander_will_not_reach_soon_does_not_count(world):
    record = flying(world, 100.0, speed=0.5)
    record[0]['model']['beam'][0] = [0.6, 0.0, -0.8]
    _note(record, 80.0)  # 48 m aside, 36 m higher
    assert _clearance(record) == np.inf
    record[0]['x_now'][3:6] *= 10.0
    assert _clearance(record) == pytest.approx(64.0, abs=0.1)


def test_two_beams_by_turns_fill_no_memory(world):
    record = flying(world, 100.0)
    record[0]['model']['beam'][1] = [0.6, 0.0, -0.8]
    for _ in range(100):
        _note(record, 100.0)
        _note(record, 125.0, 1)
        shift(record, np.array([1.0, 0.0, 0.0]))
    assert record[0]['swath']['count'] < 20


def flying(world, altitude, speed=50.0):
    """Return the record of a filter `altitude` [m] above the site, flying east and pointing down."""
    record = new_record(world.parameters, world.vehicle, world.site)
    x = record[0]['x']
    place = world.site.to_moon(np.array([0.0, 0.0, altitude]))
    x[:3], x[3:6] = place, speed * world.site.rotation[:, 0]
    x[6:10] = world.site.quaternion
    record[0]['model']['mount'] = 0.0
    record[0]['model']['beam'][0] = [0.0, 0.0, -1.0]
    record[0]['x_now'] = x
    return record


def shift(record, move, corrected=None):
    """Move the lander by `move` [m] as the IMU has it, then by a correction; both in the axes of the site."""
    est = record[0]
    axes = np.array(est['model']['to_moon'])
    est['swath']['travel'] += axes @ move
    est['x'][:3] += axes @ (move if corrected is None else move + corrected)
    est['x_now'] = est['x']


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_never_higher_than_above_what_is_ahead_nor_lower_than_above_what_was_seen(world, seed):
    """Any ground, any tilt, whatever corrects the state on the way: against all shots, kept apart."""
    print(f'seed {seed}')
    rng = np.random.default_rng(seed)
    record = flying(world, 2000.0, speed=200.0)
    est, axes = record[0], np.array(world.site.rotation)
    at, shots = np.array([0.0, 0.0, 2000.0]), []  # axes of the site; the sphere is flat enough over 3 km
    tilt = rng.uniform(0.1, 0.7)
    for _ in range(rng.integers(5, 150)):
        move = np.array([rng.uniform(0.0, 20.0), 0.0, -rng.uniform(0.0, 10.0)])
        at = at + move
        shift(record, move, rng.normal(size=3) * 20.0 * (rng.random() < 0.1))
        angle = tilt + rng.normal() * 0.02
        lean = rotations.from_rotation_vector(angle * -axes[:, 1])
        est['x'][6:10] = rotations.multiply(lean, world.site.quaternion)
        distance = (at[2] - rng.uniform(-50.0, 50.0)) / np.cos(angle)
        shots.append(at + distance * np.array([np.sin(angle), 0.0, -np.cos(angle)]))
        _note(record, distance)
    est['x_now'] = est['x']
    clear = _clearance(record)
    ahead = np.array([at[2] - s[2] for s in shots if s[0] >= at[0]])
    near = np.array([at[2] - s[2] for s in shots if s[0] - at[0] >= -200.0])
    assert ahead.size
    assert est['swath']['count'] <= 64
    assert near.min() - 2.0 <= clear <= ahead.min() + 2.0


def test_a_full_memory_forgets_the_oldest_ground(world):
    record = flying(world, 100.0, speed=1e3)
    for k in range(200):
        _note(record, 99.0 if k < 100 else 100.0)
        shift(record, np.array([-50.0, 0.0, 0.0]))  # backwards: nothing is ever passed
    assert record[0]['swath']['count'] == 64
    assert _clearance(record) == pytest.approx(100.0, abs=10.0)

"""A range finder is never shut out for good, and never believed for a single shot."""

import dataclasses

import numpy as np
import pytest

from lander_common import rotations
from lander_common.samples import RangeSample
from lander_estimation.filter import NavigationFilter
from lander_estimation.status import Outcome, State


@pytest.fixture(scope='module')
def level(world):
    """Return 20 s at 6 km above a plain, 80 m/s over the ground, sinking slowly."""
    return world.truth(height=4000.0, speed=80.0, sink=10.0, thrust=1.9, distance=9000.0, duration=20.0,
                       upright=5.0)


def altitude_error(truth, sensors, k, flown):
    return flown.ground().altitude_m - (rotations.norm(truth.position[k]) - 1_737_400.0 - sensors.terrain[k])


@pytest.mark.parametrize('step', [3000.0, -3000.0, 300.0])
def test_step_in_the_ground_is_accepted_within_a_second(world, level, step):
    count = len(level.position)
    terrain = [-2451.0 + (step if k >= 1000 else 0.0) for k in range(count)]
    sensors = world.sensors(level, seed=21, terrain=terrain)
    outcomes, errors, sigmas = [], {}, {}

    def watch(k, flown, navigation):
        outcomes.extend((level.time[k], s) for s in flown.take_aid_statuses() if s.source == 'range')
        errors[k] = altitude_error(level, sensors, k, flown)
        ground = flown.ground()
        sigmas[k] = (ground.altitude_upper_m - ground.altitude_m) / 3.0

    flown = world.fly(sensors, watch=watch)
    changed = [t for t, s in outcomes if s.outcome == Outcome.TERRAIN_CHANGE]
    assert len(changed) == 1
    assert changed[0] <= 11.0
    assert all(s.outcome == Outcome.FUSED for t, s in outcomes if t > changed[0])
    assert all(abs(errors[k]) < 3.0 * sigmas[k] for k in range(1100, count))
    assert abs(errors[count - 1]) < 10.0
    health = {s.name: s for s in flown.sensor_states()}['range']
    assert (health.terrain_changes, health.rejected) == (1, 2)
    assert health.state == State.OK


def test_single_spike_is_rejected(world, level):
    sensors = world.sensors(level, seed=22, terrain=[-2451.0] * len(level.position))
    clean = {}
    world.fly(sensors, watch=lambda k, f, n: clean.update({k: f.ground()}))
    sensors = world.sensors(level, seed=22, terrain=[-2451.0] * len(level.position))
    spike = sensors.ranges[50]
    sensors.ranges[50] = dataclasses.replace(spike, range_m=spike.range_m + 500.0)
    moved, statuses = [], []

    def watch(k, flown, navigation):
        statuses.extend(s for s in flown.take_aid_statuses() if s.source == 'range')
        sigma = (clean[k].altitude_upper_m - clean[k].altitude_m) / 3.0
        moved.append(abs(flown.ground().altitude_m - clean[k].altitude_m) / sigma)

    world.fly(sensors, watch=watch)
    rejected = [s for s in statuses if s.outcome != Outcome.FUSED]
    assert [(s.time, s.reason) for s in rejected] == [(spike.time, 'innovation above gate')]
    assert rejected[0].test_ratio > 1.0
    assert max(moved) < 1.0


@pytest.mark.parametrize('seed', range(5))
def test_bursts_of_outliers_and_dropouts_are_survived(world, level, seed):
    sensors = world.sensors(level, seed=30 + seed, terrain=[-2451.0] * len(level.position))
    rng = np.random.default_rng(seed)
    for i, s in enumerate(sensors.ranges):
        if 20 <= i < 40 or rng.random() < 0.2:
            sensors.ranges[i] = dataclasses.replace(s, range_m=rng.uniform(10.0, 9000.0))
        elif rng.random() < 0.3:
            sensors.ranges[i] = dataclasses.replace(s, validity=RangeSample.NO_RETURN, range_m=np.nan)
    worst = []

    def watch(k, flown, navigation):
        ground = flown.ground()
        worst.append(abs(altitude_error(level, sensors, k, flown))
                     / ((ground.altitude_upper_m - ground.altitude_m) / 3.0))

    flown = world.fly(sensors, watch=watch)
    assert max(worst) < 4.0
    health = {s.name: s for s in flown.sensor_states()}['range']
    assert health.terrain_changes == 0
    assert health.empty > 0
    assert health.rejected > 20
    assert health.fused > 20


def test_stuck_range_is_not_taken_for_ground(world, level):
    """10 m/s of sink against a range that stands still for 4 s: rejected, and found again after it."""
    sensors = world.sensors(level, seed=40, terrain=[-2451.0] * len(level.position))
    stuck = sensors.ranges[49]
    for i in range(50, 70):
        sensors.ranges[i] = dataclasses.replace(sensors.ranges[i], range_m=stuck.range_m)
    flown = world.fly(sensors)
    assert abs(altitude_error(level, sensors, len(level.position) - 1, flown)) < 10.0


def test_first_range_at_900_metres(world):
    """No return until 900 m above ground at 66 m/s: the first range must be used at once."""
    truth = world.truth(height=-700.0, speed=5.0, sink=66.0, thrust=1.7, distance=100.0, duration=13.0)
    ground = -2451.0 + 150.0
    sensors = world.sensors(truth, seed=50, terrain=[ground] * len(truth.position))
    first = next(i for i, s in enumerate(sensors.ranges) if s.range_m < 900.0)
    for i in range(first):
        sensors.ranges[i] = dataclasses.replace(sensors.ranges[i], validity=RangeSample.NO_RETURN,
                                                range_m=np.nan)
    outcomes, errors = [], {}

    def watch(k, flown, navigation):
        outcomes.extend(s for s in flown.take_aid_statuses() if s.source == 'range')
        errors[k] = altitude_error(truth, sensors, k, flown)
        height = rotations.norm(truth.position[k]) - 1_737_400.0 - ground
        assert flown.ground().altitude_lower_m < height < flown.ground().altitude_upper_m

    world.fly(sensors, watch=watch)
    assert outcomes[0].outcome == Outcome.FUSED
    at_first = round(sensors.ranges[first].time / truth.dt)
    assert abs(errors[at_first]) > 50.0
    assert abs(errors[at_first + 50]) < 5.0


def test_beam_that_misses_the_ground_is_rejected_with_a_reason(world, approach):
    sensors = world.sensors(approach, seed=60)
    over = rotations.from_rotation_vector(np.array([0.0, np.pi, 0.0]))
    state = sensors.state_vector()
    state = dataclasses.replace(state, q_map_body=rotations.multiply(state.q_map_body, over))
    flown = NavigationFilter(world.parameters, world.vehicle, world.site)
    flown.initialise(state)
    flown.add_range(RangeSample(0.05, 0.05, RangeSample.VALID, '', 4000.0, 0.04, 1.0))
    for imu in sensors.imu[:60]:
        flown.step(imu)
    status, = flown.take_aid_statuses()
    assert (status.outcome, status.reason) == (Outcome.REJECTED, 'beam misses the ground')

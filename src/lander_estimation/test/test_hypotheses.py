"""The explanations of rejected ranges: each wins where it is right, none for ever."""

import dataclasses

import numpy as np
import pytest

from lander_common.samples import RangeSample
from lander_estimation.aiding import hypotheses
from lander_estimation.filter import NavigationFilter
from lander_estimation.model import new_record
from lander_estimation.status import Outcome

GROUND, ALTITUDE, SENSOR = hypotheses.NAMES


def judge(world, offsets, readings=None, age=0.2, way=16.0, step=16.0, altitude_sigma=5.0):
    """Return the probabilities after rejected ranges with these offsets, five a second."""
    est = new_record(world.parameters, world.vehicle, world.site)[0]
    memory = est['beams'][0]
    memory['last_time'], memory['against_time'] = 10.0 - age, np.nan
    memory['last_foot'] = [-way, 0.0, 0.0]
    for k, offset in enumerate(offsets):
        shot = memory['shots'][k]
        shot['time'], shot['offset'], shot['noise'], shot['spread'] = 10.0 + 0.2 * k, offset, 0.2, 10.0
        shot['reading'] = readings[k] if readings else 4000.0 + offset
        shot['foot'] = [step * k, 0.0, 0.0]
    memory['count'] = len(offsets)
    hypotheses.judge(memory, 3, est['model'], altitude_sigma**2, 0.01)
    probability = dict(zip(hypotheses.NAMES, memory['probability'].tolist()))
    assert sum(probability.values()) == pytest.approx(1.0)
    return probability


def test_a_step_that_follows_the_motion_is_the_ground(world):
    probability = judge(world, [3000.0, 3001.0, 2999.5])
    assert probability[GROUND] > 0.9


def test_a_step_after_a_long_time_without_ranges_may_be_the_altitude(world):
    sure = judge(world, [300.0, 300.5, 299.5], altitude_sigma=2.0)
    unsure = judge(world, [300.0, 300.5, 299.5], age=300.0, way=16.0, altitude_sigma=100.0)
    assert sure[ALTITUDE] < 0.05
    assert unsure[ALTITUDE] > 0.5


@pytest.mark.parametrize('offsets', [
    [500.0, -300.0, 1200.0, 40.0], [20.0, -18.0, 25.0, -15.0], [60.0, -60.0, 60.0, -60.0]])
def test_ranges_that_contradict_each_other_are_the_sensor(world, offsets):
    assert judge(world, offsets)[SENSOR] > 0.95


def test_a_reading_that_stands_still_is_the_sensor(world):
    """Sinking with 1 m/s, five a second: the offsets hardly move, but the readings are the same."""
    offsets = [200.0, 200.2, 200.4, 200.6]
    assert judge(world, offsets, readings=[1234.5] * 4)[SENSOR] > 0.95
    assert judge(world, offsets)[SENSOR] < 0.5


def test_rubbish_before_a_step_does_not_hide_it(world):
    probability = judge(world, [500.0, -300.0, 1200.0, 3000.0, 3001.0, 2999.5])
    assert probability[GROUND] > 0.9


@pytest.fixture(scope='module')
def level(world):
    return world.truth(height=4000.0, speed=80.0, sink=10.0, thrust=1.9, distance=4000.0, duration=16.0,
                       upright=5.0)


def altitude_error(truth, sensors, k, flown):
    return flown.ground().altitude_m - (
        np.linalg.norm(truth.position[k]) - 1_737_400.0 - sensors.terrain[k])


def test_status_names_what_is_weighed(world, level):
    terrain = [-2451.0 + (500.0 if k >= 800 else 0.0) for k in range(len(level.position))]
    sensors = world.sensors(level, seed=21, terrain=terrain)
    seen = {}
    world.fly(sensors, watch=lambda k, flown, n: seen.update({k: flown.hypotheses()}))
    weighed = {k: h for k, h in seen.items() if len(h) > 1}
    assert 830 <= min(weighed) <= 880
    assert max(weighed) < 920
    assert all(max(h, key=h.get) == GROUND for k, h in weighed.items() if k == max(weighed))
    assert all(sum(h.values()) == pytest.approx(1.0) for h in weighed.values())


def test_bounds_hold_both_altitudes_while_it_is_open(world, level):
    """Before a step is believed the lower bound already knows of it."""
    terrain = [-2451.0 + (1000.0 if k >= 800 else 0.0) for k in range(len(level.position))]
    sensors = world.sensors(level, seed=22, terrain=terrain)
    wide = []

    def watch(k, flown, navigation):
        ground = flown.ground()
        if len(flown.hypotheses()) > 1 and ground.altitude_lower_m < ground.altitude_m - 500.0:
            true = ground.altitude_m - altitude_error(level, sensors, k, flown)
            wide.append(ground.altitude_lower_m < true < ground.altitude_upper_m)

    world.fly(sensors, watch=watch)
    assert wide
    assert all(wide)


def two_beams(world, level, lie, liar=0, seed=23):
    """Fly with two range finders, one of which is off by `lie` m from 6 s on; return errors and outcomes."""
    parameters = dataclasses.replace(world.parameters, range_beams=2,
                                     second_position_m=world.vehicle.rangefinder.position_m)
    sensors = world.sensors(level, seed=seed, terrain=[-2451.0] * len(level.position))
    second = [dataclasses.replace(sensors.range_at(round(100 * s.time) + 5), beam=1)
              for s in sensors.ranges[:-1]]
    sensors.ranges = [
        dataclasses.replace(s, range_m=s.range_m + (lie if s.beam == liar and s.time > 6.0 else 0.0))
        for s in [*sensors.ranges, *second]]
    errors, statuses = [], []

    def watch(k, flown, navigation):
        statuses.extend(flown.take_aid_statuses())
        if k > 100:
            ground = flown.ground()
            error = altitude_error(level, sensors, k, flown)
            errors.append((error, (ground.altitude_upper_m - ground.altitude_m) / 3.0))

    flown = world.fly(sensors, parameters=parameters, watch=watch)
    return np.array(errors), statuses, flown


@pytest.mark.parametrize('lie', [800.0, -300.0, 40.0])
@pytest.mark.parametrize('liar', [0, 1])
def test_of_two_range_finders_one_may_lie(world, level, lie, liar):
    errors, statuses, flown = two_beams(world, level, lie, liar)
    honest, _, _ = two_beams(world, level, 0.0)
    assert np.abs(errors[:, 0]).max() < np.abs(honest[:, 0]).max() + 5.0
    name = ('range', 'range_2')[liar]
    after = [s for s in statuses if s.source == name and s.time > 6.2]
    assert after
    assert all(s.outcome == Outcome.REJECTED for s in after)
    other = [s for s in statuses if s.source == ('range_2', 'range')[liar] and s.time > 6.2]
    assert all(s.outcome == Outcome.FUSED for s in other)
    assert [h.name for h in flown.sensor_states()][-1] == 'range_2'


def test_two_range_finders_see_a_step_sooner(world, level):
    terrain = [-2451.0 + (500.0 if k >= 800 else 0.0) for k in range(len(level.position))]

    def change(beams):
        parameters = dataclasses.replace(world.parameters, range_beams=beams,
                                         second_position_m=world.vehicle.rangefinder.position_m)
        sensors = world.sensors(level, seed=24, terrain=terrain)
        if beams == 2:
            sensors.ranges += [dataclasses.replace(sensors.range_at(round(100 * s.time) + 5), beam=1)
                               for s in sensors.ranges[:-1]]
        times = []
        world.fly(sensors, parameters=parameters, watch=lambda k, f, n: times.extend(
            s.time for s in f.take_aid_statuses() if s.outcome == Outcome.TERRAIN_CHANGE))
        return times

    assert min(change(2)) <= min(change(1)) + 0.06
    assert len(change(2)) == 1


def test_a_beam_that_is_not_configured_is_refused(world, level):
    sensors = world.sensors(level, seed=25)
    flown = NavigationFilter(world.parameters, world.vehicle, world.site)
    flown.initialise(sensors.state_vector())
    flown.step(sensors.imu[0])
    flown.add_range(RangeSample(0.0, 0.0, RangeSample.VALID, '', 4000.0, 0.04, 1.0, beam=1))
    status, = flown.take_aid_statuses()
    assert (status.outcome, status.reason) == (Outcome.REJECTED, 'no such beam')


def test_the_altitude_latch_loses_the_lander_and_its_absence_does_not(world, level):
    """Mission 1: a filter that shuts the range finder out after a jump never finds the ground again."""
    terrain = [-2451.0 + (1500.0 if k >= 600 else 0.0) for k in range(len(level.position))]
    final = {}
    for latch in (False, True):
        sensors = world.sensors(level, seed=26, terrain=terrain)
        flown = world.fly(sensors, parameters=dataclasses.replace(world.parameters, altitude_latch=latch))
        final[latch] = abs(altitude_error(level, sensors, len(level.position) - 1, flown))
        reasons = [s.reason for s in flown.take_aid_statuses() if s.source == 'range']
        assert ('shut out by the altitude latch' in reasons) == latch
    assert final[False] < 10.0
    assert final[True] > 1000.0


def test_ground_never_measured_may_be_unlike_the_site(world):
    model = new_record(world.parameters, world.vehicle, world.site)[0]['model']
    offsets = np.linspace(0.0, 5.0, 21)

    def unlike(way):
        return np.array([hypotheses.unlike(650.0 * k, 650.0**2, way, model) for k in offsets])

    far = unlike(1e6)
    assert (np.diff(far) > 0.0).all()
    assert far[4] < 0.05  # one sigma
    assert far[-4] > 0.9
    assert (unlike(10.0) <= far).all()
    assert hypotheses.unlike(20.0, 25.0, 10.0, model) < 0.05  # from shot to shot the ground is no stranger


@pytest.mark.parametrize('seed', range(50))
def test_ranges_at_random_are_the_sensor(world, seed):
    """However many: of all windows within them none is believed."""
    rng = np.random.default_rng(seed)
    for count in range(3, 13):
        offsets = rng.uniform(-4000.0, 4000.0, size=count)
        assert judge(world, offsets, age=2.0, way=160.0)[SENSOR] > 0.5, offsets

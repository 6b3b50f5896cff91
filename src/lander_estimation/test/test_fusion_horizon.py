"""Latency and order of arrival must not matter; what cannot be fused must be said."""

import dataclasses

import numpy as np
import pytest

from lander_common.samples import ImuSample, RangeSample
from lander_estimation import measurement_queue
from lander_estimation.filter import NavigationFilter
from lander_estimation.outcome import DUPLICATE, NO_REASON, QUEUE_FULL
from lander_estimation.record import QUEUE
from lander_estimation.status import Outcome


@pytest.fixture(scope='module')
def short(world):
    return world.truth(height=2000.0, speed=80.0, sink=30.0, thrust=2.0, distance=2000.0, duration=8.0)


def bits(navigation):
    return b''.join(getattr(navigation, f.name).tobytes() for f in dataclasses.fields(navigation)
                    if f.name != 'time')


def record(world, sensors_seed, truth, arrange):
    sensors = world.sensors(truth, sensors_seed)
    record = []
    world.fly(sensors, arrange(sensors), watch=lambda k, f, n: record.append((n.time, bits(n))))
    return record


def test_late_measurements_give_the_same_bits(world, short):
    immediate = record(world, 11, short, lambda s: s.deliveries(latency=0.0))
    late = record(world, 11, short, lambda s: s.deliveries(latency=0.29))
    assert immediate == late


@pytest.mark.parametrize('seed', [1, 2, 3])
def test_order_of_arrival_does_not_matter(world, short, seed):
    rng = np.random.default_rng(seed)

    def shuffled(sensors):
        return sorted([(s.time + rng.uniform(0.0, 0.28), adder, s) for _, adder, s in sensors.deliveries()],
                      key=lambda e: e[0])

    def unshuffled(sensors):
        return sensors.deliveries(latency=0.1)

    assert record(world, 12, short, shuffled) == record(world, 12, short, unshuffled)


def test_fusing_at_the_right_time_beats_fusing_on_arrival(world, short):
    """A range that is 0.25 s old is wrong by 7.5 m if its stamp is ignored."""
    def final_altitude_error(restamp):
        sensors = world.sensors(short, 13, terrain=[-2451.0] * len(short.position))
        events = sensors.deliveries(latency=0.25)
        if restamp:
            events = [(arrival, adder, dataclasses.replace(sample, time=arrival))
                      for arrival, adder, sample in events if adder == 'add_range']
        flown = world.fly(sensors, events)
        true = np.linalg.norm(short.position[-1]) - 1_737_400.0 + 2451.0
        return abs(flown.ground().altitude_m - true)

    assert final_altitude_error(restamp=False) < 2.0
    assert final_altitude_error(restamp=True) > 5.0


@pytest.fixture
def running(world, short):
    """Return a filter at 1 s and the sensors that feed it."""
    sensors = world.sensors(short, 14)
    flown = NavigationFilter(world.parameters, world.vehicle, world.site)
    flown.initialise(sensors.state_vector())
    for imu in sensors.imu[:100]:
        flown.step(imu)
    return flown, sensors


def status_of(flown, sensors, sample, steps=40):
    flown.take_aid_statuses()
    flown.add_range(sample)
    now = round(flown.ground().time * 100)
    for imu in sensors.imu[now:now + steps]:
        flown.step(imu)
    return flown.take_aid_statuses()


def test_older_than_the_horizon_is_rejected(running):
    flown, sensors = running
    status, = status_of(flown, sensors, sensors.range_at(60))
    assert (status.outcome, status.reason) == (Outcome.REJECTED, 'older than the fusion horizon')
    assert status.time == sensors.truth.time[60]


def test_from_the_future_waits(running):
    flown, sensors = running
    future = sensors.range_at(150)
    assert status_of(flown, sensors, future, steps=79) == []
    for imu in sensors.imu[179:181]:
        flown.step(imu)
    status, = flown.take_aid_statuses()
    assert status.outcome == Outcome.FUSED
    assert status.time == 1.5


def test_far_future_and_broken_times_are_refused(running):
    flown, sensors = running
    sample = sensors.range_at(90)
    for time, reason in ((99.0, 'from the future'), (float('nan'), 'time is not a number'),
                         (float('inf'), 'time is not a number')):
        status, = status_of(flown, sensors, dataclasses.replace(sample, time=time), steps=0)
        assert (status.outcome, status.reason) == (Outcome.REJECTED, reason)


def test_a_repeated_measurement_is_fused_once(running):
    flown, sensors = running
    sample = sensors.range_at(90)
    flown.add_range(sample)
    assert len(status_of(flown, sensors, sample)) == 1
    assert len(status_of(flown, sensors, dataclasses.replace(sample, time=1.2))) == 1


def test_nothing_before_the_state_vector(world):
    flown = NavigationFilter(world.parameters, world.vehicle, world.site)
    flown.add_range(RangeSample(0.0, 0.0, RangeSample.VALID, '', 900.0, 0.04, 1.0))
    assert flown.step(ImuSample(0.0, np.zeros(3), np.zeros(3))) is None
    assert flown.ground() is None
    assert flown.take_aid_statuses()[0].reason == 'no state vector yet'
    assert not flown.initialised


@pytest.mark.parametrize('horizon', [0.0, 0.05, 2.0])
def test_the_horizon_does_not_matter_without_measurements(world, short, horizon):
    """Also not across a gap, which is longer than some of the horizons."""
    sensors = world.sensors(short, 15)
    state = sensors.state_vector()

    def positions(parameters):
        flown = NavigationFilter(parameters, world.vehicle, world.site)
        flown.initialise(state)
        imu = sensors.imu[:100] + sensors.imu[400:500]
        return np.array([flown.step(sample).position_map for sample in imu])

    changed = dataclasses.replace(world.parameters, horizon_s=horizon)
    # the filter state is carried on from different instants: rounding, and the midpoint rule
    assert np.abs(positions(changed) - positions(world.parameters)).max() < 1e-4


def test_coasting_teaches_the_accelerometer_bias(world, short):
    sensors = world.sensors(short, 16)
    flown = NavigationFilter(world.parameters, world.vehicle, world.site)
    flown.initialise(sensors.state_vector())
    bias = np.array([1e-3, -5e-4, 2e-3])
    for k in range(1, 200):
        flown.step(ImuSample(float(k), np.zeros(3), bias))
    assert flown.record[0]['x_now'][10:13] == pytest.approx(bias, abs=2e-5)


def test_queue_is_bounded_and_sorted(world):
    est = NavigationFilter(world.parameters, world.vehicle, world.site).record[0]

    def add(time, source=0, beam=0):
        est['incoming']['time'], est['incoming']['source'], est['incoming']['beam'] = time, source, beam
        return measurement_queue.insert(est, est['incoming'])

    def pop():
        return est['queue'][measurement_queue.pop(est)][['time', 'source', 'beam']].item()

    rng = np.random.default_rng(6)
    keys = [(float(t), s, b) for t in range(QUEUE // 4) for s in range(2) for b in range(2)]
    for _ in range(3):  # once round the ring and more
        assert [add(*keys[i]) for i in rng.permutation(len(keys))] == [NO_REASON] * len(keys)
        assert add(0.5) == QUEUE_FULL
        assert add(*keys[3]) == DUPLICATE
        assert [pop() for _ in keys] == keys
        assert add(*keys[-1]) == DUPLICATE
        assert measurement_queue.next_time(est) == float('inf')
        keys = [(t + 1000.0, s, b) for t, s, b in keys]


def test_a_full_buffer_shortens_the_horizon(world, short):
    """2 s of a 500 Hz IMU do not fit: a measurement within what is left is fused, an older one refused."""
    parameters = dataclasses.replace(world.parameters, horizon_s=2.0)
    flown = NavigationFilter(parameters, world.vehicle, world.site)
    sensors = world.sensors(short, 17)
    flown.initialise(sensors.state_vector())
    for k in range(1, 2000):
        flown.step(ImuSample(0.002 * k, *short.imu[k // 5]))
    for k in (280, 320):
        flown.add_range(sensors.range_at(k))
    for k in range(2000, 3000):
        navigation = flown.step(ImuSample(0.002 * k, *short.imu[k // 5]))
    assert [(round(s.time, 6), s.outcome) for s in flown.take_aid_statuses()] == [
        (2.8, Outcome.REJECTED), (3.2, Outcome.FUSED)]
    error = navigation.position_map - world.site.to_map(short.position[600])
    assert np.abs(error).max() < 4.0 * np.sqrt(navigation.position_covariance.diagonal().max())

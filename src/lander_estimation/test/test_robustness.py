"""Broken samples, gaps and clocks: nothing that is not a number gets in, and the filter says so."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common import rotations
from lander_common.samples import AttitudeFix, ImuSample, RangeSample, VelocitySample
from lander_estimation.filter import NavigationFilter
from lander_estimation.status import Outcome, State

NAN, INF = float('nan'), float('inf')


@pytest.fixture(scope='module')
def short(world):
    return world.truth(height=2000.0, speed=80.0, sink=30.0, thrust=2.0, distance=2000.0, duration=4.0)


@pytest.fixture
def running(world, short):
    sensors = world.sensors(short, 70)
    flown = NavigationFilter(world.parameters, world.vehicle, world.site)
    flown.initialise(sensors.state_vector())
    for imu in sensors.imu[:100]:
        navigation = flown.step(imu)
    return flown, sensors, navigation


@pytest.fixture(scope='module')
def plain(world, short):
    return world.sensors(short, 72)


def is_sound(flown, navigation):
    values = np.concatenate([navigation.position_map, navigation.q_map_body, navigation.velocity_body,
                             navigation.position_covariance.ravel(), navigation.velocity_covariance.ravel()])
    cov = flown.record[0]['cov']
    scale = np.sqrt(np.diag(cov))
    smallest = np.linalg.eigvalsh(cov / np.outer(scale, scale)).min()
    return (np.isfinite(values).all() and (cov == cov.T).all() and smallest > -1e-9
            and abs(np.linalg.norm(navigation.q_map_body) - 1.0) < 1e-12)


@pytest.mark.parametrize(('change', 'reason'), [
    ({'range_m': NAN}, 'range is not a positive number within full scale'),
    ({'range_m': INF}, 'range is not a positive number within full scale'),
    ({'range_m': 0.0}, 'range is not a positive number within full scale'),
    ({'variance': NAN}, 'variance is not a positive number'),
    ({'variance': 0.0}, 'variance is not a positive number')])
def test_broken_ranges_are_rejected(running, change, reason):
    flown, sensors, _ = running
    flown.add_range(dataclasses.replace(sensors.range_at(95), **change))
    status, = flown.take_aid_statuses()
    assert (status.outcome, status.reason) == (Outcome.REJECTED, reason)


def test_broken_fixes_and_velocities_are_rejected(running):
    flown, _, _ = running
    flown.add_attitude(AttitudeFix(0.9, True, '', np.array([NAN, 0, 0, 1.0]), np.ones(3)))
    flown.add_attitude(AttitudeFix(0.9, True, '', np.array([0, 0, 0, 2.0]), np.ones(3)))
    flown.add_attitude(AttitudeFix(0.9, True, '', np.array([0, 0, 0, 1.0]), np.array([1.0, NAN, 1.0])))
    flown.add_velocity(VelocitySample(0.9, np.array([INF, 0, 0]), np.ones(3)))
    flown.add_velocity(VelocitySample(0.9, np.array([1.0, NAN, NAN]), np.array([NAN, NAN, NAN])))
    assert [s.outcome for s in flown.take_aid_statuses()] == [Outcome.REJECTED] * 5
    flown.add_attitude(AttitudeFix(0.9, False, 'blinded', np.full(4, NAN), np.full(3, NAN)))
    flown.add_velocity(VelocitySample(0.9, np.full(3, NAN), np.full(3, NAN)))
    assert flown.take_aid_statuses() == []
    assert [s.empty for s in flown.sensor_states()] == [0, 0, 1, 1]


@pytest.mark.parametrize('broken', [NAN, INF, -INF])
def test_imu_sample_that_is_not_a_number_is_bridged(running, broken):
    flown, sensors, before = running
    sigma = np.sqrt(np.diag(before.velocity_covariance))
    for imu in sensors.imu[100:105]:
        force = imu.specific_force.copy()
        force[1] = broken
        navigation = flown.step(ImuSample(imu.time, imu.angular_velocity, force))
        assert navigation.time == imu.time
    assert is_sound(flown, navigation)
    imu = flown.sensor_states()[0]
    assert (imu.state, imu.rejected) == (State.DEGRADED, 5)
    for imu in sensors.imu[105:140]:
        navigation = flown.step(imu)
    assert flown.sensor_states()[0].state == State.OK
    assert is_sound(flown, navigation)
    assert (np.sqrt(np.diag(navigation.velocity_covariance)) > sigma).all()


def test_repeated_and_backward_samples_change_nothing(running):
    flown, sensors, before = running
    kept = flown.record.copy()
    for sample in (sensors.imu[99], sensors.imu[50], dataclasses.replace(sensors.imu[50], time=NAN),
                   dataclasses.replace(sensors.imu[50], time=INF)):
        after = flown.step(sample)
        assert all(np.array_equal(getattr(after, f.name), getattr(before, f.name))
                   for f in dataclasses.fields(after))
    for name in ('x', 'cov', 'base', 'intervals', 'last_force'):
        assert flown.record[name].tobytes() == kept[name].tobytes()
    assert flown.sensor_states()[0].rejected == 3


@pytest.mark.parametrize('gap', [30, 250])
def test_gap_is_bridged_at_a_price(world, short, gap):
    sensors = world.sensors(short, 71)
    flown = NavigationFilter(world.parameters, world.vehicle, world.site)
    flown.initialise(sensors.state_vector())
    for imu in [*sensors.imu[:100], sensors.imu[99 + gap]]:
        navigation = flown.step(imu)
    error = navigation.position_map - world.site.to_map(short.position[100 + gap])
    assert flown.sensor_states()[0].rejected == 1
    assert (np.abs(error) < 4.0 * np.sqrt(np.diag(navigation.position_covariance))).all()
    assert np.sqrt(navigation.velocity_covariance[0, 0]) > 0.5 * gap * 0.01 * 3.0
    for imu in sensors.imu[100 + gap:]:
        navigation = flown.step(imu)
    assert is_sound(flown, navigation)


def test_health_follows_what_arrives(running):
    flown, sensors, _ = running
    assert [s.state for s in flown.sensor_states()] == [State.OK, *[State.WAITING] * 3]
    for k in range(10):
        flown.add_range(RangeSample(1.0, 1.0, RangeSample.NO_RETURN, 'no echo', NAN, NAN, 0.0))
        flown.add_attitude(sensors.fix_at(80 + k))
    for imu in sensors.imu[100:140]:
        flown.step(imu)
    states = {s.name: s for s in flown.sensor_states()}
    assert states['range'].state == State.DEGRADED
    assert states['range'].empty == 10
    assert np.isnan(states['range'].age_s)
    assert states['star_tracker'].state == State.OK
    assert states['star_tracker'].age_s == pytest.approx(1.4 - 0.89)
    for k in range(5):
        flown.step(ImuSample(2.4 + k, np.zeros(3), np.array([0.0, 0.0, 1.62])))
    states = {s.name: s.state for s in flown.sensor_states()}
    assert states['range'] == states['star_tracker'] == State.LOST


def test_persistent_disagreement_of_fixes_is_believed(running):
    """A filter that is wrong about its attitude must not shut out the star tracker."""
    flown, sensors, _ = running
    for k in range(80, 140, 10):
        fix = sensors.fix_at(k)
        wrong = np.array([0.02, 0.0, 0.0, 1.0])
        flown.add_attitude(dataclasses.replace(
            fix, q_moon_body=rotations.multiply(fix.q_moon_body, rotations.normalise(wrong))))
    for imu in sensors.imu[100:200]:
        flown.step(imu)
    outcomes = [s.outcome for s in flown.take_aid_statuses()]
    assert outcomes == [Outcome.REJECTED] * 3 + [Outcome.FUSED] * 3


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_state_stays_sound_whatever_arrives(world, plain, data):
    number = st.floats(allow_nan=True, allow_infinity=True)
    sensors = plain
    flown = NavigationFilter(world.parameters, world.vehicle, world.site)
    flown.initialise(sensors.state_vector())
    for k, imu in enumerate(sensors.imu[:200]):
        if k % 20 == 0:
            flown.add_range(RangeSample(imu.time + data.draw(st.floats(-0.4, 0.4)), imu.time,
                                        data.draw(st.integers(0, 4)), '', data.draw(number),
                                        data.draw(number), 1.0))
            flown.add_velocity(VelocitySample(imu.time, np.array(data.draw(st.tuples(*[number] * 3))),
                                              np.array(data.draw(st.tuples(*[number] * 3)))))
        if k % 50 == 0:
            imu = ImuSample(imu.time, imu.angular_velocity, np.array(data.draw(st.tuples(*[number] * 3))))
        navigation = flown.step(imu)
        assert navigation.time == imu.time
    assert is_sound(flown, navigation)

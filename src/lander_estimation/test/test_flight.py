"""The whole filter in descents over the rotating Moon."""

import numpy as np
import pytest

from lander_common import rotations
from lander_common.compiled import compiled
from lander_estimation.advance import sum_now
from lander_estimation.filter import NavigationFilter
from lander_estimation.step import status_due, step, update_ground


@pytest.fixture(scope='module')
def braking(world):
    return world.truth(height=18e3, speed=900.0, sink=60.0, thrust=3.0, distance=120e3, duration=120.0)


def errors(world, truth, k, navigation):
    """Return error and covariance of position (map), velocity (body) and attitude (map)."""
    q = rotations.multiply(rotations.conjugate(world.site.quaternion), truth.attitude[k])
    to_body = rotations.to_matrix(truth.attitude[k]).T
    turn = rotations.to_rotation_vector(rotations.multiply(navigation.q_map_body, rotations.conjugate(q)))
    return [(navigation.position_map - world.site.to_map(truth.position[k]), navigation.position_covariance),
            (navigation.velocity_body - to_body @ truth.velocity[k], navigation.velocity_covariance),
            (turn, navigation.attitude_covariance)]


def altitude_error(truth, sensors, k, flown):
    """Return error [m] and sigma [m] of the altitude above the ground."""
    ground = flown.ground()
    true = rotations.norm(truth.position[k]) - 1_737_400.0 - sensors.terrain[k]
    return ground.altitude_m - true, (ground.altitude_upper_m - ground.altitude_m) / 3.0


def test_errors_stay_within_four_sigma(world, braking):
    sensors = world.sensors(braking, seed=1)
    worst = []

    def watch(k, flown, navigation):
        if k % 50 == 0:
            for error, cov in errors(world, braking, k, navigation):
                worst.append(np.max(np.abs(error) / np.sqrt(np.diag(cov))))
            worst.append(abs(np.divide(*altitude_error(braking, sensors, k, flown))))

    flown = world.fly(sensors, watch=watch)
    assert max(worst) < 4.0
    assert all(s.state == 1 for s in flown.sensor_states() if s.name != 'range')


def test_normalised_errors_are_in_band(world, approach):
    squares = {name: [] for name in ('position', 'velocity', 'attitude')}
    for seed in range(100, 124):
        sensors = world.sensors(approach, seed)

        def watch(k, flown, navigation, sensors=sensors):
            if k % 1000 == 0:
                for name, (error, cov) in zip(squares, errors(world, approach, k, navigation)):
                    squares[name].append(error @ np.linalg.solve(cov, error) / 3.0)

        world.fly(sensors, watch=watch)
    means = {name: np.mean(values) for name, values in squares.items()}
    print(means)
    # 24 runs at 6 times; the mean of chi-square over its freedom, correlated in time
    assert all(0.5 < mean < 1.6 for mean in means.values()), means


def test_normalised_altitude_error_is_in_band(world):
    vertical = world.truth(height=1000.0, speed=3.0, sink=30.0, thrust=1.8, distance=200.0, duration=30.0,
                           upright=20.0)
    squares = []
    for seed in range(200, 224):
        sensors = world.sensors(vertical, seed)

        def watch(k, flown, navigation, sensors=sensors):
            if k % 500 == 0:
                error, _ = altitude_error(vertical, sensors, k, flown)
                # without the terrain between footprint and nadir, which this world does not have
                cov, row = flown.record[0]['cov_now'], np.zeros(17)
                row[:3] = vertical.position[k] / np.linalg.norm(vertical.position[k])
                row[15] = -1.0
                squares.append(error**2 / (row @ cov @ row))

        world.fly(sensors, watch=watch)
    print(np.mean(squares))
    assert 0.5 < np.mean(squares) < 1.6


def test_variance_of_a_sum_is_that_of_the_whole_covariance(world, braking):
    rng, worst = np.random.default_rng(7), []
    print('seed', 7)

    def watch(k, flown, navigation):
        if k % 500 == 7:
            weights = rng.standard_normal(17)
            whole = weights @ flown.record[0]['cov_now'] @ weights
            worst.append(abs(sum_now(flown.record[0], weights.copy())[0] / whole - 1.0))

    world.fly(world.sensors(braking, seed=2), watch=watch)
    assert len(worst) > 20
    assert max(worst) < 1e-9


def test_velocity_sensor_with_missing_components(world, approach):
    sensors = world.sensors(approach, seed=3)
    for s in sensors.velocities:
        s.velocity[1] = np.nan
        s.variance[1] = np.nan
    worst = []

    def watch(k, flown, navigation):
        if k % 50 == 0:
            error, cov = errors(world, approach, k, navigation)[1]
            worst.append(np.max(np.abs(error) / np.sqrt(np.diag(cov))))

    flown = world.fly(sensors, watch=watch)
    assert max(worst) < 4.0
    assert flown.sensor_states()[3].fused > 500


@compiled
def loop(record, time, rate, force, statuses):
    """Fly as the compiled loop of a campaign does; sample k ends at time[k]."""
    est = record[0]
    for k in range(len(time)):
        step(est, time[k], rate[k], force[k])
        if statuses and status_due(est, time[k]):
            update_ground(est)


def test_python_and_a_compiled_loop_take_turns_with_the_same_bits(world, approach):
    """Whoever calls the kernels, and however often the ground is asked for."""
    sensors = world.sensors(approach, seed=5)
    state = sensors.state_vector()
    flown = [NavigationFilter(world.parameters, world.vehicle, world.site) for _ in range(2)]
    for f in flown:
        f.initialise(state)
    events, i = sensors.deliveries(latency=0.15), 0
    for first in range(0, 2000, 37):
        samples = sensors.imu[first:first + 37]
        while i < len(events) and events[i][0] <= samples[0].time:
            for f in flown:
                getattr(f, events[i][1])(events[i][2])
            i += 1
        for sample in samples:
            navigation = flown[0].step(sample)
        loop(flown[1].record, *(np.array([getattr(s, name) for s in samples]) for name in
                                ('time', 'angular_velocity', 'specific_force')), first % 2 == 0)
        for name in ('x', 'cov', 'x_now', 'navigation', 'monitors', 'base', 'beams'):
            assert flown[0].record[name].tobytes() == flown[1].record[name].tobytes()
    last = flown[1].record[0]['navigation']
    assert np.array_equal(last['position_map'], navigation.position_map)
    assert flown[0].ground() == flown[1].ground()


def test_same_inputs_same_bits(world, approach):
    flights = []
    for _ in range(2):
        record = []
        world.fly(world.sensors(approach, seed=4), watch=lambda k, f, n, r=record: r.append(
            (n.position_map.tobytes(), n.q_map_body.tobytes(), n.position_covariance.tobytes())))
        flights.append(record)
    assert flights[0] == flights[1]

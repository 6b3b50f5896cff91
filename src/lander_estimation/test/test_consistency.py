"""Is the filter as uncertain as it says? NEES and NIS against chi-square, with the sensors of the simulator.

Bands are two-sided 95 % for the number of flights. With other seeds a right filter would fail one comparison
in twenty by chance.

    python3 -m pytest src/lander_estimation -m campaign     200 flights of each kind, and after each fault
"""

import numpy as np
import pytest
from scipy.stats import chi2

from lander_common.constants import MOON_RADIUS

SIZE = {'position': 3, 'velocity': 3, 'attitude': 3, 'altitude': 1}
FLIGHTS = {
    'braking': {'height': 18e3, 'speed': 900.0, 'sink': 60.0, 'thrust': 3.0, 'distance': 120e3,
                'duration': 30.0},
    'approach': {'height': 2000.0, 'speed': 100.0, 'sink': 30.0, 'thrust': 2.0, 'distance': 3000.0,
                 'duration': 30.0},
    'vertical': {'height': -1000.0, 'speed': 3.0, 'sink': 30.0, 'thrust': 1.8, 'distance': 200.0,
                 'duration': 20.0, 'upright': 20.0}}


def outside(squares, size):
    """Return what of the sums of squares, by name, lies outside the band; `size` of each square."""
    wrong = {}
    for name, values in squares.items():
        freedom = size[name] * len(values)
        low, high = chi2.ppf([0.025, 0.975], freedom) / freedom
        mean = sum(values) / freedom
        print(f'{name}: {mean:.3f}, band {low:.3f} to {high:.3f}, {len(values)} values')
        if not low <= mean <= high:
            wrong[name] = mean
    return wrong


def consistency(world, truth, kind, flights, draw_fault=None):
    """Return NEES at the ends of the flights and NIS of the last measurements where out of the band."""
    errors, innovations = {name: [] for name in SIZE}, {}
    sizes = {}
    for seed in range(flights):
        fault = draw_fault(seed) if draw_fault else None
        unmeasured = fault is not None or np.linalg.norm(truth.position[0]) > MOON_RADIUS + 10e3
        terrain = truth.terrain(np.random.default_rng((seed, 3)), drawn=unmeasured)
        if fault:
            after = np.array(truth.time[:len(terrain)]) >= fault.start
            terrain = (np.array(terrain) + fault.terrain * after).tolist()
        sensors = world.simulated.SimulatedSensors(world, truth, seed, kind, terrain, fault=fault)
        last = {}

        def watch(k, flown, navigation, sensors=sensors, last=last):
            for status in flown.take_aid_statuses():
                if np.isfinite(status.test_ratio):
                    last[status.source] = status
            if k == len(truth.position) - 1:
                pairs = world.simulated.errors(world, sensors, k, flown, navigation)
                for name, value in world.simulated.nees(pairs).items():
                    errors[name].append(value)

        world.fly(sensors, watch=watch)
        for name, status in last.items():
            sizes[name] = len(status.innovation)
            innovations.setdefault(name, []).append(25.0 * status.test_ratio)
    return outside(errors, SIZE) | outside(innovations, sizes)


@pytest.fixture(scope='module')
def truths(world):
    return {name: world.truth(**flight) for name, flight in FLIGHTS.items()}


@pytest.mark.parametrize(('flight', 'kind'), [
    ('braking', 'doppler'), ('approach', 'doppler'), ('vertical', 'doppler'), ('vertical', 'camera_flow')])
def test_twenty_flights(world, truths, flight, kind):
    assert not consistency(world, truths[flight], kind, 20)


def test_bounds_hold_with_a_range_finder_noisier_than_it_says(world, truths):
    """Near the ground little else is uncertain: the altitude would be far too sure."""
    def loud(seed):
        return world.simulated.Fault('F4', seed, 0.1, 99.0, range_faults={'noise': 3.0})

    assert 'altitude' not in consistency(world, truths['vertical'], 'doppler', 40, loud)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(('flight', 'kind'), [
    ('braking', 'doppler'), ('approach', 'doppler'), ('approach', 'camera_flow'), ('vertical', 'doppler'),
    ('vertical', 'camera_flow')])
def test_two_hundred_flights(world, truths, flight, kind):
    assert not consistency(world, truths[flight], kind, 200)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
@pytest.mark.parametrize('fault', ['F1', 'F2', 'F3', 'F4', 'F5', 'F6'])
def test_two_hundred_flights_after_a_fault(world, truths, fault):
    assert not consistency(world, truths['approach'], 'doppler', 200,
                           lambda seed: world.simulated.draw_fault(fault, seed))


def test_the_band_notices_a_wrong_noise(world, truths, monkeypatch):
    """The test can fail: a Doppler velocimeter twice as noisy as it says."""
    sample = world.simulated.GroundVelocity.sample

    def understated(self, *args):
        result = sample(self, *args)
        if result is not None:
            result.variance[:] /= 4.0
        return result

    monkeypatch.setattr(world.simulated.GroundVelocity, 'sample', understated)
    wrong = consistency(world, truths['vertical'], 'doppler', 20)
    assert {'velocity', 'ground_velocity'} <= set(wrong)

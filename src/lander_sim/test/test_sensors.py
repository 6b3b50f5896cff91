"""Simulated sensors: their statistics, rates, limits and faults."""

import dataclasses
import math

import numpy as np
import pytest

from lander_common import rotations
from lander_common.constants import STANDARD_GRAVITY
from lander_common.parameters import ParameterError
from lander_sim.sensors.contact_switches import ContactSwitches
from lander_sim.sensors.ground_velocity import GroundVelocity, GroundVelocityParameters
from lander_sim.sensors.imu import Imu, ImuParameters
from lander_sim.sensors.star_tracker import StarTracker, StarTrackerParameters

SEED = 20250606
UP = np.array([0.0, 0.0, STANDARD_GRAVITY])
STILL = 0.01 * np.array([np.zeros(3), UP])  # increments in 0.01 s
IDENTITY = np.array([0.0, 0.0, 0.0, 1.0])
ARCSEC = math.radians(1.0 / 3600.0)
EXACT = {field.name: 0.0 for field in dataclasses.fields(ImuParameters)}


@pytest.fixture
def rng():
    print('seed', SEED)
    return np.random.default_rng(SEED)


def exact_imu(rng, **changes):
    return Imu(ImuParameters(**{**EXACT, **changes}), rng)


def record(imu, count, dt=0.01, rate=(0.0, 0.0, 0.0), force=UP):
    samples = [imu.sample(k * dt, dt, dt * np.array([rate, force])) for k in range(1, count + 1)]
    return np.array([s.angular_velocity for s in samples]), np.array([s.specific_force for s in samples])


def test_ideal_imu_gives_the_truth(rng):
    sample = exact_imu(rng).sample(1.0, 0.01, 0.01 * np.array([[0.1, 0.2, 0.3], UP]))
    assert sample.time == 1.0
    assert sample.angular_velocity == pytest.approx([0.1, 0.2, 0.3])
    assert sample.specific_force == pytest.approx(UP)


@pytest.mark.parametrize('dt', [0.01, 1.0])
def test_imu_noise_has_the_density_of_the_parameters(rng, dt):
    imu = exact_imu(rng, gyro_noise_deg_rt_h=0.05, accel_noise_m_s_rt_h=0.02)
    rates, forces = record(imu, 4000, dt)
    # Angle and velocity after an hour of such samples, in degrees and m/s.
    assert math.degrees(rates.std() * dt * math.sqrt(3600.0 / dt)) == pytest.approx(0.05, rel=0.03)
    assert forces.std(axis=0) * dt * math.sqrt(3600.0 / dt) == pytest.approx([0.02] * 3, rel=0.05)


def test_imu_turn_on_bias_and_scale(rng):
    rates, forces = [], []
    for _ in range(1000):
        imu = exact_imu(rng, gyro_bias_deg_h=1.0, accel_scale_ppm=100.0)
        sample = imu.sample(0.01, 0.01, STILL)
        rates.append(math.degrees(sample.angular_velocity[0]) * 3600.0)
        forces.append((sample.specific_force[2] / STANDARD_GRAVITY - 1.0) * 1e6)
    assert np.std(rates) == pytest.approx(1.0, rel=0.1) and abs(np.mean(rates)) < 0.15
    assert np.std(forces) == pytest.approx(100.0, rel=0.1) and abs(np.mean(forces)) < 15.0


def test_imu_bias_walks(rng):
    ends = []
    for _ in range(300):
        imu = exact_imu(rng, accel_bias_walk_ug=10.0)
        ends.append(record(imu, 36, dt=100.0, force=np.zeros(3))[1][-1, 0] / STANDARD_GRAVITY * 1e6)
    assert np.std(ends) == pytest.approx(10.0, rel=0.15)  # after one hour


def test_imu_quantisation_loses_nothing(rng):
    imu = exact_imu(rng, gyro_quantum_rad=1e-4, accel_quantum_m_s=1e-3)
    rates, forces = record(imu, 1000, rate=(0.0012345, 0.0, 0.0))
    steps = rates[:, 0] * 0.01 / 1e-4
    assert steps == pytest.approx(np.round(steps), abs=1e-6) and len(set(np.round(steps))) == 2
    assert rates[:, 0].sum() * 0.01 == pytest.approx(0.012345, abs=1e-4)
    assert forces[:, 2].sum() * 0.01 == pytest.approx(10.0 * STANDARD_GRAVITY, abs=1e-3)


def test_imu_faults(rng):
    imu = exact_imu(rng)

    def force():
        return imu.sample(0.0, 0.01, STILL).specific_force

    imu.set_fault('bias', 0.5)
    assert force() == pytest.approx(UP + 0.5)
    imu.clear_fault('bias')
    imu.set_fault('scale', -0.1)
    assert force() == pytest.approx(0.9 * UP)
    imu.clear_fault('scale')
    imu.set_fault('spike', 7.0)
    assert force() == pytest.approx(UP + 7.0) and force() == pytest.approx(UP)
    imu.set_fault('noise', 2.0)
    assert record(imu, 2000)[1].std(axis=0) == pytest.approx([2.0] * 3, rel=0.05)
    imu.clear_fault('noise')
    imu.set_fault('stuck')
    last = force()
    assert imu.sample(0.0, 0.01, 3.0 * STILL).specific_force == pytest.approx(last, abs=0)


def test_star_tracker_keeps_its_rate(rng):
    tracker = StarTracker(StarTrackerParameters(rate_hz=5.0), rng)
    times = [0.01 * k for k in range(1, 1001)]
    fixes = [t for t in times if tracker.sample(t, IDENTITY, np.zeros(3))]
    assert np.diff(fixes[1:]) == pytest.approx([0.2] * (len(fixes) - 2))
    assert fixes[1] == pytest.approx(0.2)
    assert all(tracker.sample(t, IDENTITY, np.zeros(3)) for t in range(11, 20))  # coast: 1 Hz


def test_star_tracker_errors_fit_axis_and_variance(rng):
    p = StarTrackerParameters(boresight=[1.0, 0.0, 0.0], cross_sigma_arcsec=10.0, roll_sigma_arcsec=60.0)
    tracker, true = StarTracker(p, rng), rotations.normalise(np.array([0.1, 0.7, -0.3, 0.5]))
    fixes = [tracker.sample(0.2 * k, true, np.zeros(3)) for k in range(4000)]
    back = rotations.conjugate(true)
    errors = np.array([
        rotations.to_rotation_vector(rotations.multiply(back, f.q_moon_body)) for f in fixes])
    assert errors.std(axis=0) / ARCSEC == pytest.approx([60.0, 10.0, 10.0], rel=0.05)
    assert np.sqrt(fixes[0].variance) / ARCSEC == pytest.approx([60.0, 10.0, 10.0])
    assert np.abs(errors.mean(axis=0)).max() < 3.0 * ARCSEC


def test_star_tracker_says_why_it_lost_the_stars(rng):
    tracker = StarTracker(StarTrackerParameters(max_rate_deg_s=2.0), rng)
    fix = tracker.sample(1.0, IDENTITY, np.radians([0.0, 3.0, 0.0]))
    assert not fix.valid and fix.reason == 'body rate 3.00 deg/s is above 2 deg/s'
    assert np.isnan(fix.q_moon_body).all() and np.isnan(fix.variance).all()
    assert tracker.sample(2.0, IDENTITY, np.radians([0.0, 1.9, 0.0])).valid


def test_star_tracker_faults(rng):
    tracker = StarTracker(StarTrackerParameters(), rng)

    def error(k):
        return rotations.to_rotation_vector(tracker.sample(float(k), IDENTITY, np.zeros(3)).q_moon_body)

    tracker.set_fault('bias', 0.02)
    assert error(1) == pytest.approx([0.02] * 3, abs=2e-3)
    tracker.clear_fault('bias')
    tracker.set_fault('spike', 0.5)
    assert error(2) == pytest.approx([0.5] * 3, abs=2e-3) and np.abs(error(3)).max() < 2e-3
    tracker.set_fault('noise', 0.01)
    assert np.std([error(k) for k in range(4, 1004)]) == pytest.approx(0.01, rel=0.06)
    tracker.set_fault('stuck')
    assert error(2000) == pytest.approx(error(2001), abs=0)
    tracker.set_fault('dropout', 1.0)
    assert tracker.sample(2002.0, IDENTITY, np.zeros(3)) is None


def velocities(sensor, count=3000, velocity=(20.0, -10.0, -5.0), altitude=500.0):
    samples = [sensor.sample(0.1 * k, np.array(velocity), altitude, 0.1) for k in range(count)]
    return [s for s in samples if s is not None]


@pytest.mark.parametrize(('kind', 'sigma'), [
    ('camera_flow', 0.1 + 0.01 * 22.913 + 0.5), ('doppler', 0.1 + 0.01 * 22.913)])
def test_ground_velocity_noise_fits_its_variance(rng, kind, sigma):
    p = GroundVelocityParameters(kind=kind, noise_m_s=0.1, noise_per_speed=0.01, noise_per_altitude=1e-3)
    samples = velocities(GroundVelocity(p, rng))
    axes = 2 if kind == 'camera_flow' else 3
    values = np.array([s.velocity for s in samples])
    assert values.std(axis=0)[:axes] == pytest.approx([sigma] * axes, rel=0.05)
    assert np.sqrt(samples[0].variance[:axes]) == pytest.approx([sigma] * axes, rel=1e-3)
    assert values.mean(axis=0)[:axes] == pytest.approx([20.0, -10.0, -5.0][:axes], abs=0.08)
    assert np.isnan(values[:, axes:]).all() and np.isnan(samples[0].variance[axes:]).all()


def test_ground_velocity_limits(rng):
    sensor = GroundVelocity(GroundVelocityParameters(max_altitude_m=2000.0, min_altitude_m=1.0), rng)
    v = np.zeros(3)
    assert sensor.sample(1.0, v, 1999.0, 0.0) is not None
    assert sensor.sample(1.05, v, 1999.0, 0.0) is None  # not due
    assert sensor.sample(2.0, v, 2001.0, 0.0) is None
    assert sensor.sample(3.0, v, 0.5, 0.0) is None
    assert sensor.sample(4.0, v, 100.0, math.radians(50.0)) is None


def test_ground_velocity_loses_its_share(rng):
    sensor = GroundVelocity(GroundVelocityParameters(dropout=0.3), rng)
    assert len(velocities(sensor)) == pytest.approx(2100, abs=80)
    sensor = GroundVelocity(GroundVelocityParameters(), rng)
    sensor.set_fault('dropout', 0.5)
    assert len(velocities(sensor)) == pytest.approx(1500, abs=80)


def test_ground_velocity_faults(rng):
    p = GroundVelocityParameters(kind='doppler', noise_m_s=1e-4, noise_per_speed=0.0)
    sensor, v = GroundVelocity(p, rng), np.array([3.0, -2.0, 1.0])

    def measured(k):
        return sensor.sample(float(k), v, 100.0, 0.0).velocity

    sensor.set_fault('bias', 0.7)
    assert measured(1) == pytest.approx(v + 0.7, abs=1e-3)
    sensor.clear_fault('bias')
    sensor.set_fault('scale', 0.5)
    assert measured(2) == pytest.approx(1.5 * v, abs=1e-3)
    sensor.clear_fault('scale')
    sensor.set_fault('spike', 40.0)
    assert measured(3) == pytest.approx(v + 40.0, abs=1e-3) and measured(4) == pytest.approx(v, abs=1e-3)
    sensor.set_fault('noise', 1.0)
    assert np.std([measured(k) for k in range(5, 1005)], axis=0) == pytest.approx([1.0] * 3, rel=0.08)
    sensor.set_fault('stuck')
    assert measured(2000) == pytest.approx(measured(2001), abs=0)


@pytest.mark.parametrize('make', [
    lambda rng: Imu(ImuParameters(), rng), lambda rng: StarTracker(StarTrackerParameters(), rng),
    lambda rng: GroundVelocity(GroundVelocityParameters(), rng), lambda rng: ContactSwitches(4)])
def test_wrong_faults_are_refused_with_what_is_allowed(rng, make):
    sensor = make(rng)
    with pytest.raises(ParameterError, match='stuck'):
        sensor.set_fault('no_return', 0.0)
    with pytest.raises(ParameterError, match='stuck'):
        sensor.clear_fault('no_return')
    with pytest.raises(ParameterError):
        sensor.set_fault('stuck', math.nan)
    sensor.clear_fault('stuck')  # not there: fine


def test_boresight_must_be_a_direction():
    with pytest.raises(ParameterError, match='three numbers'):
        StarTrackerParameters(boresight=[0.0, 0.0, 0.0])


def test_faults_do_not_shift_the_random_numbers():
    """A flight with a fault that ends goes on with the same noise as one without."""
    ends = []
    for faulty in (False, True):
        rng = np.random.default_rng(SEED)
        imu, tracker = Imu(ImuParameters(), rng), StarTracker(StarTrackerParameters(), rng)
        for k in range(10):
            if faulty and k == 3:
                imu.set_fault('noise', 1.0)
                tracker.set_fault('dropout', 1.0)
            if faulty and k == 6:
                imu.clear_fault('noise')
                tracker.clear_fault('dropout')
            imu.sample(k, 1.0, STILL)
            fix = tracker.sample(k, IDENTITY, np.zeros(3))
        ends.append(fix.q_moon_body.tobytes())
    assert ends[0] == ends[1]


def test_contact_switches_are_debounced():
    switches = ContactSwitches(2)
    pressed = [(True, False)] * 2 + [(False, False)] + [(True, False)] * 4 + [(False, True)] * 4
    seen = [switches.sample(0.01 * k, feet) for k, feet in enumerate(pressed)]
    assert seen[:5] == [(False, False)] * 5  # a bounce does not count
    assert seen[5] == (True, False)
    assert seen[8] == (True, False) and seen[9] == (False, True)
    switches.set_fault('stuck')
    assert switches.sample(1.0, (True, True)) == switches.sample(2.0, (True, True)) == (False, True)

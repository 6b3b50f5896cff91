"""What the navigation filter costs, beside its peers on the same machine in the same run.

    python3 src/lander_estimation/benchmarks/bench_estimator.py

The flight is synthetic: 100 Hz IMU, star tracker 5 Hz, velocity 10 Hz, range 10 Hz. Peers are a Joseph-form
filter of the same size (17 states) in NumPy, and the EKF of filterpy where it is installed; both get their
Jacobians for nothing, so only their algebra is timed: predict each IMU sample, update each measurement.
"""

import time
from pathlib import Path

import numpy as np

from lander_common import rotations
from lander_common.compiled import compiled
from lander_common.figures import report
from lander_common.samples import AttitudeFix, ImuSample, RangeSample, StateVector, VelocitySample
from lander_common.site import load_site
from lander_common.vehicle import load_vehicle
from lander_estimation import step
from lander_estimation.filter import NavigationFilter
from lander_estimation.parameters import EstimatorParameters

try:
    from filterpy.kalman import ExtendedKalmanFilter
except ImportError:
    ExtendedKalmanFilter = None

CONFIG = Path(__file__).resolve().parents[3] / 'config'
SITE = load_site(CONFIG / 'sites/mare_frigoris.yaml')
VEHICLE = load_vehicle(CONFIG / 'vehicles/resilience.yaml')
SECONDS, REPEATS, STATES = 10, 40, 17  # short runs, many times: the minimum is free of other processes
FORCE, RATE = np.array([0.0, 0.0, 1.62]), np.zeros(3)
UPRIGHT = np.array([0.0, 0.0, 0.0, 1.0])
STAR, DOPPLER = np.full(3, 1e-8), np.full(3, 1e-2)


def started() -> NavigationFilter:
    """Return a filter 20 km above the site."""
    filter_ = NavigationFilter(EstimatorParameters(), VEHICLE, SITE)
    filter_.initialise(StateVector(0.0, np.array([0.0, 0.0, 20e3]), np.array([0.0, 0.0, -10.0]), UPRIGHT,
                                   1e4 * np.eye(3), np.eye(3), 1e-6))
    return filter_


@compiled
def loop(record: np.ndarray, count: int, rate: np.ndarray, force: np.ndarray, q: np.ndarray,
         star: np.ndarray, doppler: np.ndarray, aided: bool) -> None:
    """Fly `count` IMU samples of 0.01 s, as the compiled loop of a campaign does."""
    est = record[0]
    velocity = np.empty(3)
    for k in range(1, count + 1):
        now = 0.01 * k
        if aided and k % 20 == 7:
            step.add_attitude(est, now, True, q, star)
        if aided and k % 10 == 3:
            velocity[:] = est.navigation.velocity_body
            step.add_velocity(est, now, velocity, doppler)
        step.step(est, now, rate, force)
        if aided and k % 10 == 9:
            step.add_range(est, now - 0.05, now, 1, 20e3 + 2451.0 - 10.0 * now - 0.8, 0.04, 0)
        if step.status_due(est, now):
            step.update_ground(est)


def compiled_cost(aided: bool) -> float:
    """Return the cost of an IMU sample inside compiled code, with everything [us]."""
    best = np.inf
    for repeat in range(REPEATS + 1):
        record = started().record
        start = time.perf_counter()
        loop(record, 100 * SECONDS, RATE, FORCE, SITE.quaternion, STAR, DOPPLER, aided)
        if repeat:  # the first one compiles
            best = min(best, time.perf_counter() - start)
    if aided:
        fused = record[0]['monitors']['outcomes'][:3, 0].tolist()
        assert min(fused) >= 4 * SECONDS, fused
    return 1e6 * best / (100 * SECONDS)


def python_cost() -> tuple[float, float]:
    """Return median and 99th percentile of NavigationFilter.step with the same measurements [us]."""
    filter_, times = started(), []
    for k in range(1, 100 * SECONDS + 1):
        now = 0.01 * k
        if k % 20 == 7:
            filter_.add_attitude(AttitudeFix(now, True, '', SITE.quaternion, STAR))
        if k % 10 == 3:
            filter_.add_velocity(VelocitySample(now, np.array([0.0, 0.0, -10.0]), DOPPLER))
        if k % 10 == 9:
            range_m = 20e3 + 2451.0 - 10.0 * now - 0.8
            filter_.add_range(RangeSample(now - 0.05, now, RangeSample.VALID, '', range_m, 0.04, 1.0))
        sample = ImuSample(now, RATE, FORCE)
        start = time.perf_counter()
        filter_.step(sample)
        times.append(1e6 * (time.perf_counter() - start))
    return float(np.median(times)), float(np.percentile(times, 99))


def peer_matrices() -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Return transition and process noise of a sample, and the Jacobians of star, velocity and range."""
    rng = np.random.default_rng(1)
    phi = np.eye(STATES)
    phi[:3, 3:6] = 0.01 * np.eye(3)
    phi[3:6, 6:9] = 0.01 * rotations.skew(FORCE)
    jacobians = [np.zeros((3, STATES)), np.zeros((3, STATES)), np.zeros((1, STATES))]
    jacobians[0][:, 6:9] = jacobians[1][:, 3:6] = np.eye(3)
    jacobians[2][0, [0, 1, 2, 15, 16]] = [0.0, 0.0, 1.0, -1.0, 1.0]
    return phi, 1e-6 * np.diag(rng.random(STATES)), jacobians


def numpy_cost() -> float:
    """Return the same cost for a Joseph-form filter in NumPy [us]."""
    phi, noise, jacobians = peer_matrices()
    eye = np.eye(STATES)

    def fly(count: int) -> None:
        x, cov = np.zeros(STATES), eye.copy()
        for k in range(1, count + 1):
            x = phi @ x
            cov = phi @ cov @ phi.T + noise
            for h, due in zip(jacobians, (k % 20 == 7, k % 10 == 3, k % 10 == 9)):
                if due:
                    r = 0.01 * np.eye(len(h))
                    gain = np.linalg.solve(h @ cov @ h.T + r, h @ cov).T
                    x = x + gain @ (np.zeros(len(h)) - h @ x)
                    keep = eye - gain @ h
                    cov = keep @ cov @ keep.T + gain @ r @ gain.T

    return _best(fly)


def filterpy_cost() -> float:
    """Return the same cost for filterpy's extended Kalman filter [us]; NaN if it is not installed."""
    if ExtendedKalmanFilter is None:
        return float('nan')
    phi, noise, jacobians = peer_matrices()

    def fly(count: int) -> None:
        ekf = ExtendedKalmanFilter(dim_x=STATES, dim_z=3)
        ekf.F, ekf.Q = phi, noise
        for k in range(1, count + 1):
            ekf.predict()
            for h, due in zip(jacobians, (k % 20 == 7, k % 10 == 3, k % 10 == 9)):
                if due:
                    ekf.update(np.zeros((len(h), 1)), lambda x, h=h: h, lambda x, h=h: (h @ x).reshape(-1, 1),
                               R=0.01 * np.eye(len(h)))

    return _best(fly)


def _best(fly) -> float:
    count, best = 100, np.inf
    for _ in range(REPEATS):
        start = time.perf_counter()
        fly(count)
        best = min(best, time.perf_counter() - start)
    return 1e6 * best / count


def main() -> None:
    """Print a table."""
    ours = compiled_cost(aided=True)
    rows = [('compiled loop, IMU, 3 aids, ground', ours),
            ('compiled loop, IMU alone', compiled_cost(aided=False)),
            ('NumPy Joseph form', numpy_cost()), ('filterpy EKF', filterpy_cost())]
    print(f'{"us for each 100 Hz sample, minimum":40}{"us":>10}{"ratio":>10}')
    for name, cost in rows:
        print(f'{name:40}{cost:10.2f}{cost / ours:10.1f}')
    report('estimator, one IMU sample with three aids, compiled', ours, 'us', 'filterpy EKF', rows[3][1])
    report('estimator, the same against NumPy', ours, 'us', 'NumPy Joseph form', rows[2][1])
    python_cost()
    median, late = python_cost()
    report('NavigationFilter.step from Python', median, 'us')
    print(f'NavigationFilter.step from Python: median {median:.1f} us, 99th percentile {late:.1f} us')


if __name__ == '__main__':
    main()

"""Inertial measurement unit: mean body rate and specific force, as delta angles and delta velocities."""

import math
from dataclasses import dataclass

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import STANDARD_GRAVITY
from lander_common.parameters import Parameters, parameter
from lander_common.samples import ImuSample
from lander_sim.sensors.sensor import Sensor, active, fault, once

_DEG_PER_HOUR = math.radians(1.0) / 3600.0  # [rad/s]
_MICRO_G = 1e-6 * STANDARD_GRAVITY  # [m/s^2]
_ROOT_HOUR = 60.0  # [sqrt(s)]
_PPM = 1e-6
_WALK = 0.1  # [s] between steps of the random walks
_BIAS, _SCALE, _NOISE, _SPIKE, _STUCK = range(5)

IMU = np.dtype([
    ('rate', float, 3), ('force', float, 3),  # [rad/s], [m/s^2] mean of the last sample, base_link
    ('taken', np.int64),  # 1: there has been a sample
    # per instrument: bias, scale factor error, random walk of the bias, noise density, quantum, and what of
    # the last increment did not fill a quantum
    ('errors', float, (6, 6)),
    ('faults', float, 5),
    ('unwalked', float),  # [s] since the biases walked
    ('walk_draws', float, 6), ('draws', float, 6), ('fault_draws', float, 3),  # [-] standard normal
])
"""State of an inertial unit."""


@dataclass(frozen=True)
class ImuParameters(Parameters):
    """A tactical-grade unit; all values assumed, of the class of a fibre-optic gyro unit."""

    gyro_bias_deg_h: float = parameter(
        1.0, unit='deg/h', minimum=0, maximum=1000, doc='Turn-on bias, standard deviation each axis')
    gyro_bias_walk_deg_h: float = parameter(
        0.1, unit='deg/h/sqrt(h)', minimum=0, maximum=1000, doc='Random walk of the bias')
    gyro_noise_deg_rt_h: float = parameter(
        0.05, unit='deg/sqrt(h)', minimum=0, maximum=100, doc='Angle random walk')
    gyro_scale_ppm: float = parameter(
        100.0, unit='ppm', minimum=0, maximum=1e5, doc='Scale factor error, standard deviation each axis')
    gyro_quantum_rad: float = parameter(
        2e-6, unit='rad', minimum=0, maximum=0.01, doc='Step of a delta angle; 0: none')
    accel_bias_ug: float = parameter(
        100.0, unit='micro-g', minimum=0, maximum=1e5, doc='Turn-on bias, standard deviation each axis')
    accel_bias_walk_ug: float = parameter(
        10.0, unit='micro-g/sqrt(h)', minimum=0, maximum=1e5, doc='Random walk of the bias')
    accel_noise_m_s_rt_h: float = parameter(
        0.02, unit='m/s/sqrt(h)', minimum=0, maximum=10, doc='Velocity random walk')
    accel_scale_ppm: float = parameter(
        100.0, unit='ppm', minimum=0, maximum=1e5, doc='Scale factor error, standard deviation each axis')
    accel_quantum_m_s: float = parameter(
        6e-5, unit='m/s', minimum=0, maximum=0.1, doc='Step of a delta velocity; 0: none')


class Imu(Sensor):
    """Three gyros and three accelerometers at base_link."""

    faults = {
        'bias': (-1e3, 1e3, 'added to every accelerometer [m/s^2]'),
        'scale': (-1.0, 10.0, 'added to every accelerometer, as a fraction of what it measures [-]'),
        'noise': (0.0, 1e3, 'standard deviation of additional noise on every accelerometer sample [m/s^2]'),
        'spike': (-1e3, 1e3, 'added to every accelerometer in the next sample only [m/s^2]'),
        'stuck': (-math.inf, math.inf, 'not used: gyros and accelerometers repeat the last sample'),
    }

    def __init__(self, parameters: ImuParameters, rng: np.random.Generator, record: np.ndarray | None = None):
        """Turn on: draw biases and scale factor errors. `record`: (1,) of IMU to work on."""
        super().__init__(IMU, record)
        # Noise of a fault has numbers of its own, so that the others stay the same.
        self.streams = rng, rng.spawn(1)[0]
        p, draws = parameters, rng.standard_normal((2, 6))
        gyro = [p.gyro_bias_deg_h * _DEG_PER_HOUR, p.gyro_scale_ppm * _PPM,
                p.gyro_bias_walk_deg_h * _DEG_PER_HOUR / _ROOT_HOUR,
                math.radians(p.gyro_noise_deg_rt_h) / _ROOT_HOUR, p.gyro_quantum_rad]
        accelerometer = [p.accel_bias_ug * _MICRO_G, p.accel_scale_ppm * _PPM,
                         p.accel_bias_walk_ug * _MICRO_G / _ROOT_HOUR,
                         p.accel_noise_m_s_rt_h / _ROOT_HOUR, p.accel_quantum_m_s]
        errors = np.array([[*gyro, 0.0]] * 3 + [[*accelerometer, 0.0]] * 3)
        errors[:, :2] *= draws.T
        self._state['errors'] = errors

    def sample(self, time: float, dt: float, increments: np.ndarray) -> ImuSample:
        """Measure the interval of dt [s] that ends at `time`.

        `increments`, (2, 3), are the true integrals of body rate [rad] and specific force [m/s], base_link.
        """
        healthy, faulty = self.streams
        if _walks(self.record, dt):
            healthy.standard_normal(out=self._state['walk_draws'])
        healthy.standard_normal(out=self._state['draws'])
        if not math.isnan(self._faults[_NOISE]):
            faulty.standard_normal(out=self._state['fault_draws'])
        _measure(self.record, dt, increments.ravel())
        return ImuSample(time, self._state['rate'].copy(), self._state['force'].copy())


@compiled
def walks(imu: np.void, dt: float) -> bool:
    """Return whether the biases walk in the sample over dt [s]: ten times a second, for a walk is slow."""
    return imu.unwalked + dt >= _WALK - 1e-9


@compiled
def draw(imu: np.void, dt: float, healthy: np.random.Generator, faulty: np.random.Generator) -> None:
    """Draw the noise of one sample."""
    if walks(imu, dt):
        for k in range(6):
            imu.walk_draws[k] = healthy.standard_normal()
    for k in range(6):
        imu.draws[k] = healthy.standard_normal()
    if active(imu.faults, _NOISE):
        for k in range(3):
            imu.fault_draws[k] = faulty.standard_normal()


@compiled
def measure(imu: np.void, dt: float, increments: np.ndarray) -> None:
    """Write to `rate` and `force` what gyros and accelerometers read in the mean over dt [s].

    `increments`, (6,), are the true integrals of body rate [rad] and specific force [m/s], base_link.
    """
    faults, errors, root, walk = imu.faults, imu.errors, math.sqrt(dt), 0.0
    if walks(imu, dt):
        walk, imu.unwalked = math.sqrt(imu.unwalked + dt), 0.0
    else:
        imu.unwalked += dt
    stuck = active(faults, _STUCK) and imu.taken == 1
    imu.taken = 1
    gain, noise = 1.0 + fault(faults, _SCALE), fault(faults, _NOISE)
    offset = fault(faults, _BIAS) + once(faults, _SPIKE)
    for i in range(6):
        errors[i, 0] += errors[i, 2] * walk * imu.walk_draws[i]
        true, quantum = increments[i] / dt, errors[i, 4]
        if i >= 3:
            true = gain * true + noise * imu.fault_draws[i - 3] + offset
        increment = ((1.0 + errors[i, 1]) * true + errors[i, 0]) * dt + errors[i, 3] * root * imu.draws[i]
        if quantum > 0.0:
            # What does not fill a quantum is not lost, it comes with the next sample.
            total = increment + errors[i, 5]
            increment = quantum * np.rint(total / quantum)
            errors[i, 5] = total - increment
        if not stuck and i < 3:
            imu.rate[i] = increment / dt
        elif not stuck:
            imu.force[i - 3] = increment / dt


@compiled
def _walks(imu: np.ndarray, dt: float) -> bool:
    return walks(imu[0], dt)


@compiled
def _measure(imu: np.ndarray, dt: float, increments: np.ndarray) -> None:
    measure(imu[0], dt, increments)

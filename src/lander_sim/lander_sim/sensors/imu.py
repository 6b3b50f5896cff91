"""Inertial measurement unit: mean body rate and specific force, as delta angles and delta velocities."""

import math
from dataclasses import dataclass

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import STANDARD_GRAVITY
from lander_common.parameters import Parameters, parameter
from lander_common.samples import ImuSample
from lander_sim.sensors.sensor import Sensor

_DEG_PER_HOUR = math.radians(1.0) / 3600.0  # [rad/s]
_MICRO_G = 1e-6 * STANDARD_GRAVITY  # [m/s^2]
_ROOT_HOUR = 60.0  # [sqrt(s)]
_PPM = 1e-6


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

    def __init__(self, parameters: ImuParameters, rng: np.random.Generator):
        """Turn on: draw biases and scale factor errors."""
        super().__init__()
        p, self._rng = parameters, rng
        draws = rng.standard_normal((2, 6))
        gyro = [p.gyro_bias_deg_h * _DEG_PER_HOUR, p.gyro_scale_ppm * _PPM,
                p.gyro_bias_walk_deg_h * _DEG_PER_HOUR / _ROOT_HOUR,
                math.radians(p.gyro_noise_deg_rt_h) / _ROOT_HOUR, p.gyro_quantum_rad]
        accelerometer = [p.accel_bias_ug * _MICRO_G, p.accel_scale_ppm * _PPM,
                         p.accel_bias_walk_ug * _MICRO_G / _ROOT_HOUR,
                         p.accel_noise_m_s_rt_h / _ROOT_HOUR, p.accel_quantum_m_s]
        self._errors = np.array([[*gyro, 0.0]] * 3 + [[*accelerometer, 0.0]] * 3)
        self._errors[:, :2] *= draws.T
        self._draws = np.empty((3, 6))
        self._last: np.ndarray | None = None  # (2, 3)

    def sample(self, time: float, dt: float, increments: np.ndarray) -> ImuSample:
        """Measure the interval of dt [s] that ends at `time`.

        `increments`, (2, 3), are the true integrals of body rate [rad] and specific force [m/s], base_link.
        """
        gain, noise, offset = 1.0, 0.0, 0.0
        if self._faults:
            gain, noise = 1.0 + self._fault('scale'), self._fault('noise')
            offset = self._fault('bias') + self._once('spike')
        draws, measured = self._rng.standard_normal(out=self._draws), np.empty((2, 3))
        _measure(increments, dt, draws, gain, noise, offset, self._errors, measured)
        if 'stuck' in self._faults and self._last is not None:
            measured = self._last.copy()
        self._last = measured
        return ImuSample(time, measured[0], measured[1])


@compiled
def _measure(increments: np.ndarray, dt: float, draws: np.ndarray, gain: float, noise: float, offset: float,
             errors: np.ndarray, result: np.ndarray) -> None:
    """Write to `result`, (2, 3), what three gyros and three accelerometers read in the mean over dt [s].

    `gain`, `noise` and `offset` are those of faulty accelerometers. `errors`, (6, 6), holds per instrument:
    bias, scale factor error, random walk of the bias, noise density, quantum, and what of the last increment
    did not fill a quantum. The first and the last are updated.
    """
    root = math.sqrt(dt)
    for i in range(6):
        bias, scale, walk, density, quantum, carry = errors[i]
        bias += walk * root * draws[0, i]
        true = increments[i // 3, i % 3] / dt
        if i >= 3:
            true = gain * true + noise * draws[2, i] + offset
        increment = ((1.0 + scale) * true + bias) * dt + density * root * draws[1, i]
        if quantum > 0.0:
            # What does not fill a quantum is not lost, it comes with the next sample.
            total = increment + carry
            increment = quantum * np.rint(total / quantum)
            errors[i, 5] = total - increment
        errors[i, 0] = bias
        result[i // 3, i % 3] = increment / dt

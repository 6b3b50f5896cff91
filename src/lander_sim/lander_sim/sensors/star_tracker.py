"""Star tracker: attitude in the Moon-fixed frame, less certain about the boresight than across it."""

import math
from dataclasses import dataclass

import numpy as np

from lander_common import rotations
from lander_common.compiled import compiled
from lander_common.parameters import ParameterError, Parameters, parameter
from lander_common.samples import AttitudeFix
from lander_sim.sensors.sensor import PeriodicSensor

_ARCSEC = math.radians(1.0 / 3600.0)


@dataclass(frozen=True)
class StarTrackerParameters(Parameters):
    """A small star tracker; all values assumed, of the class of present CubeSat and micro-satellite ones."""

    rate_hz: float = parameter(5.0, unit='Hz', minimum=0.01, maximum=100, doc='Attitudes per second')
    boresight: list[float] = parameter([1.0, 0.0, 1.0], doc='Direction of view in base_link; sees the sky'
                                       ' upright and while braking')
    cross_sigma_arcsec: float = parameter(
        10.0, unit='arcsec', minimum=0.01, maximum=36000, doc='Noise about each axis across the boresight')
    roll_sigma_arcsec: float = parameter(
        60.0, unit='arcsec', minimum=0.01, maximum=36000, doc='Noise about the boresight')
    max_rate_deg_s: float = parameter(
        2.0, unit='deg/s', minimum=0.001, maximum=1000, doc='Stars smear at a higher body rate')

    def __post_init__(self) -> None:
        """Check also that the boresight is a direction."""
        super().__post_init__()
        if len(self.boresight) != 3 or not any(self.boresight):
            raise ParameterError('boresight', self.boresight, 'three numbers, not all zero')


class StarTracker(PeriodicSensor):
    """One star tracker."""

    faults = {
        'bias': (-math.pi, math.pi, 'constant rotation error about each axis of base_link [rad]'),
        'noise': (0.0, math.pi, 'standard deviation of additional noise about each axis [rad]'),
        'spike': (-math.pi, math.pi, 'rotation error about each axis of the next attitude only [rad]'),
        'stuck': (-math.inf, math.inf, 'not used: the last attitude is repeated'),
        'dropout': (0.0, 1.0, 'probability that an attitude is lost [-]'),
    }

    def __init__(self, parameters: StarTrackerParameters, rng: np.random.Generator):
        """Make a healthy tracker."""
        super().__init__(parameters.rate_hz)
        self.parameters, self._rng = parameters, rng
        self._axis = np.array(parameters.boresight) / np.linalg.norm(parameters.boresight)
        self._cross = parameters.cross_sigma_arcsec * _ARCSEC
        self._roll = parameters.roll_sigma_arcsec * _ARCSEC
        self._variance = self._cross**2 + (self._roll**2 - self._cross**2) * self._axis**2
        self._last: np.ndarray | None = None

    def sample(self, time: float, q_moon_body: np.ndarray, body_rate: np.ndarray) -> AttitudeFix | None:
        """Return the attitude at `time` [s], None if none is due or it is lost.

        Args:
            time: [s]; asked less often than `rate_hz`, the tracker answers every time.
            q_moon_body: true attitude, (4,).
            body_rate: true rate relative to inertial space [rad/s] base_link, (3,).
        """
        if not self._begin(time):
            return None
        chance, noise = self._rng.random(), self._rng.standard_normal((2, 3))
        if chance < self._fault('dropout'):
            return None
        rate, limit = math.degrees(rotations.norm(body_rate)), self.parameters.max_rate_deg_s
        if rate > limit:
            nothing = np.full(4, math.nan)
            return AttitudeFix(time, False, f'body rate {rate:.2f} deg/s is above {limit:g} deg/s',
                               nothing, nothing[:3])
        if 'stuck' not in self._faults or self._last is None:
            self._last = _turn(q_moon_body, noise, self._axis, self._cross, self._roll, self._fault('noise'),
                               self._fault('bias'), self._once('spike'))
        return AttitudeFix(time, True, '', self._last.copy(), self._variance.copy())


@compiled
def _turn(q: np.ndarray, noise: np.ndarray, axis: np.ndarray, cross: float, roll: float, fault_noise: float,
          bias: float, spike: float) -> np.ndarray:
    """Return q, (4,), turned by errors across the axis and about it, and by the faults [rad].

    The rows of `noise`, (2, 3), are standard normal: for the tracker and for the fault.
    """
    along = noise[0, 0] * axis[0] + noise[0, 1] * axis[1] + noise[0, 2] * axis[2]
    error = np.empty(3)
    for i in range(3):
        error[i] = cross * noise[0, i] + (roll - cross) * along * axis[i]
        error[i] += fault_noise * noise[1, i] + bias + spike
    return rotations.multiply(q, rotations.from_rotation_vector(error))

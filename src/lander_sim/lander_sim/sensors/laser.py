"""The laser link: whether the echo of one pulse is strong enough, and what range it gives.

The beam fills its target, so the signal goes with reflectance x cos(incidence) / range^2.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lander_common.parameters import Parameters, parameter
from lander_sim.sensors.sensor import Sensor

NOMINAL_DETECTION = 0.9  # [-] probability at the rated range, as in the data sheets


@dataclass(frozen=True)
class LaserParameters(Parameters):
    """One laser range finder."""

    rated_range_m: float = parameter(
        3000.0, unit='m', minimum=1, maximum=1e5,
        doc='Where 90 % of the pulses are detected, on nominal ground at normal incidence')
    nominal_reflectance: float = parameter(0.1, minimum=1e-3, maximum=1, doc='Of the nominal ground')
    detection_width_db: float = parameter(
        0.1, unit='dB', minimum=1e-3, maximum=10, doc='Width of the step of the detection probability')
    degradation_db: float = parameter(0.0, unit='dB', minimum=0, maximum=100, doc='Loss of signal')
    noise_m: float = parameter(0.3, unit='m', minimum=0, maximum=100, doc='Standard deviation of a range')
    min_range_m: float = parameter(1.0, unit='m', minimum=0.01, maximum=1e4, doc='No echo from nearer')
    max_range_m: float = parameter(25e3, unit='m', minimum=1, maximum=99e3, doc='No echo from farther')


@dataclass(frozen=True, slots=True)
class Echo:
    """What came of one pulse."""

    time: float  # [s] of the pulse
    detected: bool
    range_m: float  # [m] NaN if not detected


class LaserModel(Sensor):
    """A laser that can be degraded; every pulse takes the same number of random numbers."""

    faults: ClassVar = {
        'no_return': (-math.inf, math.inf, 'not used: no pulse is detected'),
        'loss_db': (0.0, 200.0, 'loss of signal [dB]'),
        'latency': (0.0, 60.0, 'added to the time the device takes to answer [s]'),
        'bias': (-1e5, 1e5, 'added to every range [m]'),
        'scale': (-1.0, 10.0, 'added to every range, as a fraction of it [-]'),
        'noise': (0.0, 1e5, 'standard deviation of additional noise [m]'),
        'stuck': (0.0, 1e5, 'the range that is always given [m]; 0: the last one'),
        'spike': (-1e5, 1e5, 'added to the next range only [m]'),
        'dropout': (0.0, 1.0, 'probability that an echo is lost [-]'),
    }

    def __init__(self, parameters: LaserParameters, rng: np.random.Generator):
        """Make a healthy laser."""
        super().__init__()
        self.parameters = parameters
        self._rng = rng
        self._last_range = math.nan

    @property
    def extra_latency(self) -> float:
        """What the fault `latency` adds to the answer time of the device [s]."""
        return self._fault('latency')

    def margin_db(self, slant_range: float, cos_incidence: float, reflectance: float) -> float:
        """Return the signal relative to that from nominal ground at the rated range [dB]."""
        p = self.parameters
        signal = reflectance * cos_incidence / p.nominal_reflectance * (p.rated_range_m / slant_range) ** 2
        if signal <= 0.0:
            return -math.inf
        return 10.0 * math.log10(signal) - p.degradation_db - self._fault('loss_db')

    def detection_probability(self, slant_range: float, cos_incidence: float,
                              reflectance: float | None = None) -> float:
        """Return how likely an echo is: a logistic step in dB, 90 % at margin 0."""
        p = self.parameters
        if not p.min_range_m <= slant_range <= p.max_range_m:
            return 0.0
        rho = p.nominal_reflectance if reflectance is None else reflectance
        step = self.margin_db(slant_range, cos_incidence, rho) / p.detection_width_db
        odds = NOMINAL_DETECTION / (1.0 - NOMINAL_DETECTION) * math.exp(min(max(step, -500.0), 500.0))
        return odds / (1.0 + odds)

    def fire(self, time: float, slant_range: float, cos_incidence: float,
             reflectance: float | None = None) -> Echo:
        """Fire one pulse at ground `slant_range` m away; reflectance None is nominal.

        A beam that meets no ground has the slant range infinity.
        """
        chance, lost = self._rng.random(2)
        noise = self._rng.standard_normal(2)
        detected = bool(chance < self.detection_probability(slant_range, cos_incidence, reflectance))
        if 'no_return' in self._faults or lost < self._fault('dropout'):
            detected = False
        elif 'stuck' in self._faults and (self._fault('stuck') > 0.0 or math.isfinite(self._last_range)):
            return Echo(time, True, self._fault('stuck') or self._last_range)
        if not detected:
            return Echo(time, False, math.nan)
        measured = (slant_range * (1.0 + self._fault('scale')) + self._fault('bias')
                    + self.parameters.noise_m * noise[0] + self._fault('noise') * noise[1]
                    + self._once('spike'))
        self._last_range = float(measured)
        return Echo(time, True, self._last_range)

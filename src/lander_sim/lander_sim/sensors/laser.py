"""The laser link: whether the echo of one pulse is strong enough, and what range it gives.

The beam fills its target, so the signal goes with reflectance x cos(incidence) / range^2.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lander_common.compiled import compiled
from lander_common.parameters import Parameters, parameter
from lander_sim.sensors.sensor import Sensor, active, fault, once

NOMINAL_DETECTION = 0.9  # [-] probability at the rated range, as in the data sheets
_NEVER = 1e-15  # [-] an echo less probable than this need not be looked for
_NO_RETURN, _LOSS_DB, LATENCY, _BIAS, _SCALE, _NOISE, _STUCK, _SPIKE, _DROPOUT, UNPLUGGED = range(10)

LASER = np.dtype([
    ('rated_range', float), ('reflectance', float),  # [m], [-]
    ('width_db', float), ('loss_db', float),  # [dB]
    ('noise', float), ('nearest', float), ('farthest', float),  # [m]
    ('last', float),  # [m] the last range measured; NaN: none
    ('faults', float, 10),
    ('chances', float, 2), ('draws', float, 2),  # [-] uniform; standard normal: laser, fault
])
"""State of a laser."""


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
        'unplugged': (-math.inf, math.inf, 'not used: the device is off its link and without power'),
    }

    def __init__(self, parameters: LaserParameters, rng: np.random.Generator,
                 record: np.ndarray | None = None):
        """Make a healthy laser. `record`: (1,) of LASER to work on."""
        super().__init__(LASER, record)
        p, self.stream, state = parameters, rng, self._state
        self.parameters = p
        state['rated_range'], state['reflectance'] = p.rated_range_m, p.nominal_reflectance
        state['width_db'], state['loss_db'] = p.detection_width_db, p.degradation_db
        state['noise'], state['nearest'], state['farthest'] = p.noise_m, p.min_range_m, p.max_range_m
        state['last'] = math.nan

    @property
    def extra_latency(self) -> float:
        """What the fault `latency` adds to the answer time of the device [s]."""
        latency = float(self._faults[LATENCY])
        return 0.0 if math.isnan(latency) else latency

    @property
    def unplugged(self) -> bool:
        """Whether the device that holds the laser has been taken off its link."""
        return not math.isnan(self._faults[UNPLUGGED])

    @property
    def reach(self) -> float:
        """Range [m] beyond which nominal ground gives no echo."""
        return _reach(self.record)

    def margin_db(self, slant_range: float, cos_incidence: float, reflectance: float) -> float:
        """Return the signal relative to that from nominal ground at the rated range [dB]."""
        return _margin(self.record, slant_range, cos_incidence, reflectance)

    def detection_probability(self, slant_range: float, cos_incidence: float,
                              reflectance: float | None = None) -> float:
        """Return how likely an echo is: a logistic step in dB, 90 % at margin 0."""
        rho = self.parameters.nominal_reflectance if reflectance is None else reflectance
        return _probability(self.record, slant_range, cos_incidence, rho)

    def fire(self, time: float, slant_range: float, cos_incidence: float,
             reflectance: float | None = None) -> Echo:
        """Fire one pulse at ground `slant_range` m away; reflectance None is nominal.

        A beam that meets no ground has the slant range infinity.
        """
        self.stream.random(out=self._state['chances'])
        self.stream.standard_normal(out=self._state['draws'])
        rho = self.parameters.nominal_reflectance if reflectance is None else reflectance
        range_m = _echo(self.record, slant_range, cos_incidence, rho)
        return Echo(time, not math.isnan(range_m), range_m)


@compiled
def draw(laser: np.void, rng: np.random.Generator) -> None:
    """Draw the random numbers of one pulse."""
    for i in range(2):
        laser.chances[i] = rng.random()
    for i in range(2):
        laser.draws[i] = rng.standard_normal()


@compiled
def margin(laser: np.void, slant_range: float, cosine: float, reflectance: float) -> float:
    """Return the signal relative to that from nominal ground at the rated range [dB]."""
    ratio = laser.rated_range / slant_range
    signal = reflectance * cosine / laser.reflectance * (ratio * ratio)
    if signal <= 0.0:
        return -np.inf
    return 10.0 * math.log10(signal) - laser.loss_db - fault(laser.faults, _LOSS_DB)


@compiled
def reach(laser: np.void) -> float:
    """Return the range [m] beyond which nominal ground gives no echo, even at normal incidence."""
    odds = _NEVER * (1.0 - NOMINAL_DETECTION) / NOMINAL_DETECTION
    weakest = laser.width_db * math.log(odds) + laser.loss_db + fault(laser.faults, _LOSS_DB)
    return min(laser.farthest, laser.rated_range * 10.0 ** (-0.05 * weakest))


@compiled
def probability(laser: np.void, slant_range: float, cosine: float, reflectance: float) -> float:
    """Return how likely an echo is."""
    if not laser.nearest <= slant_range <= laser.farthest:
        return 0.0
    step = margin(laser, slant_range, cosine, reflectance) / laser.width_db
    odds = NOMINAL_DETECTION / (1.0 - NOMINAL_DETECTION) * math.exp(min(max(step, -500.0), 500.0))
    return odds / (1.0 + odds)


@compiled
def echo(laser: np.void, slant_range: float, cosine: float, reflectance: float) -> float:
    """Return the range [m] that one pulse gives, NaN if it is not detected."""
    faults = laser.faults
    detected = laser.chances[0] < probability(laser, slant_range, cosine, reflectance)
    if active(faults, _NO_RETURN) or laser.chances[1] < fault(faults, _DROPOUT):
        return np.nan
    if active(faults, _STUCK) and (fault(faults, _STUCK) > 0.0 or np.isfinite(laser.last)):
        return fault(faults, _STUCK) if fault(faults, _STUCK) > 0.0 else laser.last
    if not detected:
        return np.nan
    laser.last = (slant_range * (1.0 + fault(faults, _SCALE)) + fault(faults, _BIAS)
                  + laser.noise * laser.draws[0] + fault(faults, _NOISE) * laser.draws[1]
                  + once(faults, _SPIKE))
    return laser.last


@compiled
def _reach(laser: np.ndarray) -> float:
    return reach(laser[0])


@compiled
def _margin(laser: np.ndarray, slant_range: float, cosine: float, reflectance: float) -> float:
    return margin(laser[0], slant_range, cosine, reflectance)


@compiled
def _probability(laser: np.ndarray, slant_range: float, cosine: float, reflectance: float) -> float:
    return probability(laser[0], slant_range, cosine, reflectance)


@compiled
def _echo(laser: np.ndarray, slant_range: float, cosine: float, reflectance: float) -> float:
    return echo(laser[0], slant_range, cosine, reflectance)

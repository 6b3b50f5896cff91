"""Star tracker: attitude in the Moon-fixed frame, less certain about the boresight than across it."""

import math
from dataclasses import dataclass

import numpy as np

from lander_common import rotations
from lander_common.compiled import compiled
from lander_common.parameters import ParameterError, Parameters, parameter
from lander_common.samples import AttitudeFix
from lander_sim.sensors.sensor import PERIODIC, PeriodicSensor, active, fault, once

_ARCSEC = math.radians(1.0 / 3600.0)
_BIAS, _NOISE, _SPIKE, _STUCK, _DROPOUT = range(5)

STAR_TRACKER = np.dtype([
    *PERIODIC,
    ('valid', np.int64),
    ('q', float, 4),  # q_moon_body; NaN: not valid
    ('variance', float, 3),  # [rad^2] about the base_link axes; NaN: not valid
    ('rate_deg_s', float),  # [deg/s] of the body
    ('axis', float, 3), ('cross', float), ('roll', float),  # boresight; [rad] noise across and about it
    ('variances', float, 3), ('max_rate_deg_s', float),
    ('last', float, 4),  # the last attitude measured; NaN: none
    ('faults', float, 5),
    ('chance', float), ('draws', float, (2, 3)),  # [-] uniform; standard normal: tracker, fault
])
"""State of a star tracker."""


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

    def __init__(self, parameters: StarTrackerParameters, rng: np.random.Generator,
                 record: np.ndarray | None = None):
        """Make a healthy tracker. `record`: (1,) of STAR_TRACKER to work on."""
        super().__init__(STAR_TRACKER, parameters.rate_hz, record)
        self.parameters, self.stream, state = parameters, rng, self._state
        axis = np.array(parameters.boresight) / np.linalg.norm(parameters.boresight)
        cross, roll = parameters.cross_sigma_arcsec * _ARCSEC, parameters.roll_sigma_arcsec * _ARCSEC
        state['axis'], state['cross'], state['roll'] = axis, cross, roll
        state['variances'] = cross**2 + (roll**2 - cross**2) * axis**2
        state['max_rate_deg_s'], state['last'] = parameters.max_rate_deg_s, math.nan

    def sample(self, time: float, q_moon_body: np.ndarray, body_rate: np.ndarray) -> AttitudeFix | None:
        """Return the attitude at `time` [s], None if none is due or it is lost.

        Args:
            time: [s]; asked less often than `rate_hz`, the tracker answers every time.
            q_moon_body: true attitude, (4,).
            body_rate: true rate relative to inertial space [rad/s] base_link, (3,).
        """
        state = self._state
        if not self._begin(time):
            return None
        state['chance'] = self.stream.random()
        self.stream.standard_normal(out=state['draws'])
        _measure(self.record, q_moon_body, body_rate)
        return self.fix(time)

    def fix(self, time: float) -> AttitudeFix | None:
        """Return what the record says of `time` [s]."""
        state = self._state
        if not state['due']:
            return None
        reason = '' if state['valid'] else (
            f'body rate {state["rate_deg_s"]:.2f} deg/s is above {state["max_rate_deg_s"]:g} deg/s')
        return AttitudeFix(time, bool(state['valid']), reason, state['q'].copy(), state['variance'].copy())


@compiled
def draw(tracker: np.void, rng: np.random.Generator) -> None:
    """Draw the noise of one sample."""
    tracker.chance = rng.random()
    for i in range(2):
        for k in range(3):
            tracker.draws[i, k] = rng.standard_normal()


@compiled
def measure(tracker: np.void, q: np.ndarray, rate: np.ndarray) -> None:
    """Write to `q`, `variance` and `valid` what is seen at attitude q, (4,), and body rate [rad/s], (3,)."""
    faults, draws, axis = tracker.faults, tracker.draws, tracker.axis
    if tracker.chance < fault(faults, _DROPOUT):
        return
    tracker.due, tracker.rate_deg_s = 1, math.degrees(rotations.norm(rate))
    tracker.valid = 1 if tracker.rate_deg_s <= tracker.max_rate_deg_s else 0
    if tracker.valid == 0:
        tracker.q[:] = tracker.variance[:] = np.nan
        return
    if not active(faults, _STUCK) or np.isnan(tracker.last[0]):
        along = draws[0, 0] * axis[0] + draws[0, 1] * axis[1] + draws[0, 2] * axis[2]
        offset = fault(faults, _BIAS) + once(faults, _SPIKE)
        error = np.empty(3)
        for i in range(3):
            error[i] = tracker.cross * draws[0, i] + (tracker.roll - tracker.cross) * along * axis[i]
            error[i] += fault(faults, _NOISE) * draws[1, i] + offset
        tracker.last[:] = rotations.multiply(q, rotations.from_rotation_vector(error))
    tracker.q[:], tracker.variance[:] = tracker.last, tracker.variances


@compiled
def _measure(tracker: np.ndarray, q: np.ndarray, rate: np.ndarray) -> None:
    measure(tracker[0], q, rate)

"""The navigation filter for Python: samples in, samples out; all that it remembers is in its record."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.samples import (
    AttitudeFix,
    GroundBelief,
    ImuSample,
    Navigation,
    RangeSample,
    StateVector,
    VelocitySample,
)
from lander_common.site import Site
from lander_common.vehicle import Vehicle
from lander_estimation import belief, step
from lander_estimation.initial_state import initial_state
from lander_estimation.model import new_record
from lander_estimation.parameters import EstimatorParameters
from lander_estimation.record import GROUND_VELOCITY, IMU, RANGE, RANGE_2, STAR_TRACKER, TERRAIN_MAP
from lander_estimation.status import AidStatus, SensorHealth, health, hypotheses, take_statuses


class NavigationFilter:
    """Position, velocity, attitude, IMU biases, terrain height, range bias, relative to the rotating Moon."""

    def __init__(self, parameters: EstimatorParameters, vehicle: Vehicle, site: Site):
        """Wait for `initialise`; until then `step` returns None."""
        self._parameters, self._site = parameters, site
        self.record = new_record(parameters, vehicle, site)
        """Array of one ESTIMATOR."""

    @property
    def initialised(self) -> bool:
        """Whether a state vector has been received."""
        return bool(self.record[0]['initialised'])

    @property
    def terrain_variance(self) -> float:
        """Variance of the terrain height below the lander [m^2] as of the last step; NaN before the start."""
        return float(self.record[0]['cov_now'][15, 15]) if self.initialised else math.nan

    def initialise(self, state: StateVector) -> None:
        """Start, or start again, from a state vector.

        Raises:
            ValueError: it holds something that is not a number, or a covariance that is none.
        """
        x, cov = initial_state(state, self._parameters, self._site, self.record)
        self.record['x'], self.record['cov'] = x, cov
        self.record['x_now'], self.record['cov_now'] = x, cov
        _start(self.record, state.time)

    def add_range(self, sample: RangeSample) -> None:
        """Queue a shot of the range finder."""
        _add_range(self.record, sample.time, sample.received, sample.validity, sample.range_m,
                   sample.variance, sample.beam)

    def add_attitude(self, sample: AttitudeFix) -> None:
        """Queue an attitude fix."""
        _add_attitude(self.record, sample.time, sample.valid, sample.q_moon_body, sample.variance)

    def add_velocity(self, sample: VelocitySample) -> None:
        """Queue a velocity sample."""
        _add_velocity(self.record, sample.time, sample.velocity, sample.variance)

    def step(self, sample: ImuSample) -> Navigation | None:
        """Advance to the time of an IMU sample and return the estimate for it.

        None before the state vector has arrived or for a sample from before it. A repeated or backward
        sample changes nothing and returns the last estimate. A sample that holds something that is not a
        number is replaced by the one before it, at a price in covariance.
        """
        if not _step(self.record, sample.time, sample.angular_velocity, sample.specific_force):
            return None
        return belief.navigation(self.record)

    def ground(self) -> GroundBelief | None:
        """Return where the ground is believed to be now; None before the start."""
        if not self.initialised:
            return None
        _update_ground(self.record)
        return belief.ground(self.record)

    def status_due(self, time: float) -> bool:
        """Return whether `time` [s] has reached another tenth of a second since the last call."""
        return _status_due(self.record, time)

    def take_aid_statuses(self) -> list[AidStatus]:
        """Return what became of the measurements since the last call, in order; of the latest, if many."""
        return take_statuses(self.record[0])

    def sensor_states(self) -> list[SensorHealth]:
        """Return the health of the IMU and of every aid source."""
        sources = [IMU, RANGE, STAR_TRACKER, GROUND_VELOCITY]
        if self._parameters.range_beams > 1:
            sources.append(RANGE_2)
        if self._parameters.terrain_map_file:
            sources.append(TERRAIN_MAP)
        return [health(self.record[0], source) for source in sources]

    def hypotheses(self) -> dict[str, float]:
        """Return the explanations of rejected ranges that are weighed now, and their probabilities.

        Empty if the ranges need no explanation.
        """
        return hypotheses(self.record[0])


@compiled
def _start(record: np.ndarray, time: float) -> None:
    step.start(record[0], time)


@compiled
def _step(record: np.ndarray, time: float, rate: np.ndarray, force: np.ndarray) -> bool:
    return step.step(record[0], time, rate, force)


@compiled
def _add_range(record: np.ndarray, time: float, received: float, validity: int, range_m: float,
               variance: float, beam: int) -> None:
    step.add_range(record[0], time, received, validity, range_m, variance, beam)


@compiled
def _add_attitude(record: np.ndarray, time: float, valid: bool, q: np.ndarray, variance: np.ndarray) -> None:
    step.add_attitude(record[0], time, valid, q, variance)


@compiled
def _add_velocity(record: np.ndarray, time: float, velocity: np.ndarray, variance: np.ndarray) -> None:
    step.add_velocity(record[0], time, velocity, variance)


@compiled
def _update_ground(record: np.ndarray) -> None:
    step.update_ground(record[0])


@compiled
def _status_due(record: np.ndarray, time: float) -> bool:
    return step.status_due(record[0], time)

"""The navigation filter: an error-state Kalman filter that lives at a fixed fusion horizon.

The filter state trails behind now by the horizon. Measurements wait until it reaches their time of
validity and are fused exactly there, so that neither latency nor order of arrival changes a result. The
estimate for now is the filter state carried through the IMU intervals since.
"""

import math
from typing import Any

import numpy as np

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
from lander_estimation import covariance, fusion, layout, model
from lander_estimation.aiding.attitude import AttitudeAid
from lander_estimation.aiding.range import RangeAid
from lander_estimation.aiding.source import AidSource
from lander_estimation.aiding.velocity import VelocityAid
from lander_estimation.belief import Viewpoint, altitude
from lander_estimation.imu_input import ImuInput
from lander_estimation.initial_state import initial_state
from lander_estimation.measurement_queue import TOLERANCE, MeasurementQueue
from lander_estimation.parameters import EstimatorParameters
from lander_estimation.propagation import propagate_rows
from lander_estimation.schedule import StatusSchedule
from lander_estimation.status import AidStatus, Outcome, SensorHealth, SensorMonitor


class NavigationFilter:
    """Position, velocity, attitude, IMU biases and terrain height, relative to the rotating Moon."""

    def __init__(self, parameters: EstimatorParameters, vehicle: Vehicle, site: Site):
        """Wait for `initialise`; until then `step` returns None."""
        self._parameters = parameters
        self._site = site
        self._model = model.pack(parameters, site)
        self._range = RangeAid(parameters, vehicle, self._model)
        self._attitude = AttitudeAid(parameters)
        self._velocity = VelocityAid(parameters)
        aids: tuple[AidSource, ...] = (self._range, self._attitude, self._velocity)
        self._ranks = {aid.name: rank for rank, aid in enumerate(aids)}
        self._monitors = {aid.name: SensorMonitor(aid.name, parameters.sensor_timeout_s) for aid in aids}
        self._imu = ImuInput(parameters)
        self._queue = MeasurementQueue()
        self._statuses: list[AidStatus] = []
        self._viewpoint = Viewpoint(site)
        self._x: np.ndarray | None = None  # at the fusion horizon
        self._navigation: Navigation | None = None

    @property
    def initialised(self) -> bool:
        """Whether a state vector has been received."""
        return self._x is not None

    @property
    def terrain_variance(self) -> float:
        """Variance of the terrain height below the lander [m^2]; NaN before the start."""
        return float(self._cov_now[-1, -1]) if self.initialised else math.nan

    def initialise(self, state: StateVector) -> None:
        """Start, or start again, from a state vector.

        Raises:
            ValueError: it holds something that is not a number, or a covariance that is none.
        """
        x, cov = initial_state(state, self._parameters, self._site, self._model)
        if not (math.isfinite(state.time) and np.isfinite(x).all() and np.isfinite(cov).all()):
            raise ValueError('state vector holds something that is not a number')
        if np.linalg.eigvalsh(cov).min() < -1e-9 * cov.max():
            raise ValueError('covariance of the state vector is not positive semi-definite')
        self._x, self._cov = x, cov
        self._x_now, self._cov_now = x.copy(), cov.copy()
        self._time = state.time
        self._covariance_schedule = StatusSchedule()
        self._imu.start(state.time)
        self._navigation = None

    def add_range(self, sample: RangeSample) -> None:
        """Queue a shot of the range finder."""
        self._add(self._range, sample)

    def add_attitude(self, sample: AttitudeFix) -> None:
        """Queue an attitude fix."""
        self._add(self._attitude, sample)

    def add_velocity(self, sample: VelocitySample) -> None:
        """Queue a velocity sample."""
        self._add(self._velocity, sample)

    def step(self, sample: ImuSample) -> Navigation | None:
        """Advance to the time of an IMU sample and return the estimate for it.

        None before the state vector has arrived or for a sample from before it. A repeated or backward
        sample changes nothing and returns the last estimate. A sample that holds something that is not a
        number is replaced by the one before it, at a price in covariance. The covariances of the estimate
        are those of the last tenth of a second.
        """
        if self._x is None:
            return None
        if self._navigation is None and sample.time == self._imu.now:
            self._imu.begin(sample)
        elif not self._imu.accept(sample, self._x_now, self._model):
            return self._navigation
        rows = self._imu.buffer.rows
        propagate_rows(self._x_now, rows[len(rows) - self._imu.added:], self._model)
        if self._advance(self._imu.now - self._parameters.horizon_s):
            self._x_now = self._x.copy()
            propagate_rows(self._x_now, self._imu.buffer.rows, self._model)
        if self._covariance_schedule.due(self._imu.now):
            self._cov_now = covariance.predict_to(self._cov, self._x_now, self._imu.buffer.rows, self._model)
            self._viewpoint.see(self._x_now, self._cov_now)
        self._navigation = self._viewpoint.navigation(self._imu.now, self._x_now, self._imu.last_rate)
        return self._navigation

    def ground(self) -> GroundBelief | None:
        """Return where the ground is believed to be now; None before the start."""
        if self._x is None:
            return None
        height, variance = altitude(self._x_now, self._cov_now)
        variance += self._range.terrain_aside(self._x_now)
        spread = self._parameters.bound_sigma * math.sqrt(variance)
        lower = min(height, max(0.0, height - spread))
        return GroundBelief(self._imu.now, float(self._x_now[layout.TERRAIN]), height, lower, height + spread)

    def take_aid_statuses(self) -> list[AidStatus]:
        """Return what became of the measurements since the last call, in order."""
        taken, self._statuses = self._statuses, []
        return taken

    def sensor_states(self) -> list[SensorHealth]:
        """Return the health of the IMU and of every aid source."""
        now = self._imu.now
        return [self._imu.monitor.health(now), *(monitor.health(now) for monitor in self._monitors.values())]

    def _add(self, aid: AidSource, sample: Any) -> None:
        if aid.is_empty(sample):
            self._monitors[aid.name].count_empty(self._imu.now)
            return
        key = sample.time, self._ranks[aid.name], aid.key(sample)
        reason = aid.defect(sample) or self._untimely(sample.time) or self._queue.add(key, (aid, sample))
        if reason and reason != 'duplicate':
            self._report(AidStatus(sample.time, aid.name, Outcome.REJECTED, reason))

    def _untimely(self, time: float) -> str:
        if not math.isfinite(time):
            return 'time is not a number'
        if self._x is None:
            return 'no state vector yet'
        if time < self._time - TOLERANCE:
            return 'older than the fusion horizon'
        if time > self._imu.now + self._parameters.future_limit_s:
            return 'from the future'
        return ''

    def _advance(self, horizon: float) -> bool:
        """Move the filter state over whole IMU intervals up to `horizon`; return whether it fused."""
        fused = False
        buffer = self._imu.buffer
        while len(buffer) and (end := buffer.first_end) <= horizon + TOLERANCE:
            time = self._queue.next_time()
            if time <= self._time + TOLERANCE:
                aid, sample = self._queue.pop()
                self._report(fusion.fuse(aid, sample, self._x, self._cov))
                fused = True
                continue
            stop = time if time < end - TOLERANCE else end
            fused |= covariance.predict(self._x, self._cov, buffer.rows[0], stop - self._time, self._model)
            buffer.take(stop)
            self._time = stop
        return fused

    def _report(self, status: AidStatus) -> None:
        self._statuses.append(status)
        self._monitors[status.source].count(self._imu.now, status.outcome, status.time)

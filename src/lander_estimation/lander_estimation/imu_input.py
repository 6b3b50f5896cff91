"""The way of IMU samples into the filter: order, gaps, samples that are not numbers."""

import numpy as np

from lander_common.rotations import norm
from lander_common.samples import ImuSample
from lander_estimation.imu_buffer import ImuBuffer
from lander_estimation.parameters import EstimatorParameters
from lander_estimation.propagation import coasting
from lander_estimation.status import Outcome, SensorMonitor


class ImuInput:
    """Turns IMU samples into intervals without holes."""

    def __init__(self, parameters: EstimatorParameters):
        """Start with an empty buffer; `now` is NaN until `start`."""
        self._parameters = parameters
        self.buffer = ImuBuffer()
        self.monitor = SensorMonitor('imu', parameters.sensor_timeout_s)
        self.now = float('nan')  # [s] end of the last interval
        self.added = 0  # rows that the last accepted sample added
        self.last_rate, self._last_force = np.zeros(3), np.zeros(3)

    def start(self, time: float) -> None:
        """Begin at `time` [s] with an empty buffer."""
        self.buffer = ImuBuffer()
        self.now = time
        self.last_rate, self._last_force = np.zeros(3), np.zeros(3)

    def begin(self, sample: ImuSample) -> None:
        """Take note of the sample at the start itself, which ends no interval of interest."""
        self.added = 0
        if self._is_plausible(sample):
            self.last_rate, self._last_force = sample.angular_velocity, sample.specific_force
            self.monitor.count(self.now, Outcome.FUSED)

    def accept(self, sample: ImuSample, x: np.ndarray, model: np.ndarray) -> bool:
        """Append the interval that ends with `sample`; False if its time does not lie ahead of now."""
        if not sample.time > self.now or sample.time == float('inf'):
            if sample.time != self.now:
                self.monitor.count(self.now, Outcome.REJECTED)
            return False
        length = sample.time - self.now
        good = self._is_plausible(sample)
        if good:
            self.last_rate, self._last_force = sample.angular_velocity, sample.specific_force
        unpowered = coasting(x, self._last_force, length, model)
        limit = self._parameters.imu_coast_gap_s if unpowered else self._parameters.imu_gap_s
        gap = length if length > limit or not good else 0.0
        held = min(length, max(limit, self._parameters.imu_hold_s)) if gap else length
        self.added = 1
        if held < length:
            self._append(self.now, sample.time - held, np.zeros(3), x[10:13].copy(), gap)
            self.added = 2
        self._append(sample.time - held, sample.time, self.last_rate, self._last_force, gap)
        self.now = sample.time
        self.monitor.count(self.now, Outcome.REJECTED if gap else Outcome.FUSED)
        return True

    def _is_plausible(self, sample: ImuSample) -> bool:
        p = self._parameters
        # not a number fails both comparisons
        return (norm(sample.angular_velocity) <= p.imu_rate_limit
                and norm(sample.specific_force) <= p.imu_force_limit)

    def _append(self, start: float, end: float, rate: np.ndarray, force: np.ndarray, gap: float) -> None:
        self.buffer.append(start, end, rate, force, gap)

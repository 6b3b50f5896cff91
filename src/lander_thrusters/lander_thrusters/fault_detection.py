"""Finds the thruster that does not do as commanded, from the motion that the IMU measures."""

import math
from bisect import insort
from typing import NamedTuple

import numpy as np

from lander_common.compiled import compiled
from lander_common.rotations import cross
from lander_common.samples import ImuSample
from lander_common.vehicle import Vehicle
from lander_thrusters.fault_test import CALM, KINDS, SHOCK, judge, learn
from lander_thrusters.motion_model import MotionModel
from lander_thrusters.parameters import AllocatorParameters
from lander_thrusters.thrust_history import Cycle, ThrustHistory
from lander_thrusters.valves import TICK

_AFTER_SHOCK = 0.5  # [s] ground contact or a leap of the IMU: so long it is nobody's fault
_AFTER_FAULT = 0.3  # [s] what was in the lines burns off
_LARGEST_TURN = 0.3  # [rad] in a long cycle: beyond, its mean force says little
_LONGEST_SILENCE = 2.5  # [s] without IMU samples
_MOST_SAMPLES = 1000


class ThrusterFault(NamedTuple):
    """A thruster that is faulty, and how: one of fault_test.KINDS."""

    index: int
    kind: str


class FaultDetector:
    """Compares the motion commanded with the motion measured, window by window."""

    def __init__(self, parameters: AllocatorParameters, vehicle: Vehicle):
        """Start with no suspicion."""
        p, n = parameters, len(vehicle.thrusters)
        self._age, self._window, self._weak_loss = p.imu_age_s, p.evidence_window_s, p.weak_loss
        self._noise = np.array([p.accel_noise_m_s_rt_s, p.gyro_noise_rad_rt_s]) ** 2
        self._spread, self._drift_time = p.thrust_spread, p.drift_time_s
        # Wald: that many windows and hypotheses pass before one false alarm.
        self._threshold = math.log(3600.0 * p.false_alarm_h / p.evidence_window_s * len(KINDS) * n)
        self._model, self._history = MotionModel(p, vehicle), ThrustHistory(vehicle)
        self._samples: list[ImuSample] = []
        self._last_sample = math.nan
        self._state, self._cov = np.zeros((6, 3)), np.zeros((6, 3, 3))
        for cov, prior in zip(self._cov, self._model.prior):
            np.fill_diagonal(cov, prior)
        self._sums = np.zeros((len(KINDS), n))
        self._anchor: tuple[Cycle, np.ndarray] | None = None
        self._felt = np.zeros(6)
        self._quiet_until = self._shock_until = -math.inf
        self.trouble = ''
        """Why no fault can be found now; empty when all is well."""
        # Once with nothing felt, so that no cycle waits for the compiler.
        _feel(self._felt, np.zeros(3), np.zeros(3), 0.0, self._model.centre, self._model.inertia,
              self._model.inverse)
        self._judge(self._felt, np.zeros((2, n)), 1.0, 1.0, 1.0, self._cov.copy())

    def add_imu(self, sample: ImuSample) -> None:
        """Take a sample; it counts from `imu_age_s` after its time on, whatever the order of arrival."""
        if sample.time <= self._last_sample or any(s.time == sample.time for s in self._samples):
            return  # comes again, or far too late
        insort(self._samples, sample, key=lambda s: s.time)
        del self._samples[:-_MOST_SAMPLES]

    def command(self, time: float, on_time: np.ndarray, flying: bool, propellant: float) -> None:
        """Take what the valves really do, as far as known, from `time` [s] on; `on_time` (n,) [s].

        `flying` is False when no wrench at all was asked; the propellant [kg] is what is left.
        """
        self._history.command(time, on_time, flying)
        self._model.follow(propellant)

    def restart(self, time: float) -> None:
        """Forget the evidence, and judge only what happens a little later than `time` [s]."""
        self._sums[:] = 0.0
        self._anchor, self._quiet_until = None, time + _AFTER_FAULT

    def look(self, time: float) -> ThrusterFault | None:
        """Judge the samples that count at `time` [s]; return the fault that they prove."""
        fault = None
        if math.isnan(self._last_sample):
            self._last_sample = time  # patience begins with the first look
        while self._samples and self._samples[0].time <= time - self._age and fault is None:
            sample = self._samples.pop(0)
            self._last_sample = sample.time
            fault = self._compare(sample)
        if time - self._last_sample > _LONGEST_SILENCE:
            self.trouble = 'no IMU samples to find thruster faults with'
        else:
            shocked = self._last_sample < self._shock_until
            self.trouble = 'motion that no single thruster explains' if shocked else ''
        return fault

    def _compare(self, sample: ImuSample) -> ThrusterFault | None:
        cycle, whole = self._history.take(sample.time, TICK)
        if cycle is None or not cycle.flying or sample.time < self._quiet_until:
            self._anchor = None
            return None
        if self._anchor is None or not whole:
            self._anchor = cycle, sample.angular_velocity
            self._felt = np.zeros(6)
            return None
        if cycle.dt > self._window and np.abs(sample.angular_velocity).max() * cycle.dt > _LARGEST_TURN:
            self._anchor, self._shock_until = None, sample.time + _AFTER_SHOCK
            return None
        m, (start, rate) = self._model, self._anchor
        _feel(self._felt, sample.specific_force, sample.angular_velocity, cycle.dt, m.centre, m.inertia,
              m.inverse)
        if cycle.time - start.time < self._window - TICK:
            return None
        self._anchor, felt = (cycle, sample.angular_velocity), self._felt
        self._felt = np.zeros(6)
        felt[3:] += sample.angular_velocity - rate
        verdict = self._judge(felt, cycle.burnt - start.burnt, cycle.time - start.time, start.dt, cycle.dt,
                              self._cov)
        if verdict == SHOCK:
            self._shock_until = sample.time + _AFTER_SHOCK
            if cycle.dt < _AFTER_SHOCK:
                self._anchor, self._quiet_until = None, self._shock_until
        if verdict in (CALM, SHOCK):
            return None
        return ThrusterFault(verdict % self._sums.shape[1], KINDS[verdict // self._sums.shape[1]])

    def _judge(self, felt: np.ndarray, burnt: np.ndarray, time: float, first_dt: float, last_dt: float,
               cov: np.ndarray) -> int:
        m = self._model
        return _judge_window(felt, burnt, time, first_dt, last_dt, m.columns, m.shares, m.prior, self._noise,
                             self._spread, self._drift_time, self._weak_loss, self._threshold, self._state,
                             cov, self._sums)


@compiled
def _feel(felt, force, rate, dt, centre, inertia, inverse):
    """Add a cycle of dt [s] to `felt` (6,): specific force, and what turning alone adds to the motion."""
    momentum = inertia @ rate
    spin = inverse @ cross(rate, momentum)
    swing = cross(rate, cross(rate, centre))
    for k in range(3):
        felt[k] += dt * (force[k] + swing[k])
        felt[3 + k] += dt * spin[k]


@compiled
def _judge_window(felt, burnt, time, first_dt, last_dt, columns, shares, prior, noise, spread, drift_time,
                  weak_loss, threshold, state, cov, sums):
    """Compare what was felt (6,) in a window with what was commanded; return what `judge` says.

    `burnt` (2, n) [s] is the difference of Cycle.burnt between the ends of the window, `time` [s] its length;
    rates are means over the cycles of `first_dt` and `last_dt` [s] at its ends.
    """
    n = burnt.shape[1]
    between = time + 0.5 * (first_dt - last_dt)
    given, held = np.empty((6, n)), np.empty((6, n))
    regressor, innovation = np.empty((6, 3)), felt.copy()
    for k in range(6):
        row, span = (0, time) if k < 3 else (1, between)
        regressor[k, 0] = regressor[k, 1] = 0.0
        regressor[k, 2] = span
        for i in range(n):
            given[k, i] = columns[k, i] * burnt[row, i]
            held[k, i] = columns[k, i] * (span - burnt[row, i])
            innovation[k] -= given[k, i]
            regressor[k, 0] += shares[0, i] * burnt[row, i]
            regressor[k, 1] += shares[1, i] * burnt[row, i]
        for a in range(3):
            innovation[k] -= state[k, a] * regressor[k, a]
    covariance = np.zeros((6, 6))
    for k in range(6):
        covariance[k, k] = noise[0] * time if k < 3 else noise[1] * (1.0 / first_dt + 1.0 / last_dt)
        for a in range(3):
            for b in range(3):
                covariance[k, k] += regressor[k, a] * cov[k, a, b] * regressor[k, b]
        for j in range(6):
            for i in range(n):
                covariance[k, j] += spread * spread * given[k, i] * given[j, i]
    verdict = judge(innovation, covariance, given, held, weak_loss, threshold, sums)
    if verdict != SHOCK:
        learn(state, cov, prior, regressor, innovation, covariance, min(time / drift_time, 1.0))
    return verdict

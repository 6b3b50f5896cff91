"""Faults on recorded samples: the sensor models of the simulation, without errors of their own."""

import dataclasses
import math
import re
from pathlib import Path

import numpy as np

from lander_campaign.replay.ring import Sample
from lander_common.parameters import ParameterError, make
from lander_common.samples import AttitudeFix, ImuSample, RangeSample, VelocitySample
from lander_common.vehicle import Vehicle
from lander_common.yaml_file import value_of
from lander_sim.dispersion import disperse
from lander_sim.faults import SENSORS, Fault, FaultTimeline, How, When, make_fault
from lander_sim.scenario import load_scenario
from lander_sim.sensors.ground_velocity import GroundVelocity, GroundVelocityParameters
from lander_sim.sensors.imu import Imu, ImuParameters
from lander_sim.sensors.laser import LaserModel, LaserParameters
from lander_sim.sensors.star_tracker import StarTracker, StarTrackerParameters

FORM = 'WHAT:HOW[:VALUE]@TIME[+DURATION], as in rangefinder:bias:50@4200+10'
_FORM = re.compile(r'([^:@]+):([^:@]+)(?::([^:@]+))?@([^+@]+)(?:\+(.+))?')
_REACH = 1e5  # [m] of the laser model: whatever has been recorded is within it
_OF_SIMULATION = 7  # stream from which the simulation draws the values of faults


def parse(text: str, vehicle: Vehicle) -> Fault:
    """Return the fault that a text of FORM stands for; VALUE in the unit of its kind, times in s.

    Raises:
        ParameterError: names the fault, what is wrong in it, and what is allowed.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ParameterError('fault', text, FORM)
    what, kind, value, time, duration = match.groups()
    try:
        when = make(When, {'time_s': value_of(time)})
        how = make(How, {'kind': kind, 'value': value_of(value or '0'),
                         'duration_s': value_of(duration or '0')})
        if when.never:
            raise ParameterError('time_s', when.time_s, 'a flight time from 0 on [s]')
        fault = make_fault(when, what, how, tuple(t.name for t in vehicle.thrusters))
        _check(fault)
    except ParameterError as error:
        raise error.within(f'fault {text}') from None
    return fault


def of_scenario(file: Path, vehicle: Vehicle) -> tuple[Fault, ...]:
    """Return the fault timeline of a scenario file.

    Raises:
        FileError, ParameterError: name the file, the field and what is allowed; also for a fault that
            recorded samples cannot have.
    """
    faults = load_scenario(file, vehicle).faults
    for i, fault in enumerate(faults):
        try:
            _check(fault)
        except ParameterError as error:
            raise error.within(str(file), f'faults[{i}].') from None
    return faults


def _check(fault: Fault) -> None:
    if fault.what not in SENSORS:
        raise ParameterError('what', fault.what, f'in a replay one of {", ".join(SENSORS)}: the lander does '
                             'not fly differently; `frigoris land` flies with other faults')
    if fault.how.kind == 'loss_db':
        kinds = ', '.join(kind for kind in SENSORS[fault.what].faults if kind != 'loss_db')
        raise ParameterError('how.kind', 'loss_db', f'in a replay one of {kinds}: no bag says how strong an '
                             'echo was')


class SensorFaults:
    """Applies a fault timeline to recorded samples."""

    def __init__(self, faults: tuple[Fault, ...], seed: int, timeout_s: float):
        """Draw what differs from flight to flight as the simulation does with this seed.

        `timeout_s` [s]: of the range finder; an answer later than that after its pulse has not come.
        """
        streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(8)]
        self.changed = 0  # samples that the faults have changed or taken away
        self._timeout = timeout_s
        self._timeline = FaultTimeline(disperse(faults, streams[_OF_SIMULATION]))
        self._targets = {fault.what for fault in faults}
        self._imu = Imu(ImuParameters(), streams[0])
        self._tracker = StarTracker(StarTrackerParameters(), streams[1])
        self._velocity = GroundVelocity(GroundVelocityParameters(kind='doppler'), streams[2])
        self._laser = LaserModel(LaserParameters(rated_range_m=_REACH, noise_m=0.0, min_range_m=0.01,
                                                 max_range_m=99e3), streams[3])
        self._imu.record['errors'] = 0.0
        self._tracker.record['cross'] = self._tracker.record['roll'] = 0.0
        self._velocity.record['sigmas'] = 0.0
        self._models = {'imu': self._imu, 'star_tracker': self._tracker,
                        'ground_velocity': self._velocity, 'rangefinder': self._laser}
        self._variance = math.nan  # [m^2] of the last range

    def update(self, time: float, altitude: float, phase: str) -> list[tuple[Fault, bool]]:
        """Return the faults that start (True) or end (False) at `time` [s].

        `altitude` [m] and `phase` are those of the recording.
        """
        if self._timeline.idle:
            return []
        changes = self._timeline.update(time, altitude, phase)
        for fault, active in changes:
            model = self._models[fault.what]
            if active:
                model.set_fault(fault.how.kind, fault.how.value)
            else:
                model.clear_fault(fault.how.kind)
        return changes

    def apply(self, sample: Sample) -> Sample | None:
        """Return the sample as the broken sensor gives it, None if it is lost; a healthy one as it is."""
        name = _NAMES.get(type(sample))
        if name not in self._targets:
            return sample
        broken = not np.isnan(self._models[name].record['faults']).all()
        found = getattr(self, f'_{name}_sample')(sample)
        if not broken:
            return sample
        self.changed += 1
        return found

    def _imu_sample(self, sample: ImuSample) -> ImuSample:
        increments = np.concatenate([sample.angular_velocity, sample.specific_force])
        return self._imu.sample(sample.time, 1.0, increments)

    def _star_tracker_sample(self, sample: AttitudeFix) -> AttitudeFix | None:
        if not sample.valid:
            return sample
        self._tracker.record['next'] = -math.inf
        found = self._tracker.sample(sample.time, sample.q_moon_body, np.zeros(3))
        return found and dataclasses.replace(sample, q_moon_body=found.q_moon_body)

    def _ground_velocity_sample(self, sample: VelocitySample) -> VelocitySample | None:
        self._velocity.record['next'] = -math.inf
        seen = np.isfinite(sample.velocity)
        found = self._velocity.sample(sample.time, np.where(seen, sample.velocity, 0.0), 100.0, 0.0)
        return found and dataclasses.replace(sample, velocity=np.where(seen, found.velocity, math.nan))

    def _rangefinder_sample(self, sample: RangeSample) -> RangeSample:
        detected = sample.validity in (RangeSample.VALID, RangeSample.DEGRADED)
        if detected:
            self._variance = sample.variance
        echo = self._laser.fire(sample.time, sample.range_m if detected else math.inf, 1.0)
        received, nan = sample.received + self._laser.extra_latency, math.nan
        if received - sample.time > self._timeout:
            return dataclasses.replace(sample, received=sample.time + self._timeout, range_m=nan,
                                       variance=nan, validity=RangeSample.TIMEOUT,
                                       reason=f'no answer within {self._timeout:g} s')
        if echo.detected:
            validity, reason = (sample.validity, sample.reason) if detected else (RangeSample.VALID, '')
            return dataclasses.replace(sample, received=received, validity=validity, reason=reason,
                                       range_m=echo.range_m, variance=self._variance)
        if detected:
            return dataclasses.replace(sample, received=received, validity=RangeSample.NO_RETURN,
                                       reason='no return', range_m=nan, variance=nan)
        return dataclasses.replace(sample, received=received)


_NAMES = {ImuSample: 'imu', AttitudeFix: 'star_tracker', VelocitySample: 'ground_velocity',
          RangeSample: 'rangefinder'}

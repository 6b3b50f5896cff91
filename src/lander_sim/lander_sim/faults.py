"""The fault timeline of a scenario: what breaks, when, and for how long."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lander_common.parameters import ParameterError, Parameters, parameter
from lander_common.yaml_file import section
from lander_sim.fault_watch import WATCH
from lander_sim.sensors.ground_velocity import GroundVelocity
from lander_sim.sensors.imu import Imu
from lander_sim.sensors.laser import LaserModel
from lander_sim.sensors.sensor import Sensor
from lander_sim.sensors.star_tracker import StarTracker

SENSORS: dict[str, type[Sensor]] = {
    'rangefinder': LaserModel, 'imu': Imu, 'star_tracker': StarTracker, 'ground_velocity': GroundVelocity}
NODES = ('rangefinder', 'state_estimator', 'guidance', 'thruster_allocator', 'rover_deployment',
         'flight_recorder')
SENSOR_KINDS = ('no_return', 'loss_db', 'latency', 'bias', 'noise', 'stuck', 'spike', 'dropout', 'scale',
                'unplugged')
THRUSTER_KINDS = ('stuck_off', 'stuck_on', 'weak')
PHASES = ('WAIT', 'DEORBIT', 'COAST', 'BRAKING', 'PITCH_UP', 'TERMINAL', 'TOUCHDOWN', 'LANDED', 'ABORT')
"""Names of GuidanceStatus.phase, in the order of its values."""


@dataclass(frozen=True)
class When(Parameters):
    """The first condition that is given and met starts the fault."""

    time_s: float = parameter(-1.0, unit='s', minimum=-1, maximum=1e6, doc='Flight time; -1: not used')
    altitude_below_m: float = parameter(
        -1.0, unit='m', minimum=-1, maximum=1e7, doc='True height above ground; -1: not used')
    phase: str = parameter('', choices=('', *PHASES), doc='Phase of guidance; empty: not used')
    sigma: float = parameter(
        0.0, minimum=0, maximum=1e6, doc='Standard deviation of time or altitude from flight to flight')
    spread: float = parameter(
        0.0, minimum=0, maximum=1e6, doc='Half width of a uniform difference of time or altitude')

    def met(self, time: float, altitude: float, phase: str) -> bool:
        """Return whether the fault starts now."""
        return (0.0 <= self.time_s <= time or (altitude < self.altitude_below_m >= 0.0)
                or (bool(self.phase) and phase == self.phase))

    @property
    def never(self) -> bool:
        """Whether no condition is given."""
        return self.time_s < 0.0 and self.altitude_below_m < 0.0 and not self.phase


@dataclass(frozen=True)
class How(Parameters):
    """What happens to the target."""

    kind: str = parameter('no_return', choices=(*SENSOR_KINDS, *THRUSTER_KINDS, 'kill'), doc='Fault')
    value: float = parameter(0.0, minimum=-1e9, maximum=1e9, doc='In the unit of the kind')
    duration_s: float = parameter(0.0, unit='s', minimum=0, maximum=1e6, doc='0: to the end')
    sigma: float = parameter(
        0.0, minimum=0, maximum=1e9, doc='Standard deviation of the value from flight to flight')
    spread: float = parameter(
        0.0, minimum=0, maximum=1e9, doc='Half width of a uniform difference of the value')


@dataclass(frozen=True)
class Fault:
    """One entry of the timeline."""

    when: When
    what: str  # rangefinder, imu, ..., thruster/NAME, node/NAME
    how: How
    cause: str = 'scenario'  # or service


class FaultTimeline:
    """Starts and ends faults as the flight goes on."""

    def __init__(self, faults: tuple[Fault, ...], record: np.ndarray | None = None):
        """Wait for the conditions of `faults`; `record`, (1,) of WATCH, is told when they can be met."""
        self._waiting = list(faults)
        self._running: list[tuple[float, Fault]] = []
        self._watch = (np.zeros(1, WATCH) if record is None else record)[0]
        self._tell()

    @property
    def idle(self) -> bool:
        """Whether nothing can start or end any more."""
        return not (self._waiting or self._running)

    def add(self, fault: Fault, time: float) -> None:
        """Start a fault now, whatever its condition."""
        self._waiting.append(replace(fault, when=When(time_s=time)))
        self._tell()

    def update(self, time: float, altitude: float, phase: str) -> list[tuple[Fault, bool]]:
        """Return the faults that start (True) or end (False) now."""
        changes = []
        for entry in [e for e in self._running if time >= e[0]]:
            self._running.remove(entry)
            changes.append((entry[1], False))
        for fault in [f for f in self._waiting if f.when.met(time, altitude, phase)]:
            self._waiting.remove(fault)
            if fault.how.duration_s > 0.0:
                self._running.append((time + fault.how.duration_s, fault))
            changes.append((fault, True))
        if changes:
            self._tell()
        return changes

    def _tell(self) -> None:
        conditions = [f.when for f in self._waiting]
        times = [w.time_s for w in conditions if w.time_s >= 0.0] + [end for end, _ in self._running]
        self._watch['next_time'] = min(times, default=math.inf)
        heights = [w.altitude_below_m for w in conditions if w.altitude_below_m >= 0.0]
        self._watch['highest'] = max(heights, default=-math.inf)
        self._watch['phases'] = sum({1 << PHASES.index(w.phase) for w in conditions if w.phase})


def read_fault(file: str | Path, entry: Any, place: str, thrusters: tuple[str, ...]) -> Fault:
    """Make a fault from its YAML entry {when: {...}, what: TARGET, how: {kind: ..., value: ...}}.

    Raises:
        ParameterError: names the file, the field, its value and what is allowed.
    """
    if not isinstance(entry, dict) or set(entry) != {'when', 'what', 'how'}:
        raise ParameterError(place, entry, 'a mapping with when, what and how', str(file))
    when = section(file, When, entry['when'], f'{place}.when.')
    if when.never:
        allowed = 'at least one of time_s, altitude_below_m, phase'
        raise ParameterError(f'{place}.when', entry['when'], allowed, str(file))
    how = section(file, How, entry['how'], f'{place}.how.')
    try:
        return make_fault(when, str(entry['what']), how, thrusters)
    except ParameterError as error:
        raise error.within(str(file), f'{place}.') from None


def make_fault(when: When, what: str, how: How, thrusters: tuple[str, ...], cause: str = 'scenario') -> Fault:
    """Make a fault that its target can have.

    Raises:
        ParameterError: names what, how.kind or how.value, and what is allowed.
    """
    error = why_impossible(what, how.kind, how.value, thrusters)
    if error is not None:
        raise error
    return Fault(when, what, how, cause)


def why_impossible(what: str, kind: str, value: float, thrusters: tuple[str, ...]) -> ParameterError | None:
    """Return what is wrong and what is allowed instead, None when this can happen to `what`."""
    family, _, name = what.partition('/')
    if what in SENSORS:
        return _why_not_sensor(what, kind, value)
    if family == 'thruster' and name in thrusters:
        if kind not in THRUSTER_KINDS:
            return ParameterError('how.kind', kind, 'for a thruster, one of ' + ', '.join(THRUSTER_KINDS))
        good = kind != 'weak' or 0.0 <= value <= 1.0
        return None if good else ParameterError('how.value', value, '0 to 1: share of thrust that is left')
    if family == 'thruster':
        return ParameterError('what', what, 'thruster/NAME with NAME one of ' + ', '.join(thrusters))
    if family == 'node' and name in NODES:
        return None if kind == 'kill' else ParameterError('how.kind', kind, 'for a node, kill')
    targets = (*SENSORS, 'thruster/NAME', *(f'node/{n}' for n in NODES))
    return ParameterError('what', what, ', '.join(targets))


def _why_not_sensor(what: str, kind: str, value: float) -> ParameterError | None:
    kinds = SENSORS[what].faults
    if kind not in kinds:
        others = '' if kind in SENSOR_KINDS else f'; with kind {kind}, thruster/NAME or node/NAME'
        return ParameterError('how.kind', kind, f'for {what}, one of {", ".join(kinds)}{others}')
    low, high, meaning = kinds[kind]
    good = low <= value <= high  # False for NaN
    return None if good else ParameterError('how.value', value, f'{low:g} to {high:g}: {meaning}')

"""The IMU driver: listens, asks the device who it is, and turns whole groups of its samples into one mean."""

import math
from enum import Enum

import numpy as np

from lander_common.link import Link
from lander_common.rotations import from_rotation_vector, multiply, to_matrix
from lander_common.samples import ImuSample
from lander_common.transport import Transport, TransportError
from lander_imu.averager import Averager, Group
from lander_imu.device_clock import DeviceClock
from lander_imu.parameters import ImuDriverParameters
from lander_imu.stim300 import (
    BAUD,
    CONFIGURATION,
    EXTENDED_ERRORS,
    PART,
    SERIAL,
    TICKS,
    Configuration,
    Damaged,
    Errors,
    Event,
    Identity,
    Measurement,
    Stim300,
    Unit,
)

ASK_AGAIN = 0.1  # [s] after a question without an answer
ASK_ERRORS = 1.0  # [s] between two questions about errors
STALL = 0.1  # [s] after a longer gap the counter of one byte may have gone round
SENDING = 80e-6  # [s] from the end of the latency to the first bit (TS1524, table 5-2)
_ROOT_HOUR = 60.0  # [sqrt(s)]
_GYRO_NOISE = math.radians(0.15) / _ROOT_HOUR  # [rad/sqrt(s)] random walk (TS1524, table 5-3)
_FORCE_NOISE = {5: 0.024, 10: 0.024, 30: 0.04, 80: 0.15}  # [m/s/sqrt(h)] the same, by full scale [g]
_QUESTIONS = {'configuration': CONFIGURATION, 'serial_number': SERIAL, 'part_number': PART}
_SAME = 1e-9  # [s] times closer than this are the same


class State(Enum):
    """How the device fares."""

    WAITING = 'nothing received yet'
    OK = 'measuring'
    DEGRADED = 'measuring, with problems in the last second'
    UNUSABLE = 'the device sends nothing that can be used'
    SILENT = 'the device is silent'
    GARBAGE = 'no datagram among the bytes received: wrong baud rate?'
    NO_LINK = 'no link to the device'


class ImuDriver:
    """One device on one link. All times are host times [s] that are passed in."""

    def __init__(self, parameters: ImuDriverParameters, transport: Transport | None = None):
        """Talk over `transport`, or over one that is opened when it is needed."""
        self._p = parameters
        self.link = Link(parameters.url, transport)
        self._mounting = turn(parameters.mounting_rpy_deg)
        self._byte_time = 10.0 / BAUD if parameters.transport.startswith('serial:') else 0.0  # [s]
        self._transport: Transport | None = None
        self._protocol = Stim300()
        self.configuration: Configuration | None = None
        self.identity: dict[str, str] = {}
        self._averager: Averager | None = None
        self._groups: list[Group] = []  # not yet stamped
        self._clock, self._valid_at = DeviceClock(), math.nan  # [s] when the motion in the last sample was
        self._time = self._heard = self._next_question = self._next_errors = self._problem_at = -math.inf
        self._tries = 0
        self._skipped = 0  # bytes, until the last good datagram
        self.counts = dict.fromkeys(
            ('samples', 'lost', 'invalid', 'damaged', 'left_out', 'restarts', 'links_lost'), 0)
        self.problem = ''

    def poll(self, time: float) -> list[ImuSample]:
        """Read and answer; return the means that are complete, oldest first.

        Never raises for what the device or the link does.

        Raises:
            ValueError: `time` is not finite.
        """
        if not math.isfinite(time):
            raise ValueError(f'time of a poll must be finite, not {time}')
        if time < self._time:
            self.link.try_now()
            self._clock = DeviceClock()
            self._heard = time
            self._begin(time)
        self._time = time
        try:
            return self._exchange(time)
        except TransportError as error:
            self._report(time, str(error))
            self.counts['links_lost'] += self.link.up
            self.link.lost(time)
            self._transport = None
            return []

    def open(self, time: float = -math.inf) -> None:
        """Open the link now; without this the first poll does it.

        Raises:
            TransportError: names the URL and the cause; later polls try again.
        """
        self.link.transport(time)

    def close(self) -> None:
        """Close the link; a later poll opens it again."""
        self.link.close()
        self._transport = None

    @property
    def state(self) -> State:
        """How the device fares now."""
        if not self.link.up:
            return State.WAITING if self._time == -math.inf else State.NO_LINK
        if self._time > self._heard + self._p.timeout_s:
            return State.GARBAGE if self._protocol.skipped > self._skipped else State.SILENT
        if self._averager is None or self._averager.now == 0:
            return State.UNUSABLE if self.problem else State.WAITING
        return State.DEGRADED if self._time < self._problem_at + 1.0 else State.OK

    def report(self) -> dict[str, object]:
        """Return the state of the link, identity, settings, counts by name and the last problem."""
        c, a = self.configuration, self._averager
        told = {} if c is None else {
            'firmware': c.firmware, 'sample_rate_hz': c.sample_rate_hz, 'gyro_output': c.rate_unit.value,
            'accelerometer_output': c.force_unit.value, 'full_scale_g': max(c.full_scale_g),
            'filter_delay_s': c.delay_s, 'gyro_lead_s': round(c.gyro_lead_s, 4)}
        counts = {**self.counts, 'lost': self.counts['lost'] + (a.lost if a else 0),
                  'left_out': self.counts['left_out'] + (a.left_out if a else 0)}
        identity = {what: text for what, text in self.identity.items() if text}
        return {'link': 'open' if self.link.up else 'closed', 'protocol': 'stim300',
                'identity': ' '.join(dict.fromkeys(identity.values())) or 'not told', **identity, **told,
                **counts, 'bytes_skipped': self._protocol.skipped, 'last_problem': self.problem}

    def variances(self) -> tuple[float, float]:
        """Return the variances of a mean rate [rad^2/s^2] and a mean specific force [m^2/s^4], each axis."""
        scale = max(self.configuration.full_scale_g) if self.configuration else 10
        force = _FORCE_NOISE.get(scale, max(_FORCE_NOISE.values())) / _ROOT_HOUR
        return _GYRO_NOISE**2 * self._p.rate_hz, force**2 * self._p.rate_hz

    def _exchange(self, time: float) -> list[ImuSample]:
        transport = self.link.transport(time)
        if transport is None:
            return []
        if transport is not self._transport:
            self._transport, self._protocol = transport, Stim300()
            transport.read()  # nobody knows how old that is
            self._heard, self._skipped = time, 0
            self._begin(time)
        events = self._protocol.feed(transport.read())
        if self._averager is not None and time > self._heard + STALL and events:
            self._restart(time, f'nothing for {time - self._heard:.2f} s')
        elif self.configuration is not None and time > self._heard + self._p.timeout_s:
            self._report(time, f'nothing for {self._p.timeout_s:g} s')
            self._begin(time)  # without power it may have been set otherwise
        for event in events:
            self._take(event, time)
        if self._averager is None:
            self._ask(time, transport)
        return self._means(time)

    def _begin(self, time: float) -> None:
        """Ask everything anew."""
        self._keep_counts()
        self.configuration, self.identity, self._averager, self._groups = None, {}, None, []
        self._next_question, self._tries = time, 0

    def _ask(self, time: float, transport: Transport) -> None:
        """Send the next question: the configuration until it is answered, the others once each."""
        missing = [q for q in _QUESTIONS if q not in self.identity]
        if not missing or time < self._next_question - _SAME:
            return
        self._next_question = time + ASK_AGAIN
        if missing[0] != 'configuration' and self._tries > 0:
            self.identity[missing[0]] = 'not told'
            self._tries = 0
            self._settle(time)
            return
        self._tries += 1
        transport.write(_QUESTIONS[missing[0]])

    def _settle(self, time: float) -> None:
        """Begin to measure if everything that can be known is known."""
        self._next_question = time
        if len(self.identity) < len(_QUESTIONS) or self.configuration is None:
            return
        c = self.configuration
        if c.problem or self._p.ticks % (TICKS // c.sample_rate_hz):
            self._report(time, c.problem or f'{c.sample_rate_hz} samples a second are no multiple of '
                                            f'rate_hz = {self._p.rate_hz:g}')
            return
        self._averager = Averager(self._p.ticks, c.sample_rate_hz)
        self._clock = DeviceClock(self._clock.last)

    def _take(self, event: Event, time: float) -> None:
        if isinstance(event, Damaged):
            self.counts['damaged'] += 1
            self._report(time, event.reason)
            return
        self._heard, self._skipped = time, self._protocol.skipped
        if isinstance(event, Measurement):
            self._measured(event, time)
        elif isinstance(event, Errors):
            self._report(time, ', '.join(event.names) or 'no errors remembered')
        else:
            self._learn(event, time)

    def _learn(self, event: Configuration | Identity, time: float) -> None:
        known = isinstance(event, Configuration)
        if known and self._averager is not None and event == self.configuration:
            return
        if known:
            if self.configuration not in (None, event):
                self._begin(time)
            self.configuration = event
        self.identity['configuration' if known else event.what] = '' if known else event.text
        self._tries = 0
        if self._averager is None:
            self._settle(time)

    def _measured(self, m: Measurement, time: float) -> None:
        if m.faults:
            self._report(time, m.faults)
        if self._averager is None:
            return
        self.counts['samples'] += 1
        if not m.valid:
            self.counts['invalid'] += 1
            self._ask_errors(time)
        lost = self._averager.lost
        try:
            group = self._averager.add(m)
        except ValueError as error:
            self._restart(time, str(error))
            group = self._averager.add(m)
        if self._averager is not None and self._averager.lost > lost:
            self._report(time, f'{self._averager.lost - lost} samples lost')
        if group is not None:
            self._groups.append(group)
        self._valid_at = time - self._age(m)

    def _age(self, m: Measurement) -> float:
        """Return how old the motion in a datagram is when its last byte is there [s]."""
        return self.configuration.delay_s + m.latency_s + SENDING + m.size * self._byte_time

    def _means(self, time: float) -> list[ImuSample]:
        """Return the means of the groups that came at once; the last sample tells when that was."""
        groups, self._groups = self._groups, []
        if groups:
            self._clock.heard(self._averager.now / TICKS, self._valid_at)
        return [mean for group in groups if (mean := self._mean(group, time)) is not None]

    def _mean(self, group: Group, time: float) -> ImuSample | None:
        stamp = self._clock.stamp(group.ticks / TICKS)
        if stamp is None:
            self._report(time, 'the clock stands still or went back')
            return None
        c = self.configuration
        count = {Unit.RATE: group.samples, Unit.INCREMENT: self._p.ticks / TICKS}
        rate = np.array(group.rate) * (c.radians / count[c.rate_unit])
        force = np.array(group.force) * c.newtons / count[c.force_unit]
        return ImuSample(stamp, self._mounting @ rate, self._mounting @ force)

    def _ask_errors(self, time: float) -> None:
        """Ask what is wrong; the samples that the answer costs are of no use anyway."""
        if time >= self._next_errors:
            self._next_errors = time + ASK_ERRORS
            self._transport.write(EXTENDED_ERRORS)

    def _restart(self, time: float, why: str) -> None:
        """Begin new groups: nobody knows how many samples are missing."""
        self._report(time, why)
        self._keep_counts()
        self._groups = []
        self.counts['restarts'] += 1
        self._averager = Averager(self._p.ticks, self.configuration.sample_rate_hz)
        self._clock = DeviceClock(self._clock.last)

    def _keep_counts(self) -> None:
        if self._averager is not None:
            self.counts['lost'] += self._averager.lost
            self.counts['left_out'] += self._averager.left_out + len(self._groups)

    def _report(self, time: float, problem: str) -> None:
        self.problem, self._problem_at = problem, time


def turn(rpy_deg: list[float]) -> np.ndarray:
    """Return the matrix, (3, 3), of turns [deg] about fixed x, then y, then z."""
    x, y, z = (from_rotation_vector(math.radians(angle) * axis)
               for angle, axis in zip(rpy_deg, np.eye(3), strict=True))
    return to_matrix(multiply(z, multiply(y, x)))

"""The range finder driver: asks at its rate or listens, and turns every answer, or none, into a sample."""

import math

from lander_common.link import Link
from lander_common.samples import RangeSample
from lander_common.transport import Transport, TransportError
from lander_rangefinder.dialogue import Dialogue
from lander_rangefinder.health import Health
from lander_rangefinder.parameters import RangefinderParameters
from lander_rangefinder.protocol import Echoes, Target
from lander_rangefinder.protocols import find
from lander_rangefinder.stream import Stream

_SAME = 1e-9  # [s] times closer than this are the same


class RangefinderDriver:
    """One device on one link. All times are flight times [s]; the wall clock plays no part."""

    def __init__(self, parameters: RangefinderParameters, transport: Transport | None = None):
        """Talk over `transport`, or over one that is opened when it is needed."""
        self._p = parameters.of_device()
        self.link = Link(self._p.transport, transport)
        self.health = Health()
        self.dialogue, self.stream = Dialogue(self._p.timeout_s), Stream(self._p.timeout_s)
        self._protocol = find(self._p.protocol)()
        self._transport: Transport | None = None
        self._interrupted = False  # the link has dropped, or could not be opened
        self._time = self._next_shot = -math.inf
        self._asked = math.nan

    def poll(self, time: float) -> list[RangeSample]:
        """Read, judge, and ask if it is time; return the shots that ended, oldest first.

        Never raises for what the device or the link does. A `time` before the last one starts anew.

        Raises:
            ValueError: `time` is not finite.
        """
        if not math.isfinite(time):
            raise ValueError(f'time of a poll must be finite, not {time}')
        if time < self._time:
            self._go_back(time)
        self._time = time
        samples: list[RangeSample] = []
        try:
            self._exchange(time, samples)
        except TransportError as error:
            samples.append(self._without_answer(time, RangeSample.DEVICE_ERROR, str(error)))
            self.health.links_lost += self.link.up
            self.link.lost(time)
            self.dialogue.recover(time)
            self._interrupted = True
        return samples

    def acted(self) -> None:
        """Tell a simulator that the samples of the last poll are out; means nothing to a real device."""
        try:
            if self.link.up and self._transport is not None:
                self._transport.acted(self._time)
        except TransportError:
            pass  # the next poll meets the same error and reports it

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

    def report(self) -> dict[str, object]:
        """Return the state of the link, what the device says it is, counts and the last problem."""
        unknown = 'no answer' if self._protocol.asks_identity else 'not asked'
        return {'link': 'open' if self.link.up else 'closed', 'protocol': self._p.protocol,
                'identity': self._protocol.identity or unknown,
                **self.health.report(), 'answers_ignored': self.dialogue.ignored + self.stream.ignored,
                'bytes_skipped': self._protocol.skipped}

    def _exchange(self, time: float, samples: list[RangeSample]) -> None:
        transport = self.link.transport(time)
        if transport is None:
            return
        if transport is not self._transport:
            self._begin(transport, time)
        events = self._protocol.feed(transport.read())
        if self._protocol.streams:
            for arrival, answer in self.stream.handle(events, time):
                samples.append(self._answered(arrival - self._p.latency_s, time, answer))
            missed = self.stream.expire(time, self._protocol.skipped)
        else:
            for event in events:
                answer = self.dialogue.handle(event, time)
                if answer is not None:
                    samples.append(self._answered(self._pulse, time, answer))
            missed = f'no answer within {self._p.timeout_s:g} s' if self.dialogue.expire(time) else None
        if missed:
            samples.append(self._without_answer(time, RangeSample.TIMEOUT, missed))
            self._set_up(transport)
        if not self._protocol.streams and self.dialogue.ready and time >= self._next_shot - _SAME:
            self._ask(time, transport)

    def _begin(self, transport: Transport, time: float) -> None:
        self._transport = transport
        self._protocol = find(self._p.protocol)()
        if self._protocol.streams:
            transport.read()  # nobody knows how old that is
            self.stream.start(time)
        elif self._interrupted:
            self.dialogue.resume(time)
        else:
            self.dialogue.start(time)
        self._interrupted = False
        self._set_up(transport)

    def _set_up(self, transport: Transport) -> None:
        commands = self._protocol.set_up(self._p.rate_hz)
        if commands:
            transport.write(commands)

    def _ask(self, time: float, transport: Transport) -> None:
        self.dialogue.ask(time)
        self._asked = time
        self._next_shot += 1.0 / self._p.rate_hz
        if self._next_shot <= time:  # the first shot, or late: keep the distance, do not catch up
            self._next_shot = time + 1.0 / self._p.rate_hz
        transport.write(self._protocol.command())

    def _answered(self, pulse: float, time: float, answer: Echoes | str) -> RangeSample:
        if isinstance(answer, str):
            return self._sample(pulse, time, RangeSample.DEVICE_ERROR, answer)
        return self._sample(pulse, time, *self._judge(answer.targets))

    def _without_answer(self, time: float, validity: int, reason: str) -> RangeSample:
        asked = self.dialogue.asking or (validity == RangeSample.TIMEOUT and not self._protocol.streams)
        pulse = self._pulse if asked else time
        return self._sample(pulse, time, validity, reason, answered=False)

    @property
    def _pulse(self) -> float:
        return self._asked + self._p.pulse_delay_s

    def _judge(self, targets: tuple[Target, ...]) -> tuple[int, str, float]:
        """Return validity, reason and range: of the best target that can be believed, if there is one."""
        low, high = self._p.minimum_range_m, self._p.maximum_range_m
        echoes = [t for t in targets if not math.isnan(t.range_m)]
        for guaranteed in (True, False):
            for t in echoes:
                if t.guaranteed is guaranteed and low <= t.range_m <= high:
                    if guaranteed:
                        return RangeSample.VALID, '', t.range_m
                    return RangeSample.DEGRADED, f'accuracy not guaranteed ({t.code})', t.range_m
        if not echoes:
            return RangeSample.NO_RETURN, f'no return ({targets[0].code})', math.nan
        best = echoes[0]
        if best.range_m == 0.0:
            return RangeSample.DEVICE_ERROR, f'range of 0 m ({best.code})', math.nan
        if best.range_m < low:
            return RangeSample.NO_RETURN, f'below minimum range ({best.code})', math.nan
        return RangeSample.DEVICE_ERROR, f'above maximum range ({best.code})', math.nan

    def _sample(self, pulse: float, time: float, validity: int, reason: str, range_m: float = math.nan,
                answered: bool = True) -> RangeSample:
        self.health.add(pulse, validity, reason, answered)
        variance = math.nan if math.isnan(range_m) else self._p.sigma_m**2
        return RangeSample(pulse, time, validity, reason, range_m, variance, self.health.quality,
                           self._p.beam)

    def _go_back(self, time: float) -> None:
        self.health.backwards += 1
        self.health.forget()
        self.link.try_now()
        self._transport = None  # has the dialogue start as on a new link
        self._interrupted = False
        self._next_shot = -math.inf

"""The replay itself: bag in, flight software, bag out."""

import time as wall
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lander_campaign.replay import messages
from lander_campaign.replay.comparison import Comparison
from lander_campaign.replay.faults import SensorFaults
from lander_campaign.replay.ring import ReplayRing, Sample
from lander_campaign.replay.source import Heard, Source
from lander_campaign.software import Software
from lander_common import cdr
from lander_common.samples import ImuSample
from lander_guidance.report import Phase
from lander_sim.faults import Fault
from lander_telemetry.bag_metadata import Topic
from lander_telemetry.bag_writer import BagWriter
from lander_telemetry.codec import Codec
from lander_telemetry.definitions import definition

_LOOK = 1000  # IMU samples between two reports of the progress


@dataclass
class Outcome:
    """What came of a replay."""

    comparison: Comparison = field(default_factory=Comparison)
    begin: float = float('nan')  # [s] first and last IMU sample
    end: float = float('nan')
    wall_s: float = 0.0
    imu_samples: int = 0
    faults: list[tuple[float, Fault, bool]] = field(default_factory=list)  # when [s], which, started or ended
    changed_samples: int = 0
    refused: list[str] = field(default_factory=list)  # state vectors
    interrupted: bool = False

    @property
    def realtime_factor(self) -> float:
        """Flight time over wall time."""
        return (self.end - self.begin) / self.wall_s if self.wall_s else float('nan')


class Player:
    """Plays one bag into the flight software and writes the new bag."""

    def __init__(self, source: Source, software: Software, faults: SensorFaults | None = None):
        """Set everything up; nothing is written before `run`.

        Raises:
            FileError, ParameterError: name the file, the field and what is allowed.
        """
        self._source, self._faults = source, faults
        self._ring = ReplayRing(software)
        self._channels: dict[str, tuple[int, Codec]] = {}
        self._altitude, self._phase = float('inf'), ''  # as recorded
        self.outcome = Outcome()

    def run(self, folder: Path, progress: Callable[[float], None] = lambda time: None) -> Outcome:
        """Replay into a bag in `folder`, to the end or to KeyboardInterrupt; it is readable in either case.

        `progress` gets the flight time [s] now and then.

        Raises:
            OSError: the new bag cannot be written.
            FileError: the bag turns out to be broken.
        """
        outcome, began = self.outcome, wall.monotonic()
        self._bag = BagWriter(folder)
        try:
            for heard in self._source.read():
                self._hear(heard)
                if outcome.imu_samples % _LOOK == 0 and isinstance(heard.sample, ImuSample):
                    progress(heard.sample.time)
        except KeyboardInterrupt:
            outcome.interrupted = True
        finally:
            outcome.wall_s = wall.monotonic() - began
            self._bag.close()
        outcome.comparison.finish()
        outcome.changed_samples = self._faults.changed if self._faults else 0
        return outcome

    def _hear(self, heard: Heard) -> None:
        message = heard.message
        if message is None:  # the state that a topic map gives
            self._take(heard.sample)
            return
        if heard.sample is None and message.topic in _ANSWER_TOPICS:
            codec = self._source.codec(message.topic)
            self.outcome.comparison.add_recorded(message.topic, message.data, codec)
            return
        data, sample = message.data, heard.sample
        if sample is not None and self._faults is not None:
            self._break(sample.time)
            sample = self._faults.apply(sample)
            if sample is None:
                return
            if sample is not heard.sample and not self._source.foreign:
                data = self._changed(heard, sample)
        self._bag.write(self._channel(message.topic)[0], message.time, data)
        if sample is not None:
            self._take(sample)

    def _take(self, sample: Sample) -> None:
        if isinstance(sample, ImuSample):
            self.outcome.imu_samples += 1
            self.outcome.end = sample.time
            if self.outcome.imu_samples == 1:
                self.outcome.begin = sample.time
        try:
            answers = list(self._ring.take(sample))
        except ValueError as error:
            self.outcome.refused.append(f'state vector at {sample.time:.2f} s refused: {error}')
            return
        for answer in answers:
            topic, _ = messages.ANSWERS[type(answer)]
            channel, codec = self._channel(topic)
            data, mask = codec.encode_masked(messages.content(answer))
            self._bag.write(channel, cdr.stamp_ns(data), data)
            self.outcome.comparison.add_replayed(topic, data, codec, mask)

    def _break(self, time: float) -> None:
        story = self.outcome.comparison.recorded
        altitude = story.altitudes[-1][1] if story.altitudes else float('inf')
        phase = story.phases[-1][1] if story.phases else Phase.WAIT.name
        self.outcome.faults += [(time, *change) for change in self._faults.update(time, altitude, phase)]

    def _changed(self, heard: Heard, sample: Sample) -> bytes:
        codec = self._source.codec(heard.message.topic)
        decoded = codec.decode(heard.message.data)
        messages.set_sample(decoded, sample)
        return codec.encode(decoded)

    def _channel(self, topic: str) -> tuple[int, Codec]:
        if topic not in self._channels:
            if topic in self._source.topics:
                known, text = self._source.topics[topic]
                described = Topic(topic, known.type_name, known.type_hash, known.qos)
                codec = self._source.codec(topic)
            else:
                name = next(kind for name, kind in messages.ANSWERS.values() if name == topic)
                described, text = Topic(topic, name, '', []), definition(name)
                codec = Codec(name, text)
            self._channels[topic] = self._bag.add_channel(described, text), codec
        return self._channels[topic]


_ANSWER_TOPICS = {topic for topic, _ in messages.ANSWERS.values()}

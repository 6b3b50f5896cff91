"""The sensor messages of a bag as samples, in the order in which the flight software heard them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lander_campaign.replay import messages
from lander_campaign.replay.foreign import TopicMap
from lander_campaign.replay.ring import Sample
from lander_common import cdr
from lander_common.samples import ImuSample, RangeSample, StateVector
from lander_common.yaml_file import FileError
from lander_telemetry.bag_metadata import Topic
from lander_telemetry.codec import Codec
from lander_telemetry.playback import Message, read_bag, read_topics

COPIED = ('/clock', '/truth/odometry', '/truth/touchdown', '/faults')
"""What else goes into the new bag: what was true stays true."""

_SAMPLES = {
    '/state_vector': messages.state_vector, '/star_tracker': messages.attitude_fix,
    '/ground_velocity': messages.velocity_sample, '/contact': messages.contact_sample,
    '/rangefinder/range_sample': messages.range_sample}


@dataclass(slots=True)
class Heard:
    """One message of the bag."""

    message: Message | None  # None: a state given in the topic map
    sample: Sample | None = None  # None: of no sensor
    decoded: Any = field(default=None, repr=False)  # None: not decoded


class Source:
    """A bag of ours, or one of others with a map of its topics."""

    def __init__(self, bag: Path, mapping: TopicMap | None = None):
        """Look at what is in the bag.

        Raises:
            FileError: it cannot be read, or what the estimator needs is missing in it.
            ParameterError: the map names topics or types that the bag does not have.
        """
        self.bag, self._map = bag, mapping
        self.topics: dict[str, tuple[Topic, str]] = read_topics(bag, cut=True)
        self._codecs: dict[str, Codec] = {}
        self.foreign, self._started = mapping is not None, False
        if mapping is not None:
            mapping.check(self.topics)
        elif missing := [topic for topic in ('/imu', '/state_vector') if topic not in self.topics]:
            raise FileError(f'{bag}: no messages of {" and ".join(missing)}: the estimator starts at the '
                            'state vector and lives on the IMU; topics with other names need --map')
        sensors = mapping.topics if mapping is not None else ('/imu', *_SAMPLES)
        answers = [topic for topic, _ in messages.ANSWERS.values()] if mapping is None else []
        self._wanted = [topic for topic in (*sensors, *answers, *COPIED) if topic in self.topics]

    def codec(self, topic: str) -> Codec:
        """Return the codec of a topic that the bag holds."""
        if topic not in self._codecs:
            described, definition = self.topics[topic]
            self._codecs[topic] = Codec(described.type_name, definition)
        return self._codecs[topic]

    def read(self) -> Iterator[Heard]:
        """Yield sensor messages, recorded answers and what is copied, by time.

        A range comes when it was received: after an IMU sample of that time, before any later one. So do the
        nodes hear it, and it matters when an answer took longer than the fusion horizon.
        """
        waiting: list[Heard] = []
        for message in read_bag(self.bag, self._wanted, cut=True):
            heard = self._heard(message)
            if isinstance(heard.sample, RangeSample):
                waiting.append(heard)
                continue
            if isinstance(heard.sample, ImuSample):
                now = heard.sample.time
                if start := self._start(now):
                    yield Heard(None, start)
                yield from sorted((r for r in waiting if r.sample.received < now), key=_received)
                waiting = [r for r in waiting if r.sample.received >= now]
            yield heard
        yield from sorted(waiting, key=_received)

    def _start(self, time: float) -> StateVector | None:
        if self._map is None or self._started:
            return None
        self._started = True
        return self._map.initial_state(time)

    def _heard(self, message: Message) -> Heard:
        topic = message.topic
        if self._map is not None and topic in self._map.topics:
            decoded = self.codec(topic).decode(message.data)
            return Heard(message, self._map.sample(topic, decoded), decoded)
        if topic == '/imu':
            stamp, rate, force = cdr.imu(message.data)
            return Heard(message, ImuSample(stamp * 1e-9, np.array(rate), np.array(force)))
        if topic in _SAMPLES:
            decoded = self.codec(topic).decode(message.data)
            return Heard(message, _SAMPLES[topic](decoded), decoded)
        return Heard(message)


def _received(heard: Heard) -> float:
    return heard.sample.received

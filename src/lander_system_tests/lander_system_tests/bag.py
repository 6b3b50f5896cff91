"""A recorded flight as tests look at it: counts, time stamps without decoding, messages on demand."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory

from lander_common.cdr import stamp_ns


class Bag:
    """One MCAP file, read through `mcap` and `mcap-ros2-support`."""

    def __init__(self, file: Path):
        """Read the summary of the file."""
        self._file = file
        with file.open('rb') as stream:
            summary = make_reader(stream).get_summary()
        counts = summary.statistics.channel_message_counts
        self.counts = {c.topic: counts.get(c.id, 0) for c in summary.channels.values()}
        schemas = {c.topic: summary.schemas[c.schema_id] for c in summary.channels.values()}
        self.types = {topic: schema.name for topic, schema in schemas.items()}
        self._definitions = {topic: schema.data.decode() for topic, schema in schemas.items()}

    def decoded(self, *topics: str) -> Iterator[tuple[str, Any]]:
        """Yield topic and message of every message of these topics."""
        with self._file.open('rb') as stream:
            reader = make_reader(stream, decoder_factories=[DecoderFactory()])
            for _, channel, _, message in reader.iter_decoded_messages(topics=list(topics)):
                yield channel.topic, message

    def messages(self, topic: str) -> list[Any]:
        """Return all messages of one topic."""
        return [message for _, message in self.decoded(topic)]

    @cached_property
    def stamps(self) -> dict[str, np.ndarray]:
        """Time stamps [ns] of every topic whose type begins with a header or a time, sorted."""
        topics = [t for t, text in self._definitions.items() if _begins_with_time(text)]
        found = defaultdict(list)
        with self._file.open('rb') as stream:
            for _, channel, message in make_reader(stream).iter_messages(topics=topics):
                found[channel.topic].append(stamp_ns(message.data))
        return {topic: np.sort(np.array(times, np.int64)) for topic, times in found.items()}

    def between(self, topic: str, begin: float, end: float) -> np.ndarray:
        """Return the stamps of a topic [ns] from `begin` to `end` [s]."""
        times = self.stamps.get(topic, np.empty(0, np.int64))
        return times[(times >= round(begin * 1e9)) & (times < round(end * 1e9))]


def _begins_with_time(definition: str) -> bool:
    lines = definition.partition('\n===')[0].splitlines()
    code = (text for line in lines if (text := line.partition('#')[0].strip()) and '=' not in text)
    first = next(code, '').partition(' ')[0]
    return first in ('std_msgs/Header', 'Header', 'builtin_interfaces/Time')

"""Reading a bag for replay: raw messages in the order of their time."""

import heapq
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from mcap.reader import McapReader, make_reader
from mcap.records import Channel, Schema
from mcap.records import Message as Record

from lander_common.yaml_file import FileError
from lander_telemetry.bag_files import find_files, is_complete
from lander_telemetry.bag_metadata import Topic
from lander_telemetry.cut_file import BROKEN, read_cut, topic_of

SENSORS = ('/clock', '/state_vector', '/imu', '/star_tracker', '/ground_velocity', '/contact',
           '/rangefinder/range_sample')
"""What the flight software needs to hear, in the order in which messages of the same time are sent."""


@dataclass(frozen=True, slots=True)
class Message:
    """One recorded message."""

    topic: str
    type_name: str  # package/msg/Name
    time: int  # [ns] flight time
    data: bytes  # CDR


def read_bag(bag: str | Path, topics: Collection[str] = SENSORS, cut: bool = False) -> Iterator[Message]:
    """Yield the messages of `topics`, by time, then in the order of `topics` with the IMU last.

    Args:
        bag: a flight folder, its bag folder, or an .mcap file.
        topics: full names.
        cut: read a cut-off bag too, as far as it goes.

    Raises:
        FileError: there is no bag, or it cannot be read (see `frigoris recover`).
    """
    pending: list[Message] = []
    for schema, channel, message in _records(bag, topics, cut):
        if pending and message.log_time != pending[0].time:
            yield from sorted(pending, key=_rank)
            pending = []
        pending.append(Message(channel.topic, schema.name, message.log_time, message.data))
    yield from sorted(pending, key=_rank)


def is_cut(bag: str | Path) -> bool:
    """Whether the recording of a bag broke off.

    Raises:
        FileError: there is no bag.
    """
    return not all(is_complete(file) for file in find_files(bag))


def read_topics(bag: str | Path, cut: bool = False) -> dict[str, tuple[Topic, str]]:
    """Return every topic that the bag holds messages of, with the definition of its type, by its name.

    Raises:
        FileError: as `read_bag`.
    """
    found: dict[str, tuple[Topic, str]] = {}
    for file in find_files(bag):
        for schema, channel, count in _channels(file, cut):
            if count:
                known = found.setdefault(channel.topic, (topic_of(channel, schema), schema.data.decode()))
                known[0].count += count
    return found


def topic_types(bag: str | Path, topics: Collection[str] = SENSORS) -> dict[str, str]:
    """Return the type names of those of `topics` that the bag holds messages of.

    Raises:
        FileError: as `read_bag`.
    """
    return {name: topic.type_name for name, (topic, _) in read_topics(bag).items() if name in topics}


def _channels(file: Path, cut: bool) -> Iterator[tuple[Schema, Channel, int]]:
    """Yield the channels of a file, with counts of messages that add up."""
    if not (cut and not is_complete(file)):
        with _open(file) as reader:
            summary = reader.get_summary()
        if summary is not None and summary.statistics is not None:
            counts = summary.statistics.channel_message_counts
            for channel in summary.channels.values():
                yield summary.schemas[channel.schema_id], channel, counts.get(channel.id, 0)
            return
    for _, (schema, channel, _) in _entries(file, None, cut):
        yield schema, channel, 1


def _records(bag: str | Path, topics: Collection[str] | None,
             cut: bool) -> Iterator[tuple[Schema, Channel, Record]]:
    """Yield schema, channel and message by time; `topics` None: of every topic."""
    files = find_files(bag)
    read = _entries if len(files) == 1 else _later
    sources = [read(file, topics, cut) for file in files]
    for _, entry in heapq.merge(*sources, key=itemgetter(0)):
        if entry is not None:
            yield entry


def _later(file: Path, topics: Collection[str] | None, cut: bool) -> Iterator[tuple[int, Any]]:
    """Yield as `_entries`, but first the time at which the file begins: until then it is not open."""
    if is_complete(file):
        with _open(file) as reader:
            summary = reader.get_summary()
        yield summary.statistics.message_start_time if summary and summary.statistics else 0, None
    yield from _entries(file, topics, cut)


def _entries(file: Path, topics: Collection[str] | None, cut: bool) -> Iterator[tuple[int, Any]]:
    """Yield time [ns] and (schema, channel, message) of a file, by time."""
    if cut and not is_complete(file):
        entries = sorted(read_cut(file, topics), key=lambda entry: entry[2].log_time)
        yield from ((entry[2].log_time, entry) for entry in entries)
        return
    with _open(file) as reader:
        for entry in reader.iter_messages(topics=None if topics is None else list(topics)):
            yield entry[2].log_time, entry


@contextmanager
def _open(file: Path) -> Iterator[McapReader]:
    help_text = f'try: frigoris recover {file.parent}'
    if not is_complete(file):
        raise FileError(f'{file}: cut off while recording; {help_text}')
    try:
        with file.open('rb') as stream:
            yield make_reader(stream)
    except BROKEN as error:
        raise FileError(f'{file}: cannot be read ({error}); {help_text}') from error


def _rank(message: Message) -> int:
    # The IMU sets the ring going, so everything else of that time must be there first.
    return len(SENSORS) if message.topic == '/imu' else (
        SENSORS.index(message.topic) if message.topic in SENSORS else len(SENSORS) - 1)

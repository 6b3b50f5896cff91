"""Reading a bag for replay: raw messages in the order of their time."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mcap.exceptions import McapError
from mcap.reader import McapReader, make_reader
from mcap.records import Channel, Schema
from mcap.records import Message as Record

from lander_common.yaml_file import FileError
from lander_telemetry.bag_metadata import Topic
from lander_telemetry.recovery import RecoveryError, is_complete, read_cut, topic_of

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
    return not is_complete(find_mcap(Path(bag)))


def read_topics(bag: str | Path, cut: bool = False) -> dict[str, tuple[Topic, str]]:
    """Return every topic that the bag holds messages of, with the definition of its type, by its name.

    Raises:
        FileError: as `read_bag`.
    """
    found: dict[int, tuple[Topic, str]] = {}
    if not (cut and is_cut(bag)):
        with _open(bag) as reader:
            summary = reader.get_summary()
        if summary is not None and summary.statistics is not None:
            counts = summary.statistics.channel_message_counts
            for channel in summary.channels.values():
                if counts.get(channel.id):
                    _add(found, summary.schemas[channel.schema_id], channel, counts[channel.id])
            return {topic.name: (topic, text) for topic, text in found.values()}
    for schema, channel, _ in _records(bag, None, cut):
        _add(found, schema, channel, 1)
    return {topic.name: (topic, text) for topic, text in found.values()}


def topic_types(bag: str | Path, topics: tuple[str, ...] = SENSORS) -> dict[str, str]:
    """Return the type names of those of `topics` that the bag holds messages of.

    Raises:
        FileError: as `read_bag`.
    """
    with _open(bag) as reader:
        summary = reader.get_summary()
    if summary is None or summary.statistics is None:
        return {m.topic: m.type_name for m in read_bag(bag, topics)}
    counts = summary.statistics.channel_message_counts
    return {c.topic: summary.schemas[c.schema_id].name for c in summary.channels.values()
            if c.topic in topics and counts.get(c.id)}


def find_mcap(path: Path) -> Path:
    """Return the .mcap file of a flight folder, a bag folder, or of itself.

    Raises:
        FileError: there is none.
    """
    candidates = [path] if path.suffix == '.mcap' else [*path.glob('*.mcap'), *path.glob('bag/*.mcap')]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise FileError(f'{path}: no bag there; expected a flight folder, a bag folder or an .mcap file')


def _add(found: dict[int, tuple[Topic, str]], schema: Schema, channel: Channel, count: int) -> None:
    if channel.id not in found:
        found[channel.id] = topic_of(channel, schema), schema.data.decode()
    found[channel.id][0].count += count


def _records(bag: str | Path, topics: Collection[str] | None,
             cut: bool) -> Iterator[tuple[Schema, Channel, Record]]:
    """Yield schema, channel and message by time; `topics` None: of every topic."""
    if cut and is_cut(bag):
        try:
            yield from sorted(read_cut(find_mcap(Path(bag)), topics), key=lambda entry: entry[2].log_time)
        except RecoveryError as error:
            raise FileError(str(error)) from error
        return
    with _open(bag) as reader:
        yield from reader.iter_messages(topics=None if topics is None else list(topics))


@contextmanager
def _open(bag: str | Path) -> Iterator[McapReader]:
    path = find_mcap(Path(bag))
    try:
        with path.open('rb') as stream:
            yield make_reader(stream)
    except (McapError, OSError, EOFError) as error:
        raise FileError(f'{path}: cannot be read ({error}); try: frigoris recover {path.parent}') from error


def _rank(message: Message) -> int:
    # The IMU sets the ring going, so everything else of that time must be there first.
    return len(SENSORS) if message.topic == '/imu' else (
        SENSORS.index(message.topic) if message.topic in SENSORS else len(SENSORS) - 1)

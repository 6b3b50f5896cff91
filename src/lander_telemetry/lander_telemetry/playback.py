"""Reading a bag for replay: raw messages in the order of their time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mcap.exceptions import McapError
from mcap.reader import McapReader, make_reader

from lander_common.yaml_file import FileError

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


def read_bag(bag: str | Path, topics: tuple[str, ...] = SENSORS) -> Iterator[Message]:
    """Yield the messages of `topics`, by time, then in the order of `topics` with the IMU last.

    Args:
        bag: a flight folder, its bag folder, or an .mcap file.
        topics: full names.

    Raises:
        FileError: there is no bag, or it cannot be read (see `frigoris recover`).
    """
    pending: list[Message] = []
    with _open(bag) as reader:
        for schema, channel, message in reader.iter_messages(topics=list(topics)):
            if pending and message.log_time != pending[0].time:
                yield from sorted(pending, key=_rank)
                pending = []
            pending.append(Message(channel.topic, schema.name, message.log_time, message.data))
    yield from sorted(pending, key=_rank)


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

"""Reading a bag for replay: raw messages in the order of their time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mcap.exceptions import McapError
from mcap.reader import make_reader

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
    path = find_mcap(Path(bag))
    pending: list[Message] = []
    try:
        with path.open('rb') as stream:
            for schema, channel, message in make_reader(stream).iter_messages(topics=list(topics)):
                if pending and message.log_time != pending[0].time:
                    yield from sorted(pending, key=_rank)
                    pending = []
                pending.append(Message(channel.topic, schema.name, message.log_time, message.data))
    except (McapError, OSError, EOFError) as error:
        raise FileError(f'{path}: cannot be read ({error}); try: frigoris recover {path.parent}') from error
    yield from sorted(pending, key=_rank)


def has_topic(bag: str | Path, topic: str) -> bool:
    """Return whether the bag holds at least one message of a topic.

    Raises:
        FileError: as `read_bag`.
    """
    return next(read_bag(bag, (topic,)), None) is not None


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


def _rank(message: Message) -> int:
    # The IMU sets the ring going, so everything else of that time must be there first.
    return len(SENSORS) if message.topic == '/imu' else (
        SENSORS.index(message.topic) if message.topic in SENSORS else len(SENSORS) - 1)

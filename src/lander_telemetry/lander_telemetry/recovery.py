"""Recovery of a bag whose recorder was killed or whose disk was full: a new index, and metadata.yaml."""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from mcap.reader import make_reader
from mcap.records import Channel, Message, Schema

from lander_telemetry import bag_metadata
from lander_telemetry.bag_file import BagFile
from lander_telemetry.bag_files import METADATA, find_files, is_complete
from lander_telemetry.bag_metadata import FileContent, Topic
from lander_telemetry.cut_file import RecoveryError, read_cut, records, topic_of


@dataclass(frozen=True)
class Recovered:
    """What became of a file of a bag."""

    file: Path
    cut: Path | None  # where the cut-off original is kept; None if the file was complete
    messages: int
    damaged_chunks: int  # could not be read

    def __str__(self) -> str:
        if self.cut is None:
            return f'{self.file}: complete, {self.messages} messages'
        damage = f', {self.damaged_chunks} damaged chunks lost' if self.damaged_chunks else ''
        result = f'{self.messages} messages recovered' if self.messages else 'no message in it can be read'
        return f'{self.file}: {result}{damage}; original kept as {self.cut.name}'


def recover(path: Path | str) -> list[Recovered]:
    """Make a cut-off bag (flight folder, bag folder or file) readable again; return what became of each file.

    A complete file stays as it is. The original of another is kept beside it, with `.cut` appended to its
    name; if no message in it can be read, nothing takes its place. metadata.yaml is written for all files.

    Raises:
        FileError: there is no bag; RecoveryError: it holds no message.
        OSError: the new files cannot be written; the originals are then untouched.
    """
    files = find_files(path)
    folder = files[0].parent
    cut = [file for file in files if not is_complete(file)]
    try:
        damaged = {file: _rewrite(file, _draft(file)) for file in cut}
        found = {file: _content(_draft(file) if file in cut else file) for file in files}
        if cut and not any(content.messages for content, _ in found.values()):
            raise RecoveryError(f'{path}: no message in it can be read')
        kept = {file: _free_name(file) for file in cut}
        for file in cut:
            file.rename(kept[file])
            if found[file][0].messages:
                _draft(file).replace(file)
    finally:
        for file in cut:
            _draft(file).unlink(missing_ok=True)
    if cut or not (folder / METADATA).is_file():
        _describe(folder, {file: found[file] for file in files if file.is_file()})
    return [Recovered(file, kept.get(file), found[file][0].messages, damaged.get(file, 0)) for file in files]


def _rewrite(source: Path, target: Path) -> int:
    """Write what is whole in `source` into `target`; return how many chunks are damaged."""
    target.unlink(missing_ok=True)
    bag = BagFile(target)
    topics: list[Topic] = []
    schemas: dict[int, Schema] = {}
    channels: dict[int, int] = {}
    damaged = 0
    with suppress(RecoveryError):  # begun, and nothing in it yet
        for record in records(source):
            if isinstance(record, Schema):
                schemas[record.id] = record
            elif isinstance(record, Channel) and record.id not in channels and record.schema_id in schemas:
                schema = schemas[record.schema_id]
                topics.append(topic_of(record, schema))
                channels[record.id] = bag.add_channel(topics[-1], schema.data.decode())
            elif isinstance(record, Message) and record.channel_id in channels:
                bag.write(channels[record.channel_id], record.log_time, record.data, record.publish_time)
            damaged += record is None
    bag.close(bag_metadata.describe([replace(bag.content, name=source.name)], topics))
    return damaged


def _content(file: Path) -> tuple[FileContent, list[Topic]]:
    """Return what a complete file holds, from its summary if it has one."""
    content, topics = FileContent(file.name), {}
    with file.open('rb') as stream:
        summary = make_reader(stream).get_summary()
    if summary and summary.statistics:
        statistics = summary.statistics
        content.start, content.end = statistics.message_start_time, statistics.message_end_time
        for channel in summary.channels.values():
            topics.setdefault(channel.topic, topic_of(channel, summary.schemas[channel.schema_id]))
            content.counts[channel.topic] += statistics.channel_message_counts.get(channel.id, 0)
        return content, list(topics.values())
    for schema, channel, message in read_cut(file):
        topics.setdefault(channel.topic, topic_of(channel, schema))
        content.counts[channel.topic] += 1
        content.start, content.end = min(content.start, message.log_time), max(content.end, message.log_time)
    return content, list(topics.values())


def _describe(folder: Path, found: dict[Path, tuple[FileContent, list[Topic]]]) -> None:
    topics: dict[str, Topic] = {}
    for _, there in found.values():
        for topic in there:
            topics.setdefault(topic.name, topic)
    bag_metadata.write(folder, [replace(content, name=file.name) for file, (content, _) in found.items()],
                       list(topics.values()))


def _draft(file: Path) -> Path:
    return file.with_name(f'.{file.name}.recovery')


def _free_name(file: Path) -> Path:
    names = (file.with_name(f'{file.name}.cut{n or ""}') for n in range(1000))
    return next(name for name in names if not name.exists())

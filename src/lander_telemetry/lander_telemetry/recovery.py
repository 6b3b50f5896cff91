"""Recovery of a bag whose recorder was killed or whose disk was full: a new index, and metadata.yaml.

Also reads cut-off records, so that a chunk that was only half written still gives its whole messages.
"""

import argparse
import os
import shutil
import struct
import sys
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import yaml
from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import Channel, Chunk, McapRecord, Message, Schema
from mcap.stream_reader import MAGIC_SIZE, get_chunk_data_stream
from mcap.writer import MCAP0_MAGIC

from lander_telemetry.bag_metadata import Topic
from lander_telemetry.bag_writer import FILE, BagWriter

_HEAD = struct.Struct('<BQ')  # opcode and length of a record
_CHUNK_HEAD = struct.Struct('<QQQII')  # start, end, size, CRC, length of the name of the compression


class RecoveryError(ValueError):
    """The file is no bag, or nothing in it can be read."""


@dataclass(frozen=True)
class Recovered:
    """What became of a bag."""

    file: Path  # the bag file, readable now
    cut: Path | None  # where the cut-off original is kept; None if the bag was complete
    messages: int
    damaged_chunks: int  # could not be read

    def __str__(self) -> str:
        if self.cut is None:
            return f'{self.file}: complete'
        damage = f', {self.damaged_chunks} damaged chunks lost' if self.damaged_chunks else ''
        return f'{self.file}: {self.messages} messages recovered{damage}; original kept as {self.cut.name}'


def is_complete(file: Path) -> bool:
    """Whether an MCAP file was closed by its writer: it ends with a footer."""
    with file.open('rb') as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - MAGIC_SIZE))
        return size > 2 * MAGIC_SIZE and stream.read() == MCAP0_MAGIC


def recover(path: Path | str) -> Recovered:
    """Make a cut-off bag (folder or file) readable again; a complete bag stays as it is.

    The original is kept beside it, with `.cut` appended to its name.

    Raises:
        RecoveryError: there is no bag, or it holds no message.
        OSError: the new file cannot be written; the original is then untouched.
    """
    path = Path(path)
    file = path / FILE if path.is_dir() else path
    if not file.is_file():
        raise RecoveryError(f'{path}: no bag here; expected {FILE}')
    folder = file.parent
    complete = is_complete(file)
    if complete and (folder / 'metadata.yaml').is_file():
        return Recovered(file, None, 0, 0)
    work = folder / '.recovery'
    shutil.rmtree(work, ignore_errors=True)
    try:
        messages, damaged = _rewrite(file, work)
        if not messages:
            raise RecoveryError(f'{file}: no message in it can be read')
        cut = None
        if not complete:
            cut = _free_name(file)
            file.rename(cut)
            (work / file.name).replace(file)
        (work / 'metadata.yaml').replace(folder / 'metadata.yaml')
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Recovered(file, cut, messages, damaged)


def read_cut(file: Path, topics: Collection[str] | None = None) -> Iterator[tuple[Schema, Channel, Message]]:
    """Yield every message that is whole in a cut-off bag, with its schema and channel, as they were written.

    `topics`: None means all.

    Raises:
        RecoveryError: it is no bag.
    """
    schemas: dict[int, Schema] = {}
    channels: dict[int, Channel] = {}
    with file.open('rb') as stream:
        if stream.read(MAGIC_SIZE) != MCAP0_MAGIC:
            raise RecoveryError(f'{file}: not an MCAP file')
        for record in _records(stream):
            if isinstance(record, Schema):
                schemas[record.id] = record
            elif isinstance(record, Channel) and (topics is None or record.topic in topics):
                channels[record.id] = record
            elif isinstance(record, Message) and record.channel_id in channels:
                channel = channels[record.channel_id]
                if channel.schema_id in schemas:
                    yield schemas[channel.schema_id], channel, record


def _rewrite(source: Path, folder: Path) -> tuple[int, int]:
    bag = BagWriter(folder, source.name)
    schemas: dict[int, Schema] = {}
    channels: dict[int, int] = {}
    messages = damaged = 0
    with source.open('rb') as stream:
        if stream.read(MAGIC_SIZE) != MCAP0_MAGIC:
            bag.abandon()
            raise RecoveryError(f'{source}: not an MCAP file')
        for record in _records(stream):
            if isinstance(record, Schema):
                schemas[record.id] = record
            elif isinstance(record, Channel) and record.id not in channels and record.schema_id in schemas:
                schema = schemas[record.schema_id]
                channels[record.id] = bag.add_channel(topic_of(record, schema), schema.data.decode())
            elif isinstance(record, Message) and record.channel_id in channels:
                bag.write(channels[record.channel_id], record.log_time, record.data, record.publish_time)
                messages += 1
            damaged += record is None
    bag.close()
    return messages, damaged


def topic_of(channel: Channel, schema: Schema) -> Topic:
    """Return what rosbag2 stores about the topic of a channel; no message is counted yet."""
    qos = yaml.safe_load(channel.metadata.get('offered_qos_profiles', '')) or []
    return Topic(channel.topic, schema.name, channel.metadata.get('topic_type_hash', ''), qos)


def _records(stream: BinaryIO) -> Iterator[McapRecord | None]:
    """Yield schemas, channels and messages until the data end or break off; None for a damaged chunk."""
    while len(head := stream.read(_HEAD.size)) == _HEAD.size:
        opcode, length = _HEAD.unpack(head)
        content = stream.read(length)
        if opcode in (Opcode.DATA_END, Opcode.FOOTER):
            return
        whole = len(content) == length
        if opcode == Opcode.CHUNK:
            yield from _chunk(content, whole)
        elif whole and opcode in _READERS:
            yield _READERS[opcode](content)


def _chunk(content: bytes, whole: bool) -> Iterator[McapRecord | None]:
    try:
        if whole:
            chunk = Chunk.read(ReadDataStream(BytesIO(content)))
            stream, length = get_chunk_data_stream(chunk)
            data = stream.read(length)
            good = zlib.crc32(data) == chunk.uncompressed_crc or not chunk.uncompressed_crc
        elif len(content) < _CHUNK_HEAD.size:
            return
        else:
            *_, compression = _CHUNK_HEAD.unpack_from(content)
            data, good = (b'', False) if compression else (content[_CHUNK_HEAD.size + 8:], True)
        for record in _records(BytesIO(data)):
            # What later chunks need is kept even from a damaged one.
            if good or not isinstance(record, Message):
                yield record
    except (McapError, ValueError, struct.error, RuntimeError):
        good = False
    if not good:
        yield None


def _free_name(file: Path) -> Path:
    names = (file.with_name(f'{file.name}.cut{n or ""}') for n in range(1000))
    return next(name for name in names if not name.exists())


_READERS = {
    Opcode.SCHEMA: lambda content: Schema.read(ReadDataStream(BytesIO(content))),
    Opcode.CHANNEL: lambda content: Channel.read(ReadDataStream(BytesIO(content))),
    Opcode.MESSAGE: lambda content: Message.read(ReadDataStream(BytesIO(content)), len(content)),
}


def main() -> None:
    """Recover the bags named on the command line."""
    parser = argparse.ArgumentParser(description='Make cut-off bags readable again.')
    parser.add_argument('bag', nargs='+', help='bag folder or .mcap file')
    for bag in parser.parse_args().bag:
        try:
            print(recover(bag))
        except (RecoveryError, OSError) as error:
            sys.exit(f'error: {error}')

"""Reading an .mcap file that was cut off anywhere: without its index, its last chunk half there."""

import os
import struct
import zlib
from collections.abc import Collection, Iterator
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
from zstandard import ZstdError

from lander_common.yaml_file import FileError
from lander_telemetry.bag_metadata import Topic

_HEAD = struct.Struct('<BQ')  # opcode and length of a record
_CHUNK_HEAD = struct.Struct('<QQQII')  # start, end, size, CRC, length of the name of the compression
_PADDING = 0  # no opcode: the zeros that a power failure leaves at the end of a file
_UNWRITTEN = bytes(512)
"""So many zeros at the end of half a chunk are not of a message: the disk was not written there."""

BROKEN = (McapError, OSError, EOFError, ValueError, RuntimeError, struct.error, ZstdError)
"""What the libraries raise that read and decompress, when the data are not what they should be."""


class RecoveryError(FileError):
    """The file is no bag, or nothing in it can be read."""


def read_cut(file: Path, topics: Collection[str] | None = None) -> Iterator[tuple[Schema, Channel, Message]]:
    """Yield every message that is whole in a cut-off bag, with its schema and channel, as they were written.

    `topics`: None means all.

    Raises:
        RecoveryError: it is no bag.
    """
    schemas: dict[int, Schema] = {}
    channels: dict[int, Channel] = {}
    for record in records(file):
        if isinstance(record, Schema):
            schemas[record.id] = record
        elif isinstance(record, Channel) and (topics is None or record.topic in topics):
            channels[record.id] = record
        elif isinstance(record, Message) and record.channel_id in channels:
            channel = channels[record.channel_id]
            if channel.schema_id in schemas:
                yield schemas[channel.schema_id], channel, record


def records(file: Path) -> Iterator[McapRecord | None]:
    """Yield schemas, channels and messages until the data end or break off; None for a damaged chunk.

    Raises:
        RecoveryError: it is no bag.
    """
    with file.open('rb') as stream:
        if stream.read(MAGIC_SIZE) != MCAP0_MAGIC:
            raise RecoveryError(f'{file}: not an MCAP file')
        yield from _records(stream)


def topic_of(channel: Channel, schema: Schema) -> Topic:
    """Return what rosbag2 stores about the topic of a channel; no message is counted yet."""
    qos = yaml.safe_load(channel.metadata.get('offered_qos_profiles', '')) or []
    return Topic(channel.topic, schema.name, channel.metadata.get('topic_type_hash', ''), qos)


def _records(stream: BinaryIO) -> Iterator[McapRecord | None]:
    begin = stream.tell()
    size = stream.seek(0, os.SEEK_END)
    stream.seek(begin)
    while len(head := stream.read(_HEAD.size)) == _HEAD.size:
        opcode, length = _HEAD.unpack(head)
        if opcode in (Opcode.DATA_END, Opcode.FOOTER, _PADDING):
            return
        content = stream.read(min(length, size - stream.tell()))
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
        else:
            if content.endswith(_UNWRITTEN):
                content = content.rstrip(b'\0')
            if len(content) < _CHUNK_HEAD.size:
                return
            *_, compression = _CHUNK_HEAD.unpack_from(content)
            data, good = (b'', False) if compression else (content[_CHUNK_HEAD.size + 8:], True)
        for record in _records(BytesIO(data)):
            # What later chunks need is kept even from a damaged one.
            if good or not isinstance(record, Message):
                yield record
    except BROKEN:
        good = False
    if not good:
        yield None


_READERS = {
    Opcode.SCHEMA: lambda content: Schema.read(ReadDataStream(BytesIO(content))),
    Opcode.CHANNEL: lambda content: Channel.read(ReadDataStream(BytesIO(content))),
    Opcode.MESSAGE: lambda content: Message.read(ReadDataStream(BytesIO(content)), len(content)),
}

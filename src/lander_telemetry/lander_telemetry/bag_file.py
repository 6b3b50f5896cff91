"""One .mcap file of a bag: raw CDR messages with definitions and index, complete in itself."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mcap.writer import CompressionType, Writer

from lander_telemetry.bag_metadata import FileContent, Topic, describe, to_yaml
from lander_telemetry.disk import DiskFile

CHUNK_BYTES = 64 * 1024
"""Small chunks: what is not flushed yet is all that a killed recorder loses."""

COMPRESSIONS = {'none': CompressionType.NONE, 'zstd': CompressionType.ZSTD, 'lz4': CompressionType.LZ4}
COMPRESSION = 'zstd'
"""The one that is used unless said otherwise; benchmarks/bench_compression.py says why."""


class BagFile:
    """A file being written. After an OSError (full disk) it can only be abandoned."""

    def __init__(self, path: Path, compression: str = COMPRESSION,
                 make_room: Callable[[], bool] = lambda: False):
        """Open the file; `compression` of its chunks is one of COMPRESSIONS.

        Raises:
            OSError: also if the file is there already: a flight is never overwritten.
        """
        self.path, self.content = path, FileContent(path.name)
        self._stream = DiskFile(path, make_room)
        self._writer = Writer(self._stream, CHUNK_BYTES, COMPRESSIONS[compression])
        self._writer.start('ros2', 'frigoris')
        self._describe(describe([self.content], []))  # as rosbag2 does: it tells the version of a cut file
        self._schemas: dict[str, int] = {}
        self._topics: dict[int, Topic] = {}

    @property
    def bytes(self) -> int:
        """Length of the file, without the chunk that is being filled."""
        return self._stream.tell()

    def add_channel(self, topic: Topic, definition: str) -> int:
        """Add a topic with the full definition of its type; return the number of its channel, from 1 on."""
        name = topic.type_name
        if name not in self._schemas:
            self._schemas[name] = self._writer.register_schema(name, 'ros2msg', definition.encode())
        metadata = {'offered_qos_profiles': to_yaml(topic.qos).strip(), 'topic_type_hash': topic.type_hash}
        channel = self._writer.register_channel(topic.name, 'cdr', self._schemas[name], metadata)
        self._topics[channel] = topic
        return channel

    def write(self, channel: int, time: int, data: bytes, publish_time: int | None = None) -> None:
        """Append a message of CDR bytes at `time` [ns].

        Raises:
            OSError: the disk is full or gone.
        """
        topic, content = self._topics[channel], self.content
        topic.count += 1
        content.counts[topic.name] += 1
        content.start, content.end = min(content.start, time), max(content.end, time)
        published = time if publish_time is None else publish_time
        self._writer.add_message(channel, time, data, published, topic.count)

    def flush(self) -> None:
        """Hand everything to the operating system: from here on it outlives a kill of this process.

        Raises:
            OSError: the disk is full or gone.
        """
        self._writer.flush()

    def close(self, bag: dict) -> None:
        """Write the index, with what rosbag2 stores about the `bag` so far, and close the file.

        Raises:
            OSError: the disk is full or gone; the file then needs `frigoris recover`.
        """
        try:
            self._describe(bag)
            self._writer.finish()
            self._stream.flush()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close the file as it is, without index."""
        with suppress(OSError):
            self._stream.close()

    def _describe(self, bag: dict) -> None:
        self._writer.add_metadata('rosbag2', {'serialized_metadata': to_yaml(bag)})

"""Writes a bag folder: raw CDR messages as MCAP with definitions and index, and its metadata.yaml."""

from contextlib import suppress
from pathlib import Path

from mcap.writer import CompressionType, Writer

from lander_telemetry.bag_metadata import DISTRO, Topic, describe, to_yaml

CHUNK_BYTES = 64 * 1024
"""Small chunks: what is not flushed yet is all that a killed recorder loses."""

FILE = 'bag_0.mcap'


class BagWriter:
    """One bag of one file. After an OSError (full disk) it must not be written to any more, only closed."""

    def __init__(self, folder: Path, file: str = FILE):
        """Make `folder` and open the file in it.

        Raises:
            OSError: also if the file is there already: a flight is never overwritten.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._file = folder, file
        self._stream = (folder / file).open('xb')
        self._writer = Writer(self._stream, CHUNK_BYTES, CompressionType.NONE)
        self._writer.start('ros2', 'frigoris')
        self._writer.add_metadata('rosbag2', {'ROS_DISTRO': DISTRO})
        self._schemas: dict[str, int] = {}
        self._topics: dict[int, Topic] = {}
        self._start, self._end = 2**63 - 1, 0

    def add_channel(self, topic: Topic, definition: str) -> int:
        """Add a topic with the full definition of its type; return the number of its channel."""
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
        topic = self._topics[channel]
        topic.count += 1
        self._start, self._end = min(self._start, time), max(self._end, time)
        published = time if publish_time is None else publish_time
        self._writer.add_message(channel, time, data, published, topic.count)

    def flush(self) -> None:
        """Hand everything to the operating system: from here on it outlives a kill of this process.

        Raises:
            OSError: the disk is full or gone.
        """
        self._writer.flush()

    def close(self) -> None:
        """Write index and metadata.yaml and close the file.

        Raises:
            OSError: the disk is full or gone; the file then needs `lander_telemetry.recovery`.
        """
        content = describe(self._file, list(self._topics.values()), self._start, self._end)
        try:
            self._writer.add_metadata('rosbag2', {'serialized_metadata': to_yaml(content)})
            self._writer.finish()
            self._stream.close()
        except OSError:
            self.abandon()
            raise
        text = to_yaml({'rosbag2_bagfile_information': content})
        (self._folder / 'metadata.yaml').write_text(text, encoding='utf-8')

    def abandon(self) -> None:
        """Close the file as it is, without index."""
        with suppress(OSError):
            self._stream.close()

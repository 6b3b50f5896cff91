"""Writes a bag folder: .mcap files in the layout of rosbag2, and metadata.yaml."""

import errno
from collections.abc import Callable
from pathlib import Path

from lander_telemetry import bag_metadata
from lander_telemetry.bag_file import COMPRESSION, BagFile
from lander_telemetry.bag_files import METADATA, file_name
from lander_telemetry.bag_metadata import FileContent, Topic
from lander_telemetry.disk import insist


class BagWriter:
    """A bag of one file or several. After an OSError (full disk) it can only be abandoned."""

    def __init__(self, folder: Path, *, compression: str = COMPRESSION, split_bytes: int = 0,
                 split_s: float = 0.0, make_room: Callable[[], bool] = lambda: False):
        """Make `folder` and open the first file in it.

        Args:
            folder: of the bag; the files in it are bag_0.mcap, bag_1.mcap and so on.
            compression: of the chunks; none, zstd or lz4.
            split_bytes: length from which the next message begins a new file; 0: never.
            split_s: flight time from the first message of a file on, likewise.
            make_room: called when the disk is full; whether it is worth trying again.

        Raises:
            OSError: also if a bag is there already: a flight is never overwritten.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.glob('*.mcap')):
            raise FileExistsError(errno.EEXIST, 'there is a bag already', str(folder))
        self._folder, self._compression, self._make_room = folder, compression, make_room
        self._split_bytes, self._split_ns = split_bytes, round(split_s * 1e9)
        self._channels: list[tuple[Topic, str]] = []
        self._closed: list[FileContent] = []
        self._number = 0
        self._touched = {folder.parent}
        self._file = self._open()

    def add_channel(self, topic: Topic, definition: str) -> int:
        """Add a topic with the full definition of its type; return the number of its channel."""
        self._channels.append((topic, definition))
        return self._file.add_channel(topic, definition)

    def write(self, channel: int, time: int, data: bytes, publish_time: int | None = None) -> None:
        """Append a message of CDR bytes at `time` [ns].

        Raises:
            OSError: the disk is full or gone.
        """
        file = self._file
        if file.content.counts and (
                (self._split_bytes and file.bytes >= self._split_bytes)
                or (self._split_ns and time - file.content.start >= self._split_ns)):
            self._close_file()
            self._number += 1
            file = self._file = self._open()
        file.write(channel, time, data, publish_time)

    def flush(self) -> None:
        """Hand everything to the operating system: from here on it outlives a kill of this process.

        Raises:
            OSError: the disk is full or gone.
        """
        self._file.flush()

    def take_touched(self) -> set[Path]:
        """Return the files and folders that were written to since the last call."""
        touched, self._touched = self._touched, {self._file.path}
        return touched

    def delete_oldest(self) -> int | None:
        """Delete the oldest closed file; return how many messages it held, None if there is no such file."""
        if not self._closed:
            return None
        oldest = self._closed.pop(0)
        (self._folder / oldest.name).unlink(missing_ok=True)
        return oldest.messages

    def close(self) -> None:
        """Write index and metadata.yaml and close the file.

        Raises:
            OSError: the disk is full or gone; the bag then needs `frigoris recover`.
        """
        self._close_file()
        insist(lambda: bag_metadata.write(self._folder, self._closed, self._topics()), self._make_room)
        self._touched |= {self._folder / METADATA, self._folder}

    def abandon(self) -> None:
        """Close the file as it is, without index."""
        self._file.abandon()

    def _open(self) -> BagFile:
        file = BagFile(self._folder / file_name(self._number), self._compression, self._make_room)
        self._touched |= {file.path, self._folder}
        for topic, definition in self._channels:
            file.add_channel(topic, definition)
        return file

    def _close_file(self) -> None:
        self._file.close(bag_metadata.describe([*self._closed, self._file.content], self._topics()))
        self._closed.append(self._file.content)

    def _topics(self) -> list[Topic]:
        return [topic for topic, _ in self._channels]

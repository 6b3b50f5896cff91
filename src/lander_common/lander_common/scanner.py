"""Frames with a head, a length and a check in a stream of bytes that may hold anything."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Found:
    """Bytes that have the form of a frame."""

    frame: bytes
    good: bool  # its check is right
    in_step: bool  # it begins where a good frame ended


class FrameScanner(ABC):
    """Finds frames. Loses none that stands whole behind garbage, and keeps less than one frame.

    A place that looks like a head and is none costs one byte: the search goes on right behind it.
    """

    head: ClassVar[bytes]
    """What each frame begins with; empty if only `length` can tell."""
    shortest: ClassVar[int]
    """Bytes from which the length of a frame can be told."""

    def __init__(self) -> None:
        """Start between frames, out of step."""
        self._buffer = bytearray()
        self._in_step = False
        self.skipped = 0  # bytes that belonged to no good frame

    @abstractmethod
    def length(self, data: bytearray, start: int) -> int:
        """Return the length of the frame that begins at `start`, 0 if none can begin so."""

    @abstractmethod
    def check(self, frame: bytes) -> bool:
        """Return whether a frame of the right length is undamaged."""

    def feed(self, data: bytes) -> list[Found]:
        """Return what ends in `data`. Never raises, and does not depend on how the stream is cut."""
        buffer = self._buffer
        buffer += data
        found, at = [], 0
        while True:
            start = buffer.find(self.head, at)
            if start < 0:
                start = len(buffer) - self._begun(len(buffer) - at)
            self._skip(start - at)
            at = start
            if len(buffer) - at < self.shortest:
                break
            length = self.length(buffer, at)
            if len(buffer) - at < length:
                break
            frame = bytes(buffer[at:at + length])
            good = length > 0 and self.check(frame)
            if length > 0:
                found.append(Found(frame, good, self._in_step))
            if good:
                self._in_step = True
                at += length
            else:
                self._skip(1)
                at += 1
        del buffer[:at]
        return found

    def _skip(self, count: int) -> None:
        if count > 0:
            self.skipped += count
            self._in_step = False

    def _begun(self, most: int) -> int:
        """Return how many bytes at the end, `most` at most, may be the beginning of a head."""
        lengths = range(min(len(self.head) - 1, most), 0, -1)
        return next((n for n in lengths if self._buffer.endswith(self.head[:n])), 0)

"""Files on a disk that may be full, fail, or lose its power."""

import errno
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

BUFFER_BYTES = 64 * 1024
"""What is more than this goes to the operating system without being asked for."""

T = TypeVar('T')
_FULL = (errno.ENOSPC, errno.EDQUOT)
_LAST_SYNC_S = 5.0  # a disk that hangs must not keep the process from ending


def insist(action: Callable[[], T], make_room: Callable[[], bool]) -> T:
    """Return what `action` returns; while the disk is full, let `make_room` free some and try again.

    Raises:
        OSError: the disk is full and nothing more can be freed, or it failed otherwise.
    """
    while True:
        try:
            return action()
        except OSError as error:
            if error.errno not in _FULL or not make_room():
                raise


def free_bytes(folder: Path) -> int:
    """Return the free space on the file system of `folder`."""
    return shutil.disk_usage(folder).free


class DiskFile:
    """A new file to append to. Unlike Python's, it can go on where it was after a disk was full."""

    def __init__(self, path: Path, make_room: Callable[[], bool]):
        """Open the file; it must not be there yet.

        Raises:
            OSError: also if it is there.
        """
        self._raw = insist(lambda: path.open('xb', buffering=0), make_room)
        self._waiting, self._written = bytearray(), 0
        self._make_room = make_room

    def write(self, data: bytes) -> None:
        """Append.

        Raises:
            OSError: the disk is full or gone.
        """
        self._waiting += data
        if len(self._waiting) > BUFFER_BYTES:
            self.flush()

    def tell(self) -> int:
        """Return the length of the file, with what waits to be written."""
        return self._written + len(self._waiting)

    def flush(self) -> None:
        """Hand everything to the operating system.

        Raises:
            OSError: the disk is full or gone.
        """
        while self._waiting:
            done = insist(lambda: self._raw.write(self._waiting), self._make_room)
            del self._waiting[:done]
            self._written += done

    def close(self) -> None:
        """Close the file as it is; what waits is dropped."""
        self._raw.close()


class DiskSync:
    """Has the operating system write files to the disk itself, in a thread: nobody waits for it."""

    def __init__(self) -> None:
        """Start the thread."""
        self.trouble = ''  # why a file may not be on the disk
        self.longest_s = 0.0  # wall time
        self._paths: set[Path] = set()
        self._ending = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name='disk_sync', daemon=True)
        self._thread.start()

    def request(self, paths: Iterable[Path]) -> None:
        """Let files and folders be written; returns at once."""
        with self._changed:
            self._paths |= set(paths)
            self._changed.notify()

    def close(self) -> None:
        """Wait for what was requested, but not for ever."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join(_LAST_SYNC_S)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._paths or self._ending)
                paths, self._paths = self._paths, set()
            if not paths:
                return
            began = time.monotonic()
            for path in paths:
                self._sync(path)
            self.longest_s = max(self.longest_s, time.monotonic() - began)

    def _sync(self, path: Path) -> None:
        try:
            number = os.open(path, os.O_RDONLY)
            try:
                os.fsync(number)
            finally:
                os.close(number)
        except FileNotFoundError:
            pass  # deleted meanwhile, to make room
        except OSError as error:
            self.trouble = f'{path.name} may not outlive a power failure: {error.strerror or error}'

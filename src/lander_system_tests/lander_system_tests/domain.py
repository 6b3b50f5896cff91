"""A ROS domain for each flight: nodes that earlier tests left in this process must not be heard."""

import fcntl
import os
import tempfile
from pathlib import Path

DOMAINS = range(20, 60)  # the tests themselves have those from 60 on


class Domain:
    """A ROS domain that no other flight has until it is closed."""

    def __init__(self) -> None:
        """Take the first free one.

        Raises:
            RuntimeError: all are in use.
        """
        for number in DOMAINS:
            path = Path(tempfile.gettempdir(), f'frigoris-domain-{number}.lock')
            lock = os.open(path, os.O_RDWR | os.O_CREAT)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                continue
            self.number, self._lock = number, lock
            return
        raise RuntimeError('every ROS domain for flights is in use')

    def close(self) -> None:
        """Give it back; closing twice is allowed."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

"""Where the output of processes goes: the screen, log files, or both, as in ROS."""

import os
import socket
import sys
import time
from pathlib import Path
from typing import BinaryIO

from lander_bringup.runner.plan import ProcessSpec


def log_directory(environment: dict[str, str]) -> Path:
    """Return where logs go: $ROS_LOG_DIR, else a new folder in $ROS_HOME/log or ~/.ros/log."""
    if environment.get('ROS_LOG_DIR'):
        return Path(environment['ROS_LOG_DIR']).expanduser().absolute()
    home = Path(environment.get('ROS_HOME') or '~/.ros').expanduser().absolute()
    stamp = time.strftime('%Y-%m-%d-%H-%M-%S')
    return home / 'log' / f'{stamp}-{socket.gethostname()}-{os.getpid()}'


class Screen:
    """Lines of several processes on one terminal, which one of them may own for a live line."""

    def __init__(self) -> None:
        """Write to standard output."""
        self.is_terminal = sys.stdout.isatty()
        self.shared = False  # whether a process writes to the terminal itself

    def line(self, name: str, text: str) -> None:
        """Show one line of a process, or of the runner."""
        # Clears a live line, whose owner draws it anew.
        start = '\r\x1b[K' if self.shared else ''
        sys.stdout.write(f'{start}[{name}] {text}\n')
        sys.stdout.flush()


class Sink:
    """Takes the bytes of one stream of a process and hands them on line by line."""

    def __init__(self, name: str, screen: Screen | None, log: BinaryIO | None):
        """Write to `screen` and `log`, if given."""
        self._name, self._screen, self._log, self._rest = name, screen, log, b''

    def hide(self) -> None:
        """Keep further lines from the screen."""
        self._screen = None

    def write(self, data: bytes) -> None:
        """Take some bytes; unfinished lines wait for their end."""
        *lines, self._rest = (self._rest + data).split(b'\n')
        for line in lines:
            self._put(line)
        if len(self._rest) > 1 << 16:
            self.close()

    def close(self) -> None:
        """Hand on an unfinished last line."""
        if self._rest:
            self._put(self._rest)
            self._rest = b''

    def _put(self, line: bytes) -> None:
        if self._log is not None:
            self._log.write(line + b'\n')
        if self._screen is not None:
            self._screen.line(self._name, line.decode(errors='replace').rstrip('\r'))


def sinks(spec: ProcessSpec, screen: Screen, log: BinaryIO | None) -> tuple[Sink, Sink]:
    """Return the sinks of standard output and standard error of a process."""
    out = screen if spec.output != 'log' else None
    file = log if spec.output != 'screen' else None
    return Sink(spec.name, out, file), Sink(spec.name, screen, file)

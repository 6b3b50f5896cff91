"""Errors of launch files, with their place."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """A line of a launch file."""

    file: Path
    line: int

    def __str__(self) -> str:
        """Return file:line, as compilers and editors write it."""
        return f'{self.file}:{self.line}'


class LaunchError(Exception):
    """A launch file or its arguments cannot be used; the text begins with the place, if there is one."""

    def __init__(self, text: str, place: Place | None = None):
        """Put the place before the text."""
        super().__init__(f'{place}: {text}' if place else text)

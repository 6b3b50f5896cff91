"""Where the files of a bag are, and whether they were closed."""

import os
import re
from pathlib import Path

from mcap.stream_reader import MAGIC_SIZE
from mcap.writer import MCAP0_MAGIC

from lander_common.yaml_file import FileError

METADATA = 'metadata.yaml'

_NUMBER = re.compile(r'_(\d+)$')


def file_name(number: int) -> str:
    """Return the name of a file of a bag; they are counted from 0."""
    return f'bag_{number}.mcap'


FILE = file_name(0)
"""The first file; the only one of a bag that is not split."""


def find_files(path: Path | str) -> list[Path]:
    """Return the .mcap files of a flight folder, of a bag folder, or the file itself, in their order.

    Raises:
        FileError: there is none, or they are of several bags.
    """
    path = Path(path)
    if path.suffix == '.mcap' and path.is_file():
        return [path]
    for folder in (path, path / 'bag'):
        files = [file for file in folder.glob('*.mcap') if file.is_file()]
        if len({_NUMBER.sub('', file.stem) for file in files}) > 1:
            raise FileError(f'{folder}: .mcap files of several bags; name one of them')
        if files:
            return sorted(files, key=_number)
    raise FileError(f'{path}: no bag there; expected a flight folder, a bag folder or an .mcap file')


def is_complete(file: Path) -> bool:
    """Whether an MCAP file was closed by its writer: it ends with a footer."""
    with file.open('rb') as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - MAGIC_SIZE))
        return size > 2 * MAGIC_SIZE and stream.read() == MCAP0_MAGIC


def _number(file: Path) -> int:
    found = _NUMBER.search(file.stem)
    return int(found[1]) if found else 0

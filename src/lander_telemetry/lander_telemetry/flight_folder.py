"""Folders of flights: one each, named by time and scenario, and the link `latest` to the newest."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path


def create(root: Path | str, scenario: str, now: datetime | None = None) -> Path:
    """Make the folder `root/TIME-SCENARIO` (UTC) and point `root/latest` to it; return its absolute path.

    Flights that start in the same second get different folders.

    Raises:
        OSError: the folder cannot be made.
    """
    root = Path(root).absolute()
    root.mkdir(parents=True, exist_ok=True)
    time = (now or datetime.now(UTC)).strftime('%Y%m%dT%H%M%SZ')
    name = f'{time}-{re.sub(r"[^A-Za-z0-9_.-]+", "_", Path(scenario).stem) or "flight"}'
    number = 1
    while True:
        folder = root / (name if number == 1 else f'{name}-{number}')
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
            continue
        _point(root / 'latest', folder)
        return folder


def _point(link: Path, folder: Path) -> None:
    draft = link.with_name(f'.latest-{os.getpid()}-{folder.name}')
    draft.symlink_to(folder.name)
    draft.replace(link)

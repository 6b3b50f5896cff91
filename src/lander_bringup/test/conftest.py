"""A package whose one executable writes down how it was started, and launch files for it."""

import json
import os
from pathlib import Path

import pytest

from lander_bringup.runner import launch_file

RECORD = '''#!/usr/bin/env python3
import json, os, sys
files = {a: open(a).read() for flag, a in zip(sys.argv, sys.argv[1:]) if flag == '--params-file'}
record = {'arguments': sys.argv[1:], 'files': files, 'cwd': os.getcwd(),
          'environment': {k: v for k, v in os.environ.items() if k.startswith('T_')}}
name = next((a[8:] for a in sys.argv if a.startswith('__node:=')), sys.argv[1])
with open(os.path.join(os.environ['RECORDS'], name + '.json'), 'w') as file:
    json.dump(record, file)
'''


class Workspace:
    """A folder with the package `fake` in an ament prefix."""

    def __init__(self, folder: Path):
        self.folder = folder
        index = folder / 'prefix/share/ament_index/resource_index/packages'
        programs = folder / 'prefix/lib/fake'
        self.records = folder / 'records'
        for path in (index, programs, self.records):
            path.mkdir(parents=True)
        (index / 'fake').touch()
        (programs / 'record').write_text(RECORD)
        (programs / 'record').chmod(0o755)

    def file(self, text: str, name: str = 'test.launch.yaml') -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def plan(self, text: str, environment: dict[str, str] | None = None, **arguments: str):
        scratch = self.folder / 'scratch'
        return launch_file.make_plan(self.file(text), arguments, dict(environment or {}), scratch)

    def read_records(self) -> dict[str, dict]:
        return {path.stem: json.loads(path.read_text()) for path in self.records.glob('*.json')}


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Workspace:
    monkeypatch.setenv('AMENT_PREFIX_PATH', f'{tmp_path}/prefix:{os.environ.get("AMENT_PREFIX_PATH", "")}')
    monkeypatch.setenv('RECORDS', str(tmp_path / 'records'))
    return Workspace(tmp_path)

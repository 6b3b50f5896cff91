"""Parameter files and README say what the code says."""

import dataclasses
import re
from pathlib import Path

import pytest
import yaml

from lander_common.parameters import make
from lander_telemetry.parameters import MissionParameters, RecorderParameters

PACKAGE = Path(__file__).resolve().parents[1]
NODES = {'flight_recorder': RecorderParameters, 'mission_control': MissionParameters}


@pytest.mark.parametrize(('node', 'cls'), NODES.items())
def test_parameter_file_holds_every_default_once(node, cls):
    content = yaml.safe_load((PACKAGE / f'config/{node}.yaml').read_text())
    given = content[node]['ros__parameters']
    assert make(cls, given) == cls()
    assert list(given) == [f.name for f in dataclasses.fields(cls)]


@pytest.mark.parametrize(('node', 'cls'), NODES.items())
def test_readme_lists_every_parameter(node, cls):
    section = (PACKAGE / 'README.md').read_text().split(f'`{node}`\n', 1)[1]
    table = section.split('| name | default | unit | meaning |')[1].split('\n\n')[0]
    rows = {name: (default, unit.strip()) for name, default, unit in
            re.findall(r'^\| `(\w+)` \| ([^|]*?) \|([^|]*)\|', table, re.MULTILINE)}
    assert set(rows) == {f.name for f in dataclasses.fields(cls)}
    for field in dataclasses.fields(cls):
        expected = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
        assert rows[field.name][0] in ((expected,) if expected else ('none', 'required'))
        assert rows[field.name][1] == field.metadata['unit']

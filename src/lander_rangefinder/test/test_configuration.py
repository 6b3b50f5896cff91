import dataclasses
from pathlib import Path

import yaml

from lander_common.parameters import make
from lander_rangefinder.parameters import RangefinderParameters

PACKAGE = Path(__file__).parents[1]


def test_the_file_holds_every_parameter_at_its_default():
    content = yaml.safe_load((PACKAGE / 'config/rangefinder.yaml').read_text())
    values = content['rangefinder']['ros__parameters']
    assert make(RangefinderParameters, values) == RangefinderParameters()
    assert set(values) == {f.name for f in dataclasses.fields(RangefinderParameters)}


def test_the_readme_tells_every_parameter_and_its_default():
    rows = [[cell.strip(' `') for cell in line.split('|')[1:-1]]
            for line in (PACKAGE / 'README.md').read_text().splitlines() if line.startswith('| `')]
    told = {row[0]: row[1:] for row in rows}
    for field in dataclasses.fields(RangefinderParameters):
        default, unit, _ = told[field.name]
        value = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
        assert (default, unit) == (value, field.metadata['unit'])

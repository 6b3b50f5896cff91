"""The parameter file and the table in the README say what the code says."""

import dataclasses
import re
from pathlib import Path

import yaml

from lander_common.parameters import make
from lander_guidance.parameters import GuidanceNodeParameters

PACKAGE = Path(__file__).resolve().parents[1]


def test_parameter_file_holds_every_default_once():
    content = yaml.safe_load((PACKAGE / 'config/guidance.yaml').read_text())
    given = content['guidance']['ros__parameters']
    assert make(GuidanceNodeParameters, given) == GuidanceNodeParameters()
    assert set(given) == {f.name for f in dataclasses.fields(GuidanceNodeParameters)}


def test_readme_lists_every_parameter():
    text = (PACKAGE / 'README.md').read_text()
    rows = dict(re.findall(r'^\| `(\w+)` \| ([^|]*?) \|', text, re.M))
    for field in dataclasses.fields(GuidanceNodeParameters):
        expected = str(field.default) if field.default != '' else 'required'
        assert rows[field.name] == expected

"""The parameter file and the table in the README say what the code says."""

import dataclasses
import re
from pathlib import Path

import yaml

from lander_common.parameters import make
from lander_estimation.parameters import EstimatorParameters

PACKAGE = Path(__file__).resolve().parents[1]


def test_parameter_file_holds_every_default_once():
    content = yaml.safe_load((PACKAGE / 'config/state_estimator.yaml').read_text())
    given = content['state_estimator']['ros__parameters']
    assert make(EstimatorParameters, given) == EstimatorParameters()
    assert set(given) == {f.name for f in dataclasses.fields(EstimatorParameters)}


def test_readme_lists_every_parameter():
    text = (PACKAGE / 'README.md').read_text()
    rows = dict(re.findall(r'^\| `(\w+)` \| ([^|]*?) \|', text, re.M))
    defaults = dataclasses.asdict(EstimatorParameters())
    for name, value in defaults.items():
        assert rows[name] == (str(value) or ('none' if name == 'terrain_map_file' else 'required'))

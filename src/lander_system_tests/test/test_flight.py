"""The library of these tests: parameter files with changed values."""

import yaml

from lander_system_tests.flight import with_parameters

TEXT = """# A comment.
one:
  ros__parameters:
    name: "$(var name)"   # kept
    seed: 1
two:
  ros__parameters:
    seed: 2
"""


def test_values_are_replaced_and_added_only_where_asked_for():
    text = with_parameters(TEXT, {'one': {'seed': 7, 'new': 'a\\1b'}, 'three': {'flag': True}})
    assert 'name: "$(var name)"   # kept\n' in text
    content = yaml.safe_load(text)
    assert content['one']['ros__parameters'] == {'name': '$(var name)', 'seed': 7, 'new': 'a\\1b'}
    assert content['two']['ros__parameters'] == {'seed': 2}
    assert content['three']['ros__parameters'] == {'flag': True}


def test_nothing_to_change():
    assert with_parameters(TEXT, {}) == TEXT

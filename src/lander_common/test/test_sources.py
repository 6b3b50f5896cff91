"""Every number in the vehicle and site files says where it comes from."""

import re
from pathlib import Path

import pytest

CONFIG = Path(__file__).parents[3] / 'config'
FILES = sorted([*(CONFIG / 'vehicles').glob('*.yaml'), *(CONFIG / 'sites').glob('*.yaml')])

# A tag that the head of the file explains, a name, or the admission that there is no source.
SOURCE = re.compile(r'\[[A-Z]\d*\]|assumed|recalled|project goal|ispace|[A-Z][A-Za-z]+[-\d]')
NUMBER = re.compile(r':\s*\[?\s*[-+]?\.?\d')


def _without_source(text):
    """Return numbers and text of the lines that hold a number and name no source."""
    missing, covered, block = [], False, []
    for number, line in enumerate(text.splitlines(), 1):
        code, _, comment = line.partition('#')
        if not code.strip():
            block = [*block, comment] if comment else []
            continue
        if not code.startswith((' ', '-')):  # a new section: a comment block above covers a list
            covered = line.startswith('thrusters:') and bool(SOURCE.search(' '.join(block)))
        block = []
        if NUMBER.search(code) and not covered and not SOURCE.search(comment):
            missing.append(f'{number}: {line}')
    return missing


@pytest.mark.parametrize('file', FILES, ids=lambda f: f.stem)
def test_every_number_has_a_source_or_is_called_assumed(file):
    assert _without_source(file.read_text()) == []


@pytest.mark.parametrize('file', FILES, ids=lambda f: f.stem)
def test_every_tag_is_explained_at_the_head_of_the_file(file):
    text = file.read_text()
    head = text[:text.index('\nname:')]
    for tag in set(re.findall(r'\[[A-Z]\d*\]', text)):
        assert tag in head


def test_a_number_without_source_is_found():
    assert _without_source('name: x\nmass:\n  dry_kg: 3.0\n  wet_kg: 4 # kg\n') == [
        '3:   dry_kg: 3.0', '4:   wet_kg: 4 # kg']
    assert _without_source('# all assumed\nthrusters:\n- {a: 1}\nlegs:\n  b: 2\n') == ['5:   b: 2']
    assert _without_source('thrusters:\n- {a: 1}\n') == ['2: - {a: 1}']

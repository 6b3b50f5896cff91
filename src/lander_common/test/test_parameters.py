import math
from dataclasses import FrozenInstanceError, dataclass, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lander_common.parameters import ParameterError, Parameters, allowed, make, parameter
from lander_common.yaml_file import FileError, load, read, section


@dataclass(frozen=True)
class Example(Parameters):
    """One of everything."""

    gate: float = parameter(5.0, unit='m', minimum=1.0, maximum=20.0, doc='Gate')
    low: float = parameter(0.0, minimum=0.0, doc='Only a lower bound')
    count: int = parameter(3, minimum=0, maximum=10, doc='Whole')
    active: bool = parameter(True, doc='Switch')
    name: str = parameter('a', choices=('a', 'b'), doc='Choice')
    gains: list[float] = parameter([1.0, 2.0], unit='1/s', maximum=9.0, doc='List')
    names: list[str] = parameter(['x'], doc='Texts')


def test_defaults_are_good_frozen_and_not_shared():
    example = Example()
    assert (example.gate, example.count, example.gains) == (5.0, 3, [1.0, 2.0])
    with pytest.raises(FrozenInstanceError):
        example.gate = 6.0
    example.gains.append(3.0)
    assert Example().gains == [1.0, 2.0]


@given(st.integers(1, 20))
def test_whole_numbers_become_floats(value):
    made = make(Example, {'gate': value, 'gains': [value % 9, 1.5]})
    assert type(made.gate) is float
    assert all(type(g) is float for g in made.gains)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_float_is_taken_exactly_inside_its_range(value):
    if 1.0 <= value <= 20.0:
        assert Example(gate=value).gate == value
    else:
        with pytest.raises(ParameterError):
            Example(gate=value)


@pytest.mark.parametrize('name, value, text', [
    ('gate', 0.5, 'gate = 0.5: allowed is a number from 1 to 20 [m]'),
    ('gate', '5', "gate = '5': allowed is a number from 1 to 20 [m]"),
    ('gate', True, 'gate = True: allowed is a number from 1 to 20 [m]'),
    ('gate', math.nan, 'gate = nan: allowed is a number from 1 to 20 [m]'),
    ('low', math.inf, 'low = inf: allowed is a number, at least 0'),
    ('count', 2.0, 'count = 2.0: allowed is a whole number from 0 to 10'),
    ('count', True, 'count = True: allowed is a whole number from 0 to 10'),
    ('count', 11, 'count = 11: allowed is a whole number from 0 to 10'),
    ('active', 1, 'active = 1: allowed is true or false'),
    ('name', 'c', "name = 'c': allowed is one of a, b"),
    ('gains', [1.0, 'x'], "gains = [1.0, 'x']: allowed is a list of numbers, at most 9 [1/s]"),
    ('gains', [10.0], 'gains = [10.0]: allowed is a list of numbers, at most 9 [1/s]'),
    ('gains', 1.0, 'gains = 1.0: allowed is a list of numbers, at most 9 [1/s]'),
    ('names', [1], 'names = [1]: allowed is a list of texts'),
    ('gaet', 5.0, 'gaet = 5.0: allowed is no parameter of that name; there are gate, low, count'),
])
def test_errors_name_field_value_and_what_is_allowed(name, value, text):
    with pytest.raises(ParameterError) as error:
        make(Example, {name: value})
    assert text in str(error.value)
    assert str(error.value.within('f.yaml', 'a.')).startswith(f'f.yaml: a.{name} = ')


def test_allowed_speaks_of_every_field():
    assert [allowed(f) for f in fields(Example)][3] == 'true or false'


@pytest.fixture
def file(tmp_path):
    def write(text, name='example.yaml'):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path
    return write


@pytest.mark.parametrize('text', ['1e1', '1E+1', '1.e1', '100e-1', '+1e1', '10'])
def test_a_number_with_an_exponent_is_a_number(file, text):
    assert load(file(f'gate: {text}\n'), Example).gate == 10.0


def test_load(file):
    assert load(file('gate: 7\nname: b\n'), Example) == Example(gate=7.0, name='b')


def test_load_names_the_file(file):
    path = file('gate: 700\n')
    with pytest.raises(ParameterError) as error:
        load(path, Example)
    assert str(error.value) == f'{path}: gate = 700.0: allowed is a number from 1 to 20 [m]'


def test_section_names_the_place(file):
    with pytest.raises(ParameterError, match=r'f\.yaml: inner\.gate = 0\.0'):
        section('f.yaml', Example, {'gate': 0.0}, 'inner.')
    with pytest.raises(ParameterError, match=r'f\.yaml: inner = \[\]: allowed is a mapping'):
        section('f.yaml', Example, [], 'inner.')


def test_missing_file_lists_its_neighbours(file):
    path = file('gate: 7\n').with_name('exmaple.yaml')
    with pytest.raises(FileError) as error:
        read(path)
    assert str(error.value) == f'{path}: no such file; there are example in {path.parent}'
    with pytest.raises(FileError, match=r'no such file$'):
        read(path.parent / 'nowhere' / 'x.yaml')


@pytest.mark.parametrize('text, message', [
    ('gate: [1\n', 'not valid YAML.*line 2'),
    (b'\xff\xfe\xfa', 'not valid YAML'),
    ('- 1\n', 'expected a mapping'),
    ('', 'expected a mapping'),
])
def test_a_file_that_is_no_mapping_is_refused(file, text, message):
    path = file(text)
    with pytest.raises(FileError, match=message) as error:
        read(path)
    assert str(path) in str(error.value)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(FileError, match='directory'):
        read(tmp_path)

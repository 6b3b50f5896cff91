from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lander_bringup.runner.context import Context
from lander_bringup.runner.problem import LaunchError, Place
from lander_bringup.runner.substitutions import parse

PLACE = Place(Path('f.launch.yaml'), 7)


def perform(text: str, **configurations: str) -> str:
    context = Context(configurations, {'HOME': '/home/x'}, Path('/nowhere'))
    context.file = Path('/launch/f.launch.yaml')
    return parse(text, PLACE).perform(context)


@pytest.mark.parametrize(('text', 'result'), [
    ('plain text', 'plain text'), ('', ''), ('a $(var v) b', 'a one b'), ('$(var $(var w))', 'one'),
    ('$(env HOME)/y', '/home/x/y'), ('$(env NONE two)', 'two'), ("$(env NONE '')|", '|'),
    ("$(var none 'a b')", 'a b'), ('$(var none "it\'s")', "it's"), ("$(var none '$(var v) (x)')", 'one (x)'),
    ('$(dirname)/y', '/launch/y'), ('$(filename)', '/launch/f.launch.yaml'),
    (r'\$(var v)', '$(var v)'), (r'a\\b', r'a\b'), ('5 $ (x)', '5 $ (x)'),
    ('$(equals $(var v) one)', 'true'), ('$(equals 1 1.0)', 'true'), ('$(equals True 1)', 'true'),
    ('$(equals a A)', 'false'), ('$(not-equals a b)', 'true'), ('$(and true 0)', 'false'),
    ('$(or no on)', 'true'), ('$(not off)', 'true'), ('$(if true a b)', 'a'), ('$(if false a)', ''),
])
def test_result(text, result):
    assert perform(text, v='one', w='v') == result


@pytest.mark.parametrize(('text', 'why'), [
    ('$(nonsense)', 'unknown substitution $(nonsense); there are var, env'),
    ('$(var)', '$(var) takes 1 to 2 arguments, not 0'), ('$(var a b c)', 'not 3'),
    ('$(var  a)', 'parted by one space'), ('$(var a', 'no closing bracket'), ('$(', 'needs a name'),
    ("$(var 'a)", "no closing '"), ('$(var a"b)', 'no closing bracket'),
    ('$(var none)', 'there is no argument none'), ('$(env NONE)', 'environment variable NONE'),
    ('$(not maybe)', "'maybe' is neither true nor false"),
    ('$(find-pkg-share no_such)', 'no package no_such'),
    ("$(equals a '')", "cannot compare with ''"), ("$(eval '1+1')", 'unknown substitution $(eval)'),
])
def test_error_names_file_and_line(text, why):
    with pytest.raises(LaunchError) as error:
        perform(text)
    assert str(error.value).startswith('f.launch.yaml:7: ')
    assert why in str(error.value)


@given(st.text(alphabet=st.characters(exclude_characters='\\$', codec='utf-8')))
def test_text_without_dollar_and_backslash_stays_as_it_is(text):
    assert perform(text) == text


@given(st.text(alphabet='ab $()\'"\\var', max_size=30))
def test_any_text_is_either_done_or_refused(text):
    try:
        perform(text)
    except LaunchError as error:
        assert str(PLACE) in str(error)

"""The grammar of launch files, and what comes out of them. See also test_against_ros2_launch.py."""

import textwrap

import pytest

from lander_bringup.runner import launch_file
from lander_bringup.runner.problem import LaunchError


def refusal(workspace, text: str, **arguments: str) -> str:
    with pytest.raises(LaunchError) as error:
        workspace.plan(textwrap.dedent(text), **arguments)
    return str(error.value).replace(f'{workspace.folder}/', '')


@pytest.mark.parametrize(('actions', 'line', 'why'), [
    ('- nonsense: {}', 2, 'unknown action nonsense; there are arg, let, group'),
    ('- let: {name: a, value: b}\n- let:\n    name: a\n    value: 5', 5, 'value must be a text (put it in'),
    ('- let: {name: a}', 2, 'let: needs the attribute value'),
    ('- let: {name: a, value: b, if: true}', 2, 'if must be a text (put it in quotes), not True'),
    ('- let: {name: a, value: b, more: c}', 2, 'unknown attribute more; there are if, name, unless, value'),
    ('- let: {name: a, value: b, value: c}', 2, "'value' is given twice"),
    ('- let: {name: a, value: b, if: "1", unless: "1"}', 2, 'has both if and unless'),
    ('- let: {name: a, value: b, if: maybe}', 2, "must be true, false, 1 or 0, not 'maybe'"),
    ('- let:', 2, 'let: needs a mapping of attributes'),
    ('- [a]', 2, 'an action is a mapping with one key'),
    ('- group: {if: "true"}', 2, 'group: needs the attribute children'),
    ('- group: {scoped: "no", children: []}', 2, 'scoped must be true or false without quotes'),
    ('- executable: {cmd: a, respawn_delay: 2}', 2, 'must be a number with a decimal point, not 2'),
    ('- executable: {cmd: a, respawn_delay: -2.0}', 2, 'must not be negative'),
    ('- executable: {cmd: a, respawn_max_retries: 2.0}', 2, 'must be a whole number'),
    ('- executable: {cmd: a, respawn: maybe}', 2, "'maybe' is neither true nor false"),
    ('- executable: {cmd: a, on_exit: again}', 2, "on_exit can only be shutdown, not 'again'"),
    ('- executable: {cmd: a, output: paper}', 2, "output must be screen, log or both, not 'paper'"),
    ('- executable: {cmd: "a \'b"}', 2, 'No closing quotation'),
    ('- executable: {cmd: a, env: {name: b, value: c}}', 2, 'env must be a list of mappings, not empty'),
    ('- node: {pkg: none, exec: record}', 2, 'there is no package none'),
    ('- node:\n    pkg: fake\n    exec: none', 4, 'package fake has no executable none'),
    ('- node: {pkg: fake, exec: record, name: a-b}', 2, "'a-b' is no name for a node"),
    ('- node: {pkg: fake, exec: record, namespace: 2b}', 2, "'/2b' is no namespace"),
    ('- node: {pkg: fake, exec: record, param: []}', 2, 'param must be a list of mappings, not empty'),
    ('- node: {pkg: fake, exec: record, param: [{name: a, from: b}]}', 2, 'either from or name'),
    ('- node: {pkg: fake, exec: record, param: [{from: none.yaml}]}', 2, 'there is no file'),
    ('- node: {pkg: fake, exec: record, param: [{name: a, value: [1, 2.0]}]}', 2, 'items of one type'),
    ('- node: {pkg: fake, exec: record, param: [{name: a, value: 1, type: float}]}', 2, 'of type float'),
    ('- node: {pkg: fake, exec: record, param: [{name: a, value: $(env X no), type: int}]}', 2, 'is no int'),
    ('- set_parameter: {name: a, value: "[1, 2]"}', 2, 'no single value'),
    ('- arg: {name: a, default: x, choice: [{value: y}, {value: z}]}', 2, 'a:=x: allowed is y, z'),
    ('- arg: {name: a, description: what}', 2, 'argument a (what) was not given'),
    ('- include: {file: none.launch.yaml}', 2, 'include: there is no file'),
])
def test_refusal_names_file_and_line(actions, line, why, workspace):
    text = refusal(workspace, f'launch:\n{actions}\n')
    assert text.startswith(f'test.launch.yaml:{line}: '), text
    assert why in text


@pytest.mark.parametrize(('text', 'why'), [
    ('launch: []\nmore: []', 'test.launch.yaml:1: the root must be the one key `launch`'),
    ('- launch', 'test.launch.yaml:1: the root must be'), ('launch: {}', ':1: launch: needs a list'),
    ('launch:\n- {a: b', 'test.launch.yaml:2: not YAML'), ('', 'the root must be'),
])
def test_a_file_that_is_no_launch_file_is_refused(text, why, workspace):
    assert why in refusal(workspace, text)


def test_unknown_argument_is_refused_with_the_nearest_name(workspace):
    text = 'launch: [{arg: {name: vehicle, default: a}}]'
    assert 'there is no argument vehicel; did you mean vehicle?' in refusal(workspace, text, vehicel='b')


def test_error_in_included_file_names_that_file(workspace):
    workspace.file('launch:\n- let: {}\n', 'sub/inner.launch.yaml')
    text = refusal(workspace, 'launch: [{include: {file: $(dirname)/sub/inner.launch.yaml}}]')
    assert text.startswith('sub/inner.launch.yaml:2: let: needs the attribute name')


def test_nothing_is_planned_of_a_group_whose_condition_is_false(workspace):
    plan = workspace.plan('launch: [{group: {if: "false", children: [{executable: {cmd: a}}]}}]')
    assert plan.processes == []


def test_parameter_files_are_kept_under_the_name_of_the_node(workspace):
    plan = workspace.plan('launch: [{node: {pkg: fake, exec: record, name: a, namespace: b,'
                          ' param: [{name: p, value: 1.5}]}}]')
    path = workspace.folder / 'scratch' / 'a.params.yaml'
    assert plan.processes[0].command[-2:] == ('--params-file', str(path))
    assert path.read_text() == '/b/a:\n  ros__parameters:\n    p: 1.5\n'


def test_show_arguments_lists_name_description_choices_and_default(workspace):
    file = workspace.file(textwrap.dedent("""
        launch:
        - arg: {name: mode, default: sim, description: Where from, choice: [{value: sim}, {value: hw}]}
        - arg: {name: needed}
        - group: {if: "true", children: [{arg: {name: sometimes, default: $(var mode)}}]}
        """))
    assert launch_file.show_arguments(file).splitlines() == [
        "Arguments (pass arguments as '<name>:=<value>'):", '',
        "    'mode':", "        Where from. Valid choices are: ['sim', 'hw']", "        (default: 'sim')", '',
        "    'needed':", '        no description given', '',
        "    'sometimes':*", '        no description given', "        (default: '$(var mode)')", '',
        '* argument(s) which are only used if specific conditions occur']


def test_malformed_argument_is_refused():
    with pytest.raises(LaunchError, match='expected name:=value'):
        launch_file.parse_arguments(['a=b'])
    assert launch_file.parse_arguments(['a:=b', 'a:=c:=d', 'e:=']) == {'a': 'c:=d', 'e': ''}

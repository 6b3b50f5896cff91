"""The runner and `ros2 launch` start the same processes from the same file (where there are both)."""

import os
import subprocess
import sys

import pytest
import yaml

pytest.importorskip('ros2launch', reason='there is no ros2 launch to compare with')

FILES = {
    'substitutions': """
launch:
- arg: {name: mode, default: sim, description: d, choice: [{value: sim}, {value: hw}]}
- arg: {name: "n", default: "$(var mode)-$(env T_HERE none)"}
- let: {name: both, value: "$(and $(equals $(var mode) sim) $(not false))"}
- node: {NODE, name: a, args: "$(var n) $(var mode)' x' $(if $(var both) 'yes it is' no)"}
- node: {NODE, name: b, args: "$(equals 1 1.0) $(equals true 1) $(equals a b) -v $(dirname)/x"}
- node: {NODE, name: c, args: "$(or false 1) $(var none 'a b') \\\\$(x) $(if on A B) $(if off A B)"}
- node: {NODE, name: i, args: "$(not-equals a b) $(not-equals 1 true) $(not no)"}
- node: {NODE, name: d, args: "--x=$(var mode)/y 'q r' \\"s t\\" $(find-pkg-prefix fake)/z"}
- node: {NODE, name: e, args: "z$(env T_NO '')z $(var nothing 'it has (brackets) and $(var mode)')"}
- node: {NODE, name: f, if: "$(var both)"}
- node: {NODE, name: g, unless: "$(var both)"}
- node: {NODE, name: h, if: "True "}
""",
    'parameters': """
launch:
- arg: {name: x, default: "5"}
- group:
  - set_parameter: {name: use_sim_time, value: $(not-equals $(var x) hardware)}
  - set_parameter: {name: text, value: "a b"}
  - node:
      pkg: fake
      exec: record
      name: a
      param:
      - {name: native_int, value: 5}
      - {name: native_float, value: 1.5e-7}
      - {name: native_bool, value: true}
      - {name: text, value: "5"}
      - {name: guessed, value: $(var x)}
      - {name: as_text, value: $(var x), type: str}
      - {name: as_float, value: $(var x), type: float}
      - {name: as_bool, value: "$(equals $(var x) 5)", type: bool}
      - {name: empty, value: ""}
      - {name: numbers, value: [1.0, 2.5]}
      - {name: words, value: [a, b]}
      - {name: list, value: "[1, $(var x)]"}
      - {name: typed_list, value: [1, 2], type: list_of_int}
      - {name: $(var x)name, value: 1}
      - {from: $(dirname)/p.yaml, allow_substs: true}
      - {from: $(dirname)/p.yaml}
  - node: {NODE, name: b, namespace: space, param: [{name: p, value: 1}]}
- node: {NODE, name: c, param: [{name: p, value: 1}]}
""",
    'scope': """
launch:
- let: {name: v, value: outer}
- set_env: {name: T_ONE, value: outer}
- set_parameter: {name: shared, value: "1"}
- group:
  - let: {name: v, value: inner}
  - set_env: {name: T_ONE, value: inner}
  - unset_env: {name: T_HERE}
  - push_ros_namespace: {namespace: one}
  - push_ros_namespace: {namespace: two}
  - set_remap: {from: x, to: y}
  - set_parameter: {name: leaks, value: "2"}
  - node: {NODE, name: a, args: $(var v), remap: [{from: p, to: q}], ros_args: --log-level warn}
  - node: {NODE, name: b, namespace: three}
  - node: {NODE, name: c, namespace: /four, env: [{name: T_TWO, value: $(var v)}]}
  - node: {NODE, name: f, cwd: $(dirname)/sub}
- node: {NODE, name: d, args: "$(var v)"}
- group:
    scoped: false
    children:
    - let: {name: v, value: changed}
- node: {NODE, name: e, args: "$(var v)", launch-prefix: env T_THREE=3}
""",
    'includes': """
launch:
- arg: {name: x, default: "1"}
- include:
    file: $(dirname)/sub/inner.launch.yaml
    arg: [{name: x, value: "$(var x)2"}, {name: needed, value: a b}]
- node: {NODE, name: after, args: "$(var x) $(var inner) $(dirname)"}
""",
}
INNER = """
launch:
- arg: {name: needed}
- arg: {name: x, default: "7"}
- let: {name: inner, value: set}
- node: {NODE, name: inside, args: "$(var x) $(var needed) $(dirname) $(filename)"}
"""
REFUSED = ['- arg: {name: a, default: 5}', '- node: {NODE, if: true}',
           '- node: {NODE, respawn: true}', '- node: {NODE, nonsense: a}',
           '- node: {NODE, respawn_delay: 2}', '- nonsense: {}', '- let: {name: a}',
           '- node: {NODE, remap: {from: a, to: b}}', '- log: {message: $(nonsense)}',
           '- node: {NODE, param: [{name: a, value: [1, 2.0]}]}',
           '- node: {NODE, param: [{name: a, value: 1, type: float}]}',
           '- node: {NODE, param: [{name: a, value: "[1, 2]", type: list_of_int}]}',
           '- node: {NODE, param: [{name: a, value: 5, type: str}]}',
           '- log: {message: "$(equals a)"}', '- log: {message: "$(var a  b)"}',
           '- log: {message: "$(var a"}',
           '- log: {message: $(var undefined)}', '- log: {message: $(env T_UNDEFINED)}',
           '- log: {message: a, if: maybe}', '- log: {message: $(not maybe)}', '- shutdown:',
           '- node: {NODE, on_exit: respawn}', '- node: {pkg: none, exec: record}',
           '- node: {pkg: fake, exec: none}', '- arg: {name: a}', '- include: {file: none.launch.yaml}',
           '- arg: {name: a, default: x, choice: [{value: y}]}', '- log: {message: a, if: "1", unless: "1"}']


def launch(command: list[str], workspace) -> tuple[int, str, dict]:
    for old in workspace.records.glob('*.json'):
        old.unlink()
    done = subprocess.run(command, capture_output=True, text=True, timeout=60,
                          env={**os.environ, 'T_HERE': 'here', 'ROS_LOG_DIR': str(workspace.folder / 'log')})
    records = workspace.read_records()
    for record in records.values():
        record['files'] = [yaml.safe_load(text) for text in record['files'].values()]
        record['arguments'] = ['FILE' if flag == '--params-file' else argument for flag, argument
                               in zip(['', *record['arguments']], record['arguments'])]
    return done.returncode, done.stdout + done.stderr, records


def with_node(text: str) -> str:
    return text.replace('NODE', 'pkg: fake, exec: record')


def runner(file: str) -> list[str]:
    program = 'import sys; from pathlib import Path; from lander_bringup.runner.main import launch; ' \
              'sys.exit(launch(Path(sys.argv[1]), []))'
    return [sys.executable, '-c', program, file]


@pytest.fixture
def files(workspace):
    workspace.file('/**: {ros__parameters: {v: "$(var x 0)", w: $(var x 0)}}', 'p.yaml')
    workspace.file(with_node(INNER), 'sub/inner.launch.yaml')
    return workspace


@pytest.mark.parametrize('name', FILES)
def test_starts_the_same_processes(name, files):
    path = str(files.file(with_node(FILES[name])))
    ours, theirs = launch(runner(path), files), launch(['ros2', 'launch', path], files)
    assert ours[2], ours[1]
    assert theirs[2], theirs[1]
    assert ours[2] == theirs[2]


@pytest.mark.parametrize('action', REFUSED)
def test_what_ros2_launch_refuses_is_refused(action, files):
    path = str(files.file(with_node(f'launch:\n{action}\n')))
    assert launch(['ros2', 'launch', path], files)[0] != 0
    code, text, _ = launch(runner(path), files)
    assert code == 2 and text.startswith(f'error: {path}:2: '), text

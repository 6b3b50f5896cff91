"""The rules of the house, checked on the source of every package. No ROS needed."""

import ast
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import yaml

from lander_common.parameters import Parameters

ROOT = Path(__file__).parents[3]
PACKAGES = sorted(p.parent for p in (ROOT / 'src').glob('*/package.xml'))
PYTHON_PACKAGES = [p for p in PACKAGES if (p / 'setup.py').exists()]
MODULES = sorted(f for p in PYTHON_PACKAGES for f in (p / p.name).rglob('*.py'))
NODE_FILES = [f for f in MODULES if f.name.endswith('_node.py')]
LAUNCH_FILES = sorted([*(ROOT / 'launch').glob('*.launch.yaml'),
                       *(ROOT / 'src').glob('*/launch/*.launch.yaml')])

ROS = re.compile(r'^(rclpy|rcl_interfaces|builtin_interfaces|composition_interfaces|std_srvs|rosidl_\w+'
                 r'|tf2\w*|\w+_msgs)$')
OTHER_ROS_PACKAGES = re.compile(r'^(ament_\w+|launch(_\w+)?|ros2\w+)$')  # no middleware: allowed anywhere
LONGEST_NODE_FILE = 150


def _name(path):
    return str(path.relative_to(ROOT / 'src')) if path.is_relative_to(ROOT / 'src') else path.name


def _tree(file):
    return ast.parse(file.read_text(encoding='utf-8'), str(file))


def _imports(tree):
    """Return the top-level names of all absolute imports in a module, wherever they stand."""
    names = set()
    for item in ast.walk(tree):
        if isinstance(item, ast.Import):
            names |= {alias.name.partition('.')[0] for alias in item.names}
        elif isinstance(item, ast.ImportFrom) and item.level == 0:
            names.add(item.module.partition('.')[0])
    return names


def _may_import_ros(file):
    return file.name.endswith('_node.py') or file.is_relative_to(ROOT / 'src/lander_common/lander_common/ros')


def test_there_is_something_to_check():
    assert len(PACKAGES) >= 10
    assert len(NODE_FILES) >= 5
    assert LAUNCH_FILES


@pytest.mark.parametrize('file', MODULES, ids=_name)
def test_only_nodes_import_ros(file):
    if not _may_import_ros(file):
        assert {n for n in _imports(_tree(file)) if ROS.match(n)} == set()


@pytest.mark.parametrize('file', [f for f in MODULES if not _may_import_ros(f)], ids=_name)
def test_cores_do_not_import_what_imports_ros(file):
    """A core that imports a node file or lander_common.ros would need ROS all the same; ring.py does not."""
    for item in ast.walk(_tree(file)):
        names = []
        if isinstance(item, ast.ImportFrom):
            names = [f'{item.module}.{alias.name}' for alias in item.names]
        elif isinstance(item, ast.Import):
            names = [alias.name for alias in item.names]
        for name in names:
            assert not re.search(r'_node(\.|$)', name), name
            assert not name.startswith('lander_common.ros.') or '.ros.ring' in name, name


@pytest.mark.parametrize('file', NODE_FILES, ids=_name)
def test_node_files_are_short(file):
    assert len(file.read_text().splitlines()) <= LONGEST_NODE_FILE


@pytest.mark.parametrize('package', PACKAGES, ids=_name)
def test_package_is_complete(package):
    assert (package / 'README.md').is_file()
    manifest = ElementTree.parse(package / 'package.xml').getroot()
    assert manifest.findtext('name') == package.name
    assert manifest.findtext('license') == 'Apache-2.0'
    if package in PYTHON_PACKAGES:
        calls = [c for c in ast.walk(_tree(package / 'setup.py'))
                 if isinstance(c, ast.Call) and getattr(c.func, 'id', '') == 'setup']
        keywords = {k.arg: k.value for k in calls[0].keywords}
        assert ast.literal_eval(keywords['extras_require']).get('test'), 'colcon test would run nothing'
        assert (package / 'resource' / package.name).is_file()


@pytest.mark.parametrize('package', PYTHON_PACKAGES, ids=_name)
def test_package_xml_names_what_is_imported(package):
    manifest = ElementTree.parse(package / 'package.xml').getroot()
    run_time = {e.text for tag in ('exec_depend', 'depend') for e in manifest.findall(tag)}
    test_time = run_time | {e.text for e in manifest.findall('test_depend')}

    def imported(files):
        names = set().union(*(_imports(_tree(f)) for f in files))
        return {n for n in names if n != package.name
                and (ROS.match(n) or OTHER_ROS_PACKAGES.match(n) or n.startswith('lander_'))}
    assert imported((package / package.name).rglob('*.py')) - run_time == set()
    assert imported((package / 'test').rglob('*.py')) - test_time == set()


@pytest.mark.parametrize('package', PYTHON_PACKAGES, ids=_name)
def test_every_console_script_is_there(package):
    calls = [c for c in ast.walk(_tree(package / 'setup.py'))
             if isinstance(c, ast.Call) and getattr(c.func, 'id', '') == 'setup']
    entry_points = ast.literal_eval({k.arg: k.value for k in calls[0].keywords}['entry_points'])
    for script in entry_points.get('console_scripts', []):
        module, function = script.partition('=')[2].strip().split(':')
        file = package / (module.replace('.', '/') + '.py')
        assert file.is_file(), script
        assert function in {d.name for d in _tree(file).body if isinstance(d, ast.FunctionDef)}, script


def _declarations():
    """Return (package, node name, class name) for each node that declares a Parameters dataclass."""
    found = []
    for file in NODE_FILES:
        for cls in (c for c in _tree(file).body if isinstance(c, ast.ClassDef)):
            calls = [c for c in ast.walk(cls) if isinstance(c, ast.Call)]
            names = [c.args[0].value for c in calls if isinstance(c.func, ast.Attribute)
                     and c.func.attr == '__init__' and c.args and isinstance(c.args[0], ast.Constant)]
            classes = [c.args[1].id for c in calls if getattr(c.func, 'id', '') == 'declare']
            found += [(file.parents[1], names[0], name) for name in classes if names]
    return found


def _parameters(package, name):
    """Return the fields of a Parameters dataclass as {name: (default, unit)}."""
    import dataclasses
    import importlib
    cls = getattr(importlib.import_module(f'{package.name}.parameters'), name)
    assert issubclass(cls, Parameters)
    defaults = cls()
    return {f.name: (getattr(defaults, f.name), f.metadata['unit'])
            for f in dataclasses.fields(cls) if 'doc' in f.metadata}


def _tables(readme):
    """Return the parameter tables of a README: one {name: (default, unit)} for each."""
    tables = []
    for line in readme.read_text(encoding='utf-8').splitlines():
        cells = [c.strip().strip('`') for c in re.split(r'(?<!\\)\|', line.strip().strip('|'))]
        if cells[:3] == ['name', 'default', 'unit']:
            tables.append({})
        elif tables and line.startswith('|') and len(cells) >= 4 and not set(cells[0]) <= set('-: '):
            tables[-1][cells[0]] = (cells[1], cells[2])
        elif tables and not line.startswith('|') and tables[-1]:
            tables.append({})
    return [t for t in tables if t]


def _same_value(text, value):
    """Whether a table cell shows this default: as YAML, or an empty cell for an empty text or list."""
    if text in ('', 'empty', 'none', 'required', '-', "''", '""'):
        return value in ('', [])
    found = yaml.safe_load(text)
    if isinstance(value, float):
        try:
            return float(found) == value  # YAML 1.1 takes 1e-05 for a text
        except (TypeError, ValueError):
            return False
    return found == value


@pytest.mark.parametrize('package, node, cls', _declarations(),
                         ids=lambda v: v.name if isinstance(v, Path) else v)
def test_parameters_agree_in_dataclass_yaml_and_readme(package, node, cls):
    fields = _parameters(package, cls)
    file = package / 'config' / f'{node}.yaml'
    content = yaml.safe_load(file.read_text(encoding='utf-8'))
    assert list(content) == [node]
    values = content[node]['ros__parameters']
    assert list(content[node]) == ['ros__parameters']
    assert set(values) == set(fields)
    assert {n: v for n, v in values.items() if v != fields[n][0]} == {}
    tables = [t for t in _tables(package / 'README.md') if set(t) == set(fields)]
    assert len(tables) == 1, 'no table in the README has exactly these names'
    for name, (text, unit) in tables[0].items():
        assert _same_value(text, fields[name][0]), (name, text, fields[name][0])
        assert unit.strip('[]- –') == fields[name][1].strip('- '), (name, unit, fields[name][1])


@pytest.mark.parametrize('package, node, cls', _declarations(),
                         ids=lambda v: v.name if isinstance(v, Path) else v)
def test_parameter_file_comments_every_parameter(package, node, cls):
    """Above each parameter stands a comment with its default, and its unit if it has one."""
    lines = (package / 'config' / f'{node}.yaml').read_text(encoding='utf-8').splitlines()
    for name, (_, unit) in _parameters(package, cls).items():
        at = next(i for i, line in enumerate(lines) if line.strip().startswith(f'{name}:'))
        comment = [lines[at].partition(' # ')[2]]
        while at > 0 and lines[at - 1].strip().startswith('#'):
            at -= 1
            comment.insert(0, lines[at].strip())
        text = ' '.join(comment)
        assert 'default' in text.lower(), name
        assert not unit.strip('- ') or f'[{unit}]' in text, (name, unit)


@pytest.mark.parametrize('file', LAUNCH_FILES, ids=_name)
def test_launch_files_have_the_one_root_key(file):
    content = yaml.safe_load(file.read_text(encoding='utf-8'))
    assert list(content) == ['launch']
    assert isinstance(content['launch'], list)


def test_no_package_at_the_root():
    """With one, colcon would build only the root."""
    assert not (ROOT / 'package.xml').exists()
    assert not (ROOT / 'setup.py').exists()

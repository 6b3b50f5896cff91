"""Parameters of a `node`: the items of its list `param`, and the files they are handed over in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from lander_bringup.runner.basic_actions import required_templates
from lander_bringup.runner.context import Context
from lander_bringup.runner.document import Entity
from lander_bringup.runner.problem import LaunchError
from lander_bringup.runner.substitutions import Template, parse

TYPES = {'str': str, 'bool': bool, 'int': int, 'float': float, 'list_of_str': list, 'list_of_bool': list,
         'list_of_int': list, 'list_of_float': list, 'yaml': None}
_ITEMS = {'list_of_str': str, 'list_of_bool': bool, 'list_of_int': int, 'list_of_float': float}

FileOf = Callable[[Context, str, str], Path]
"""Returns the parameter file of an item, from the key of the node in it and a name for the file."""


def parse_item(item: Entity) -> FileOf:
    """Parse one item of `param`: a file, or a name with a value."""
    is_file, is_value = item.text('from') is not None, item.text('name') is not None
    if is_file == is_value:
        raise LaunchError('param: needs either from or name', item.place)
    file_of = _file(item) if is_file else _value(item)
    item.finish()
    return file_of


def _file(item: Entity) -> FileOf:
    source, = required_templates(item, 'from')
    substitute = item.flag('allow_substs') is True

    def file_of(context: Context, key: str, name: str) -> Path:
        path = Path(source.perform(context)).absolute()
        if not path.is_file():
            # ros2 launch only warns here, and the node flies on defaults.
            raise LaunchError(f'param: there is no file {path}', item.place)
        if not substitute:
            return path
        # The place of an error inside is that of the item: the text is one template.
        text = parse(path.read_text(encoding='utf-8'), item.place).perform(context)
        return _write(context, name, text)
    return file_of


def _value(item: Entity) -> FileOf:
    parameter, = required_templates(item, 'name')
    type_name = item.text('type')
    if type_name not in (None, *TYPES):
        raise LaunchError(f'param: type must be one of {", ".join(TYPES)}', item.at('type'))
    raw = item.require('value', item.value('value'))
    value = parse(raw, item.at('value')) if isinstance(raw, str) and type_name not in _ITEMS else raw
    if isinstance(value, Template) and value.plain:
        value = ''.join(value.parts)
    if not isinstance(value, Template):
        _check(value, type_name, item)

    def file_of(context: Context, key: str, name: str) -> Path:
        result = _convert(value.perform(context), type_name, item) if isinstance(value, Template) else value
        values = {parameter.perform(context): result}
        return _write(context, name, yaml.dump({key: {'ros__parameters': values}}))
    return file_of


def _convert(text: str, type_name: str | None, item: Entity) -> Any:
    """Turn the result of substitutions into the wanted type; without one, by the rules of YAML."""
    try:
        if type_name == 'str' or not text:
            value: Any = text
        elif type_name in ('int', 'float'):
            value = TYPES[type_name](text)
        elif type_name == 'bool' and text in ('0', '1'):
            value = text == '1'
        else:
            value = yaml.safe_load(text)
    except (ValueError, yaml.YAMLError):
        raise LaunchError(f'param: {text!r} is no {type_name or "YAML"}', item.at('value')) from None
    _check(value, type_name, item)
    return value


def _check(value: Any, type_name: str | None, item: Entity) -> None:
    items = value if isinstance(value, list) else [value]
    kinds = {type(one) for one in items}
    allowed = len(kinds) == 1 and kinds <= {bool, int, float, str}
    if type_name in _ITEMS:
        good = allowed and isinstance(value, list) and kinds == {_ITEMS[type_name]}
    elif type_name in (None, 'yaml'):
        good = allowed
    else:
        good = type(value) is TYPES[type_name]
    if isinstance(value, list) and str in kinds and any('$(' in one for one in items if isinstance(one, str)):
        good = False
    if not good:
        raise LaunchError(f'param: {value!r} cannot be a value of type {type_name or "yaml"}; a list needs '
                          'items of one type, without substitutions', item.at('value'))


def _write(context: Context, name: str, text: str) -> Path:
    path = context.scratch / f'{context.unique(name + ".params")}.yaml'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding='utf-8')
    return path

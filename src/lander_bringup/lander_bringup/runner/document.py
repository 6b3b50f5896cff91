"""A launch file as a tree of entities: YAML mappings that know their line and which keys were read.

Types are those of `launch_yaml`: a text must be a YAML string and a number a YAML number; neither is ever
turned into the other. So `default: 5` is an error here as it is there.
"""

from pathlib import Path
from typing import Any

import yaml

from lander_bringup.runner.problem import LaunchError, Place
from lander_bringup.runner.substitutions import Template, parse

_TYPES = {str: 'a text (put it in quotes)', float: 'a number with a decimal point', int: 'a whole number',
          bool: 'true or false without quotes'}


class Entity:
    """One action or sub-item of a launch file."""

    def __init__(self, name: str, node: yaml.Node, file: Path, place: Place):
        """Wrap a YAML node; a mapping's keys are checked for being single and plain texts."""
        self.name, self.place, self._node, self._file = name, place, node, file
        self._items: dict[str, yaml.Node] = {}
        self._read: set[str] = set()
        for key, value in node.value if isinstance(node, yaml.MappingNode) else []:
            text = native(key)
            if not isinstance(text, str) or text == '<<' or text in self._items:
                fault = 'given twice' if text in self._items else 'not a usable key'
                raise LaunchError(f'{name}: {text!r} is {fault}', self._place(key))
            self._items[text] = value
        if isinstance(node, yaml.ScalarNode):
            raise LaunchError(f'{name}: needs a mapping of attributes; {{}} if there are none', self.place)

    def text(self, key: str) -> str | None:
        """Return an optional text attribute."""
        return self._get(key, str)

    def template(self, key: str) -> Template | None:
        """Return an optional text attribute with its substitutions parsed."""
        text = self.text(key)
        return None if text is None else parse(text, self.at(key))

    def number(self, key: str) -> float | None:
        """Return an optional attribute that is a float; not negative."""
        value = self._get(key, float)
        if value is not None and value < 0.0:
            raise LaunchError(f'{self.name}: {key} must not be negative', self.at(key))
        return value

    def whole(self, key: str) -> int | None:
        """Return an optional attribute that is a whole number."""
        return self._get(key, int)

    def flag(self, key: str) -> bool | None:
        """Return an optional attribute that is true or false."""
        return self._get(key, bool)

    def value(self, key: str) -> Any:
        """Return an attribute of any YAML type; None if it is missing."""
        self._read.add(key)
        return native(self._items[key]) if key in self._items else None

    def require(self, key: str, value: Any) -> Any:
        """Return `value`, or raise if the attribute was missing."""
        if value is None:
            raise LaunchError(f'{self.name}: needs the attribute {key}', self.place)
        return value

    def entities(self, key: str) -> list['Entity']:
        """Return an optional attribute that is a list of mappings, such as `param` and `remap`."""
        self._read.add(key)
        if key not in self._items:
            return []
        node = self._items[key]
        if not isinstance(node, yaml.SequenceNode) or not node.value \
                or not all(isinstance(item, yaml.MappingNode) for item in node.value):
            raise LaunchError(f'{self.name}: {key} must be a list of mappings, not empty', self.at(key))
        return [Entity(key, item, self._file, self._place(item)) for item in node.value]

    def children(self) -> list['Entity']:
        """Return the actions of a list, or those under the key `children`."""
        node = self._node
        if isinstance(node, yaml.MappingNode):
            self._read.add('children')
            node = self.require('children', self._items.get('children'))
        if not isinstance(node, yaml.SequenceNode):
            raise LaunchError(f'{self.name}: needs a list of actions', self.place)
        found = []
        for item in node.value:
            if not isinstance(item, yaml.MappingNode) or len(item.value) != 1:
                raise LaunchError('an action is a mapping with one key, its type', self._place(item))
            key, value = item.value[0]
            found.append(Entity(str(native(key)), value, self._file, self._place(key)))
        return found

    def finish(self) -> None:
        """Refuse attributes that nobody asked for."""
        for key in self._items:
            if key not in self._read:
                known = ', '.join(sorted(self._read))
                raise LaunchError(f'{self.name}: unknown attribute {key}; there are {known}', self.at(key))

    def at(self, key: str) -> Place:
        """Return the place of an attribute."""
        return self._place(self._items[key]) if key in self._items else self.place

    def _get(self, key: str, kind: type) -> Any:
        value = self.value(key)
        if key in self._items and type(value) is not kind:
            raise LaunchError(f'{self.name}: {key} must be {_TYPES[kind]}, not {value!r}', self.at(key))
        return value

    def _place(self, node: yaml.Node) -> Place:
        return Place(self._file, node.start_mark.line + 1)


def native(node: yaml.Node) -> Any:
    """Return the Python value of a YAML node, as `yaml.safe_load` gives it."""
    return yaml.constructor.SafeConstructor().construct_document(node)


def load(file: Path) -> Entity:
    """Read a launch file.

    Raises:
        LaunchError: the file is missing, not YAML, or its root is not the one key `launch`.
    """
    try:
        root = yaml.compose(file.read_text(encoding='utf-8'), Loader=yaml.SafeLoader)
    except OSError as error:
        raise LaunchError(f'{file}: {error.strerror}') from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise LaunchError(f'not YAML: {error.problem}', Place(file, mark.line + 1)) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LaunchError(f'{file}: not YAML: {" ".join(str(error).split())}') from error
    if not isinstance(root, yaml.MappingNode) or [native(key) for key, _ in root.value] != ['launch']:
        raise LaunchError('the root must be the one key `launch`', Place(file, 1))
    key, value = root.value[0]
    if not isinstance(value, yaml.SequenceNode):
        raise LaunchError('launch: needs a list of actions', Place(file, key.start_mark.line + 1))
    return Entity('launch', value, file, Place(file, key.start_mark.line + 1))

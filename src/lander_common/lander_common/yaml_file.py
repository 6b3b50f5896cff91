"""Reading YAML files into validated dataclasses, with errors that name the file and the field."""

import re
from pathlib import Path
from typing import Any

import yaml

from lander_common.parameters import ParameterError, make


class FileError(ValueError):
    """A configuration file is missing, unreadable or not of the expected form."""


class _Loader(getattr(yaml, 'CSafeLoader', yaml.SafeLoader)):  # libyaml: ten times as fast
    """YAML 1.1 takes 1e-3 for a string; everybody who writes it means a number, and so does ROS."""


_EXPONENT = re.compile(r'[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$')
_Loader.add_implicit_resolver('tag:yaml.org,2002:float', _EXPONENT, list('-+0123456789'))


def value_of(text: str) -> Any:
    """Return what a piece of YAML stands for.

    Raises:
        yaml.YAMLError: it is not YAML.
    """
    return yaml.load(text, _Loader)


def read(path: str | Path) -> dict[str, Any]:
    """Read a YAML file that holds one mapping.

    Raises:
        FileError: names the file and, for a syntax error, the line.
    """
    path = Path(path)
    try:
        content = value_of(path.read_text(encoding='utf-8'))
    except FileNotFoundError:
        raise FileError(f'{path}: no such file{_neighbours(path)}') from None
    except OSError as error:
        raise FileError(f'{path}: {error.strerror}') from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FileError(f'{path}: not valid YAML: {" ".join(str(error).split())}') from error
    if not isinstance(content, dict):
        raise FileError(f'{path}: expected a mapping of names to values')
    return content


def load(path: str | Path, cls: type) -> Any:
    """Read a YAML file into a Parameters dataclass.

    Raises:
        FileError: the file is missing or not YAML.
        ParameterError: names the file, the field, its value and what is allowed.
    """
    return section(path, cls, read(path))


def section(path: str | Path, cls: type, values: Any, prefix: str = '') -> Any:
    """Make a Parameters dataclass from one mapping inside a file; `prefix` is its place, 'mass.'."""
    if not isinstance(values, dict):
        raise ParameterError(prefix.rstrip('.'), values, 'a mapping of names to values', str(path))
    try:
        return make(cls, values)
    except ParameterError as error:
        raise error.within(str(path), prefix) from None


def _neighbours(path: Path) -> str:
    names = sorted(p.stem for p in path.parent.glob(f'*{path.suffix}')) if path.parent.is_dir() else []
    return f'; there are {", ".join(names)} in {path.parent}' if names else ''

"""Parameters as data: one frozen dataclass per node or file, validated when it is made.

    @dataclass(frozen=True)
    class FilterParameters(Parameters):
        gate: float = parameter(5.0, unit='-', minimum=1.0, maximum=20.0, doc='Gate in sigmas')

The same fields become ROS parameters with description, unit and range (lander_common.ros.parameters),
the keys of YAML files (lander_common.yaml_file) and the tables in the READMEs (checked by a test).
"""

import dataclasses
import math
from typing import Any


class ParameterError(ValueError):
    """A parameter has a wrong name, type or value. The text says which, where, and what is allowed."""

    def __init__(self, name: str, value: Any, allowed: str, file: str = ''):
        """Keep the parts, so that a caller who knows the file can add it with `within`."""
        super().__init__(f'{file or "parameters"}: {name} = {value!r}: allowed is {allowed}')
        self.name, self.value, self.allowed = name, value, allowed

    def within(self, file: str, prefix: str = '') -> 'ParameterError':
        """Return the same error, naming the file and the path of the field in it."""
        return ParameterError(prefix + self.name, self.value, self.allowed, file)


def parameter(default: Any, *, doc: str, unit: str = '', minimum: float | None = None,
              maximum: float | None = None, choices: tuple[str, ...] = (), length: int | None = None) -> Any:
    """Declare a field of a Parameters class: default, unit and what values are allowed."""
    metadata = {'doc': doc, 'unit': unit, 'minimum': minimum, 'maximum': maximum, 'choices': choices,
                'length': length}
    if isinstance(default, (list, dict)):
        return dataclasses.field(default_factory=lambda: default.copy(), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def allowed(field: dataclasses.Field) -> str:
    """Say in words what values a field may have."""
    meta = field.metadata
    if meta.get('choices'):
        return 'one of ' + ', '.join(meta['choices'])
    kind = {float: 'a number', int: 'a whole number', bool: 'true or false', str: 'a text',
            list[float]: 'a list of numbers', list[str]: 'a list of texts'}[field.type]
    low, high = meta.get('minimum'), meta.get('maximum')
    if meta.get('length'):
        kind = kind.replace('a list of', f'a list of {meta["length"]}')
    if low is not None and high is not None:
        kind += f' from {low:g} to {high:g}'
    elif low is not None:
        kind += f', at least {low:g}'
    elif high is not None:
        kind += f', at most {high:g}'
    return f'{kind} [{meta["unit"]}]' if meta.get('unit') else kind


class Parameters:
    """Base of parameter dataclasses: checks type, range and choices of every field."""

    def __post_init__(self) -> None:
        """Validate; whole numbers given for floats are turned into floats.

        Raises:
            ParameterError: names the field, its value and what is allowed.
        """
        for field in dataclasses.fields(self):
            if 'doc' in field.metadata:
                object.__setattr__(self, field.name, _checked(field, getattr(self, field.name)))


def _checked(field: dataclasses.Field, value: Any) -> Any:
    if field.type is float and type(value) is int:
        value = float(value)
    elif field.type == list[float] and isinstance(value, (list, tuple)):
        value = [float(v) if type(v) is int else v for v in value]
    numbers = value if isinstance(value, list) else [value]
    low, high = field.metadata.get('minimum'), field.metadata.get('maximum')
    good = _has_type(field.type, value) and all(
        (not isinstance(v, float) or math.isfinite(v))
        and (low is None or v >= low) and (high is None or v <= high) for v in numbers)
    length, choices = field.metadata.get('length'), field.metadata.get('choices')
    good = good and (length is None or len(value) == length)
    if not good or (choices and value not in choices):
        raise ParameterError(field.name, value, allowed(field))
    return value


def _has_type(kind: Any, value: Any) -> bool:
    if kind in (list[float], list[str]):
        item = kind.__args__[0]
        return isinstance(value, list) and all(type(v) is item for v in value)
    return type(value) is kind


def make(cls: type, values: dict[str, Any]) -> Any:
    """Make a Parameters object from a dictionary.

    Raises:
        ParameterError: also for a name that the class does not have.
    """
    names = [f.name for f in dataclasses.fields(cls)]
    for name, value in values.items():
        if name not in names:
            raise ParameterError(name, value, 'no parameter of that name; there are ' + ', '.join(names))
    return cls(**values)

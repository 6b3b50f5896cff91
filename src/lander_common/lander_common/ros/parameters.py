"""Parameter dataclasses as ROS parameters: declared, described, range-checked, from one source."""

import dataclasses
import sys
from pathlib import Path
from typing import TypeVar

import yaml
from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node
from rclpy.parameter import Parameter

from lander_common.parameters import ParameterError, allowed, make

P = TypeVar('P')
_FOREIGN = ('use_sim_time', 'start_type_description_service')


def declare(node: Node, cls: type[P]) -> P:
    """Declare the fields of `cls` on `node`, read-only, and return them filled in and validated.

    Raises:
        ParameterError: names the file, the parameter, its value and what is allowed; also for a
            parameter given to this node that it does not have.
    """
    fields = {f.name: f for f in dataclasses.fields(cls) if 'doc' in f.metadata}
    for name, override in node._parameter_overrides.items():
        if name not in fields and not name.startswith(('qos_overrides.', *_FOREIGN)):
            there = 'no parameter of that name; there are ' + ', '.join(fields)
            raise ParameterError(name, override.value, there, source_of(node, name))
    given = {name: list(o.value) if _is_list(o.value) else o.value
             for name, o in node._parameter_overrides.items() if name in fields}
    try:
        # Validated here first: rclpy's own errors name neither the file nor the range.
        parameters = make(cls, given)
    except ParameterError as error:
        raise error.within(source_of(node, error.name)) from None
    for name, field in fields.items():
        if name in given:
            # ROS takes no whole number for a float; the checked value is one.
            node._parameter_overrides[name] = Parameter(name, value=getattr(parameters, name))
        node.declare_parameter(name, _default(field), _descriptor(field))
    return parameters


def source_of(node: Node, name: str) -> str:
    """Return the parameter file that sets `name` for this node, or say that it was an argument."""
    arguments = sys.argv
    files = [arguments[i + 1] for i, a in enumerate(arguments[:-1]) if a == '--params-file']
    for file in reversed(files):
        try:
            content = yaml.safe_load(Path(file).read_text(encoding='utf-8')) or {}
        except (OSError, yaml.YAMLError):
            continue
        for key, section in content.items():
            if key.strip('/') in ('**', node.get_name()) and name in section.get('ros__parameters', {}):
                return file
    return f'arguments of node {node.get_name()}'


def _default(field: dataclasses.Field) -> object:
    if field.default is not dataclasses.MISSING:
        return field.default
    return field.default_factory()


def _is_list(value: object) -> bool:
    return hasattr(value, '__iter__') and not isinstance(value, str)


def _descriptor(field: dataclasses.Field) -> ParameterDescriptor:
    meta = field.metadata
    low, high = meta['minimum'], meta['maximum']
    unit = f' [{meta["unit"]}]' if meta['unit'] else ''
    descriptor = ParameterDescriptor(description=meta['doc'] + unit, read_only=True,
                                     additional_constraints=allowed(field))
    if low is not None and high is not None and field.type is float:
        descriptor.floating_point_range = [FloatingPointRange(from_value=float(low), to_value=float(high))]
    if low is not None and high is not None and field.type is int:
        descriptor.integer_range = [IntegerRange(from_value=int(low), to_value=int(high))]
    return descriptor

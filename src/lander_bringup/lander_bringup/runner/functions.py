"""The substitutions there are, with the meaning they have in `launch` and `launch_ros`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from ament_index_python.packages import (
    PackageNotFoundError,
    get_package_prefix,
    get_package_share_directory,
)

from lander_bringup.runner.context import Context
from lander_bringup.runner.problem import LaunchError

if TYPE_CHECKING:
    from lander_bringup.runner.substitutions import Call, Template


@dataclass(frozen=True)
class Function:
    """A kind of substitution: how many arguments it takes, and what it does."""

    arguments: tuple[int, int]
    perform: Callable[[Context, Call], str]


def check(call: Call) -> None:
    """Refuse an unknown substitution or a wrong number of arguments."""
    function = FUNCTIONS.get(call.name)
    if function is None:
        known = ', '.join(FUNCTIONS)
        raise LaunchError(f'unknown substitution $({call.name}); there are {known}', call.place)
    low, high = function.arguments
    if not low <= len(call.arguments) <= high:
        count = str(low) if low == high else f'{low} to {high}'
        raise LaunchError(f'$({call.name}) takes {count} arguments, not {len(call.arguments)}', call.place)
    if call.name in ('equals', 'not-equals') and not all(a.parts for a in call.arguments):
        raise LaunchError(f"$({call.name}) cannot compare with '': ros2 launch gets that wrong", call.place)


def truth(text: str, what: Any) -> bool:
    """Return the truth of a text by the rules of YAML, with 1 and 0; `what` has a place for the error."""
    try:
        value = {'1': True, '0': False}.get(text, yaml.safe_load(text) if text else None)
    except yaml.YAMLError:
        value = None
    if not isinstance(value, bool):
        raise LaunchError(f'{text!r} is neither true nor false', what.place)
    return value


def condition(template: Template, context: Context) -> bool:
    """Return the truth of an `if` or `unless`: only true, false, 1 and 0 will do."""
    text = template.perform(context).strip().lower()
    if text not in ('true', '1', 'false', '0'):
        raise LaunchError(f'a condition must be true, false, 1 or 0, not {text!r}', template.place)
    return text in ('true', '1')


def _variable(context: Context, call: Call) -> str:
    name = call.arguments[0].perform(context)
    if name in context.configurations:
        return context.configurations[name]
    if len(call.arguments) == 1:
        raise LaunchError(f'there is no argument {name}', call.place)
    return call.arguments[1].perform(context)


def _environment(context: Context, call: Call) -> str:
    name = call.arguments[0].perform(context)
    if name in context.environment:
        return context.environment[name]
    if len(call.arguments) == 1:
        raise LaunchError(f'there is no environment variable {name}', call.place)
    return call.arguments[1].perform(context)


def _equals(context: Context, call: Call) -> bool:
    left, right = (a.perform(context) for a in call.arguments)
    pair = [left.lower(), right.lower()]
    if all(text in ('true', 'false', '1', '0') for text in pair):
        return (pair[0] in ('true', '1')) == (pair[1] in ('true', '1'))
    try:
        return math.isclose(float(left), float(right))
    except ValueError:
        return left == right


def _truths(context: Context, call: Call) -> list[bool]:
    return [truth(a.perform(context), call) for a in call.arguments]


def _choose(context: Context, call: Call) -> str:
    if truth(call.arguments[0].perform(context), call):
        return call.arguments[1].perform(context)
    return call.arguments[2].perform(context) if len(call.arguments) == 3 else ''


def _package(find: Callable[[str], str]) -> Callable[[Context, Call], str]:
    def perform(context: Context, call: Call) -> str:
        name = call.arguments[0].perform(context)
        try:
            return find(name)
        except (PackageNotFoundError, ValueError):
            raise LaunchError(f'there is no package {name}', call.place) from None
    return perform


def _word(value: bool) -> str:
    return 'true' if value else 'false'


FUNCTIONS = {
    'var': Function((1, 2), _variable),
    'env': Function((1, 2), _environment),
    'dirname': Function((0, 0), lambda context, call: str(context.file.parent)),
    'filename': Function((0, 0), lambda context, call: str(context.file)),
    'find-pkg-share': Function((1, 1), _package(get_package_share_directory)),
    'find-pkg-prefix': Function((1, 1), _package(get_package_prefix)),
    'equals': Function((2, 2), lambda context, call: _word(_equals(context, call))),
    'not-equals': Function((2, 2), lambda context, call: _word(not _equals(context, call))),
    'and': Function((2, 2), lambda context, call: _word(all(_truths(context, call)))),
    'or': Function((2, 2), lambda context, call: _word(any(_truths(context, call)))),
    'not': Function((1, 1), lambda context, call: _word(not _truths(context, call)[0])),
    'if': Function((2, 3), _choose),
}

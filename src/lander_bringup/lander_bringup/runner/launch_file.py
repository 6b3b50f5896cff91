"""From a launch file and its arguments to a plan, or to the list of its arguments."""

import difflib
from pathlib import Path

from lander_bringup.runner import basic_actions, process_actions, ros_actions  # noqa: F401 they fill PARSERS
from lander_bringup.runner.actions import Action, parse_actions, run_actions
from lander_bringup.runner.basic_actions import Argument, Include, required
from lander_bringup.runner.context import Context
from lander_bringup.runner.document import load
from lander_bringup.runner.plan import Plan
from lander_bringup.runner.problem import LaunchError


def parse_arguments(texts: list[str]) -> dict[str, str]:
    """Turn name:=value texts into a mapping; of two for one name the last holds."""
    given = {}
    for text in texts:
        name, sign, value = text.partition(':=')
        if not sign or not name:
            raise LaunchError(f'argument {text!r}: expected name:=value')
        given[name] = value
    return given


def make_plan(file: Path, given: dict[str, str], environment: dict[str, str], scratch: Path) -> Plan:
    """Work through a launch file; nothing is started, parameter files are written to `scratch`.

    Raises:
        LaunchError: with file and line.
    """
    file = file.absolute()
    actions = parse_actions(load(file).children())
    for argument in required(actions):
        if argument.name not in given:
            raise LaunchError(f'argument {argument.name} ({argument.description}) was not given',
                              argument.place)
    context = Context(given, environment, scratch)
    context.file = file
    plan = Plan()
    run_actions(actions, context, plan)
    known = plan.declared | {argument.name for argument, _ in arguments_of(actions)}
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            hint = f'did you mean {close[0]}?' if close else f'there are {", ".join(sorted(known))}'
            raise LaunchError(f'{file}: there is no argument {name}; {hint}')
    return plan


def arguments_of(actions: list[Action], conditional: bool = False) -> list[tuple[Argument, bool]]:
    """Return all arguments that can be seen without running, each with whether it is conditional."""
    found: list[tuple[Argument, bool]] = []
    for one in actions:
        unsure = conditional or one.test is not None
        if isinstance(one.content, Argument):
            found.append((one.content, unsure))
        elif isinstance(one.content, list):
            found += arguments_of(one.content, unsure)
        elif isinstance(one.content, Include) and one.content.file.plain:
            path = Path(''.join(one.content.file.parts))
            found += arguments_of(parse_actions(load(path).children()), unsure)
    return found


def show_arguments(file: Path) -> str:
    """Describe the arguments of a launch file in the form of `ros2 launch --show-args`."""
    lines = ["Arguments (pass arguments as '<name>:=<value>'):"]
    listed = arguments_of(parse_actions(load(file).children()))
    for argument, conditional in listed:
        text = argument.description
        if argument.choices:
            text = text.rstrip('.') + f'. Valid choices are: {list(argument.choices)}'
        lines += ['', f"    '{argument.name}':{'*' if conditional else ''}", f'        {text}']
        if argument.default_text is not None:
            lines.append(f'        (default: {argument.default_text!r})')
    if any(conditional for _, conditional in listed):
        lines += ['', '* argument(s) which are only used if specific conditions occur']
    return '\n'.join(lines if listed else [*lines, '', '  No arguments.'])

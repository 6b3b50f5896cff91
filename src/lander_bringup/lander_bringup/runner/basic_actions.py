"""Actions that have nothing to do with processes: arguments, groups, includes, environment."""

import re
from dataclasses import dataclass
from pathlib import Path

from lander_bringup.runner.actions import Action, Execute, action, parse_actions, run_actions
from lander_bringup.runner.context import Context
from lander_bringup.runner.document import Entity, load
from lander_bringup.runner.plan import Plan
from lander_bringup.runner.problem import LaunchError, Place
from lander_bringup.runner.substitutions import Template


@dataclass(frozen=True)
class Argument:
    """A declared launch argument."""

    name: str
    default: Template | None
    default_text: str | None  # as written in the file
    description: str
    choices: tuple[str, ...]
    place: Place

    def declare(self, context: Context, plan: Plan) -> None:
        """Take the default if no value was given, and check the value."""
        plan.declared.add(self.name)
        if self.name not in context.configurations:
            if self.default is None:
                raise LaunchError(f'argument {self.name} ({self.description}) was not given', self.place)
            context.configurations[self.name] = self.default.perform(context)
        value = context.configurations[self.name]
        if self.choices and value not in self.choices:
            raise LaunchError(f'{self.name}:={value}: allowed is {", ".join(self.choices)}', self.place)


@dataclass(frozen=True)
class Include:
    """A file to be included, with the arguments given to it."""

    file: Template
    arguments: tuple[tuple[Template, Template], ...]
    place: Place

    def execute(self, context: Context, plan: Plan) -> None:
        """Run the actions of the file in this same scope, as `ros2 launch` does."""
        path = Path(self.file.perform(context)).absolute()
        if not path.is_file():
            raise LaunchError(f'include: there is no file {path}', self.place)
        actions = parse_actions(load(path).children())
        context.file = path  # and it stays so: in ros2 launch, too, $(dirname) of the includer changes
        given = {name.perform(context): value for name, value in self.arguments}
        for argument in required(actions):
            if argument.name not in given:
                raise LaunchError(f'include: {path.name} needs the argument {argument.name}', self.place)
        for name, value in given.items():
            context.configurations[name] = value.perform(context)
        run_actions(actions, context, plan)


def required(actions: list[Action]) -> list[Argument]:
    """Return the arguments that must be given, whatever conditions come out as."""
    found: list[Argument] = []
    for one in actions:
        if one.test is None and isinstance(one.content, Argument) and one.content.default is None:
            found.append(one.content)
        elif one.test is None and isinstance(one.content, list):
            found += required(one.content)
    return found


@action('arg')
def _arg(entity: Entity) -> tuple[Execute, Argument]:
    choices = []
    for choice in entity.entities('choice'):
        choices.append(_unescape(choice.require('value', choice.text('value'))))
        choice.finish()
    description = entity.text('description')
    argument = Argument(_unescape(entity.require('name', entity.text('name'))), entity.template('default'),
                        entity.text('default'), _unescape(description or 'no description given'),
                        tuple(choices), entity.place)
    return argument.declare, argument


@action('let')
def _let(entity: Entity) -> tuple[Execute, None]:
    name, value = required_templates(entity, 'name', 'value')

    def execute(context: Context, plan: Plan) -> None:
        context.configurations[name.perform(context)] = value.perform(context)
    return execute, None


@action('group')
def _group(entity: Entity) -> tuple[Execute, list[Action]]:
    scoped = entity.flag('scoped') is not False
    actions = parse_actions(entity.children())

    def execute(context: Context, plan: Plan) -> None:
        if scoped:
            with context.scope():
                run_actions(actions, context, plan)
        else:
            run_actions(actions, context, plan)
    return execute, actions


@action('include')
def _include(entity: Entity) -> tuple[Execute, Include]:
    arguments = []
    for item in entity.entities('arg'):
        arguments.append(required_templates(item, 'name', 'value'))
        item.finish()
    include = Include(required_templates(entity, 'file')[0], tuple(arguments), entity.place)
    return include.execute, include


@action('set_env')
def _set_env(entity: Entity) -> tuple[Execute, None]:
    name, value = required_templates(entity, 'name', 'value')

    def execute(context: Context, plan: Plan) -> None:
        context.environment[name.perform(context)] = value.perform(context)
    return execute, None


@action('unset_env')
def _unset_env(entity: Entity) -> tuple[Execute, None]:
    name, = required_templates(entity, 'name')

    def execute(context: Context, plan: Plan) -> None:
        context.environment.pop(name.perform(context), None)
    return execute, None


@action('log')
def _log(entity: Entity) -> tuple[Execute, None]:
    message, = required_templates(entity, 'message')

    def execute(context: Context, plan: Plan) -> None:
        plan.messages.append(message.perform(context))
    return execute, None


@action('shutdown')
def _shutdown(entity: Entity) -> tuple[Execute, None]:
    reason = entity.template('reason')

    def execute(context: Context, plan: Plan) -> None:
        plan.shutdown = plan.shutdown or entity.place
        if reason is not None:
            plan.messages.append(reason.perform(context))
    return execute, None


def required_templates(entity: Entity, *keys: str) -> tuple[Template, ...]:
    """Return text attributes that must be there."""
    return tuple(entity.require(key, entity.template(key)) for key in keys)


def _unescape(text: str) -> str:
    return re.sub(r'\\(.)', r'\1', text)

"""The action `executable`, and the attributes it shares with `node`."""

import shlex
from dataclasses import dataclass
from typing import Any

from lander_bringup.runner.actions import Execute, action
from lander_bringup.runner.basic_actions import required_templates
from lander_bringup.runner.context import Context
from lander_bringup.runner.document import Entity
from lander_bringup.runner.functions import truth
from lander_bringup.runner.plan import Plan, ProcessSpec
from lander_bringup.runner.problem import LaunchError
from lander_bringup.runner.substitutions import Call, Template


@dataclass(frozen=True)
class ProcessAttributes:
    """How to run a process, before substitutions."""

    templates: dict[str, Template | None]  # cwd, output, launch-prefix, respawn
    environment: tuple[tuple[Template, Template], ...]
    fixed: dict[str, Any]  # fields of ProcessSpec that take no substitutions

    def spec(self, name: str, command: list[str], context: Context, entity: Entity) -> ProcessSpec:
        """Return the process to start."""
        done = {key: t.perform(context) for key, t in self.templates.items() if t is not None}
        output = done.get('output', 'log')
        if output not in ('screen', 'log', 'both'):
            raise LaunchError(f'output must be screen, log or both, not {output!r}', entity.at('output'))
        extra = {key.perform(context): value.perform(context) for key, value in self.environment}
        respawn = 'respawn' in done and truth(done['respawn'], self.templates['respawn'])
        prefix = done.get('launch-prefix', context.configurations.get('launch-prefix', ''))
        return ProcessSpec(
            name=context.unique(name), command=tuple(shlex.split(prefix) + command), place=entity.place,
            environment={**context.environment, **extra}, cwd=done.get('cwd'), output=output,
            respawn=respawn, **self.fixed)


def process_attributes(entity: Entity) -> ProcessAttributes:
    """Parse the attributes that every process has."""
    on_exit = entity.text('on_exit')
    if on_exit not in (None, 'shutdown'):
        raise LaunchError(f'on_exit can only be shutdown, not {on_exit!r}', entity.at('on_exit'))
    fixed = {'respawn_delay': entity.number('respawn_delay'),
             'respawn_max_retries': entity.whole('respawn_max_retries'),
             'sigterm_timeout': entity.number('sigterm_timeout'),
             'sigkill_timeout': entity.number('sigkill_timeout'),
             'emulate_tty': entity.flag('emulate_tty')}
    environment = []
    for item in entity.entities('env'):
        environment.append(required_templates(item, 'name', 'value'))
        item.finish()
    templates = {key: entity.template(key) for key in ('cwd', 'output', 'launch-prefix', 'respawn')}
    given = {key: value for key, value in fixed.items() if value is not None}
    return ProcessAttributes(templates, tuple(environment),
                             {**given, 'shutdown_on_exit': on_exit == 'shutdown'})


def command_line(template: Template) -> list[Template]:
    """Split a command line: the texts by the rules of a shell, never the results of substitutions."""
    words: list[list[str | Call]] = []
    word: list[str | Call] = []

    def finish() -> None:
        nonlocal word
        if word:
            words.append(word)
        word = []

    for part in template.parts:
        if isinstance(part, Call):
            word.append(part)
            continue
        try:
            tokens = shlex.split(part)
        except ValueError as error:
            raise LaunchError(f'{error}: {part}', template.place) from None
        if part[0].isspace():
            finish()
        for i, token in enumerate(tokens):
            if i > 0:
                finish()
            word.append(token)
        if part[-1].isspace():
            finish()
    finish()
    return [Template(tuple(w), template.place) for w in words]


@action('executable')
def _executable(entity: Entity) -> tuple[Execute, None]:
    words = command_line(required_templates(entity, 'cmd')[0])
    name = entity.template('name')
    attributes = process_attributes(entity)

    def execute(context: Context, plan: Plan) -> None:
        command = [word.perform(context) for word in words]
        label = name.perform(context) if name else command[0].rpartition('/')[2]
        plan.processes.append(attributes.spec(label, command, context, entity))
    return execute, None

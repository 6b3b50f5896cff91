"""The actions of launch files: each is parsed from an entity and then run in a context."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lander_bringup.runner.context import Context
from lander_bringup.runner.document import Entity
from lander_bringup.runner.functions import condition
from lander_bringup.runner.plan import Plan
from lander_bringup.runner.problem import LaunchError
from lander_bringup.runner.substitutions import Template

Execute = Callable[[Context, Plan], None]
PARSERS: dict[str, Callable[[Entity], tuple[Execute, Any]]] = {}


@dataclass(frozen=True)
class Action:
    """One action: what it does, under which condition, and what it holds."""

    execute: Execute
    test: Template | None  # the text of `if` or `unless`
    wanted: bool  # which result of the test lets it run
    content: Any  # an Argument, the actions of a group, or an Include; else None

    def run(self, context: Context, plan: Plan) -> None:
        """Do it, if its condition holds."""
        if self.test is None or condition(self.test, context) == self.wanted:
            self.execute(context, plan)


def action(name: str) -> Callable:
    """Make a function of an entity the parser of the actions called `name`.

    The function returns what the action does, and what it holds (see Action.content).
    """
    def register(parser: Callable[[Entity], tuple[Execute, Any]]) -> Callable:
        PARSERS[name] = parser
        return parser
    return register


def parse_actions(entities: list[Entity]) -> list[Action]:
    """Parse a list of actions, all before any is run.

    Raises:
        LaunchError: unknown action or attribute, wrong type; with the place.
    """
    return [_parse(entity) for entity in entities]


def run_actions(actions: list[Action], context: Context, plan: Plan) -> None:
    """Run actions from top to bottom."""
    for one in actions:
        one.run(context, plan)


def _parse(entity: Entity) -> Action:
    parser = PARSERS.get(entity.name)
    if parser is None:
        raise LaunchError(f'unknown action {entity.name}; there are {", ".join(PARSERS)}', entity.place)
    positive, negative = entity.template('if'), entity.template('unless')
    if positive and negative:
        raise LaunchError(f'{entity.name}: has both if and unless', entity.place)
    execute, content = parser(entity)
    entity.finish()
    return Action(execute, positive or negative, negative is None, content)

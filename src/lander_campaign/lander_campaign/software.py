"""The parameters of the flight software of one lander, and how a user changes them."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import yaml

from lander_common.parameters import ParameterError, Parameters, make
from lander_common.yaml_file import value_of
from lander_estimation.parameters import EstimatorParameters
from lander_guidance.parameters import GuidanceParameters
from lander_rangefinder.parameters import RangefinderParameters
from lander_thrusters.parameters import AllocatorParameters


@dataclasses.dataclass(frozen=True)
class Software:
    """Parameters of each flight node, under the node's name; the defaults are those of the nodes."""

    rangefinder: RangefinderParameters = RangefinderParameters()
    state_estimator: EstimatorParameters = EstimatorParameters()
    guidance: GuidanceParameters = GuidanceParameters()
    thruster_allocator: AllocatorParameters = AllocatorParameters()

    def changed(self, settings: Iterable[str]) -> 'Software':
        """Return these parameters with some changed; see `parse`.

        Raises:
            ParameterError: names the setting, and what is allowed.
        """
        changes = parse(settings)
        return dataclasses.replace(self, **{node: _with(getattr(self, node), node, values)
                                            for node, values in changes.items()})

    def differences(self) -> list[str]:
        """Return the settings that make these parameters from the default ones."""
        found = []
        for node in dataclasses.fields(self):
            ours, default = getattr(self, node.name), node.default
            found += [f'{node.name}.{f.name}={yaml.safe_dump(getattr(ours, f.name)).splitlines()[0]}'
                      for f in dataclasses.fields(ours) if getattr(ours, f.name) != getattr(default, f.name)]
        return found


def parse(settings: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return node, parameter and value of settings given as NODE.PARAMETER=VALUE, VALUE as in YAML.

    Raises:
        ParameterError: it is not of that form, or there is no such node.
    """
    nodes = [field.name for field in dataclasses.fields(Software)]
    changes: dict[str, dict[str, Any]] = {}
    for setting in settings:
        name, sign, value = setting.partition('=')
        node, dot, parameter = name.partition('.')
        if not (sign and dot and node in nodes):
            raise ParameterError('setting', setting,
                                 f'NODE.PARAMETER=VALUE with NODE one of {", ".join(nodes)}')
        try:
            changes.setdefault(node, {})[parameter] = value_of(value)
        except yaml.YAMLError:
            raise ParameterError(name, value, 'a value as in YAML') from None
    return changes


def _with(parameters: Parameters, node: str, values: dict[str, Any]) -> Parameters:
    try:
        return make(type(parameters), {**dataclasses.asdict(parameters), **values})
    except ParameterError as error:
        raise ParameterError(f'{node}.{error.name}', error.value, error.allowed) from None

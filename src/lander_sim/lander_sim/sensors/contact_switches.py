"""Contact switches in the feet, debounced."""

import math
from dataclasses import dataclass

from lander_common.parameters import Parameters, parameter
from lander_sim.sensors.sensor import Sensor


@dataclass(frozen=True)
class ContactSwitchParameters(Parameters):
    """Switches and their debouncing."""

    debounce_s: float = parameter(
        0.02, unit='s', minimum=0, maximum=10, doc='A change counts when it has lasted so long; assumed')


class ContactSwitches(Sensor):
    """One switch per foot."""

    faults = {'stuck': (-math.inf, math.inf, 'not used: every switch keeps its position')}

    def __init__(self, count: int, parameters: ContactSwitchParameters | None = None):
        """Start with `count` open switches."""
        super().__init__()
        self._debounce = (parameters or ContactSwitchParameters()).debounce_s
        self._state = (False,) * count
        self._since = [math.inf] * count  # [s] when a foot began to differ from its switch

    def sample(self, time: float, foot_contact: tuple[bool, ...]) -> tuple[bool, ...]:
        """Return the debounced switches at `time` [s], given which feet are pressed now."""
        if foot_contact == self._state:
            self._since = [math.inf] * len(self._since)
            return self._state
        state = list(self._state)
        for i, pressed in enumerate(foot_contact):
            self._since[i] = min(self._since[i], time) if pressed != state[i] else math.inf
            if time - self._since[i] >= self._debounce - 1e-9 and 'stuck' not in self._faults:
                state[i], self._since[i] = pressed, math.inf
        self._state = tuple(state)
        return self._state

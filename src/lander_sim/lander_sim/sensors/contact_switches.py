"""Contact switches in the feet, debounced."""

import math
from dataclasses import dataclass

import numpy as np

from lander_common.compiled import compiled
from lander_common.parameters import Parameters, parameter
from lander_sim.sensors.sensor import Sensor, active

_MOST = 8  # feet, as a vehicle file allows

SWITCHES = np.dtype([
    ('due', np.int64),  # 1: this cycle tells of them
    ('count', np.int64),  # of feet
    ('feet', np.int64, _MOST),  # 1: closed
    ('closed', np.int64),  # how many are closed
    ('told', np.int64, _MOST),  # what was last told; -1: nothing yet
    ('since', float, _MOST),  # [s] when a foot began to differ from its switch
    ('debounce', float),  # [s]
    ('faults', float, 1),
])
"""State of the contact switches."""


@dataclass(frozen=True)
class ContactSwitchParameters(Parameters):
    """Switches and their debouncing."""

    debounce_s: float = parameter(
        0.02, unit='s', minimum=0, maximum=10, doc='A change counts when it has lasted so long; assumed')


class ContactSwitches(Sensor):
    """One switch per foot."""

    faults = {'stuck': (-math.inf, math.inf, 'not used: every switch keeps its position')}

    def __init__(self, count: int, parameters: ContactSwitchParameters | None = None,
                 record: np.ndarray | None = None):
        """Start with `count` open switches. `record`: (1,) of SWITCHES to work on."""
        super().__init__(SWITCHES, record)
        self._state['debounce'] = (parameters or ContactSwitchParameters()).debounce_s
        self._state['count'], self._state['feet'] = count, 0
        self._state['since'], self._state['told'] = math.inf, -1

    def sample(self, time: float, foot_contact: tuple[bool, ...]) -> tuple[bool, ...]:
        """Return the debounced switches at `time` [s], given which feet are pressed now."""
        _listen(self.record, time, np.array(foot_contact, dtype=float))
        return self.feet

    def follow(self, time: float, loads: np.ndarray, cycle: int) -> None:
        """Sample at `time` [s], `loads` [N] on the feet, (count,); see whether this cycle tells of it."""
        _listen_and_tell(self.record, time, loads, cycle)

    @property
    def feet(self) -> tuple[bool, ...]:
        """The switches as they are."""
        return tuple((self._state['feet'][:self._state['count']] == 1).tolist())


@compiled
def listen(switches: np.void, time: float, pressed: np.ndarray) -> None:
    """Follow at `time` [s] the feet, of which those with a positive number are pressed, (count,)."""
    stuck = active(switches.faults, 0)
    switches.closed = 0
    for i in range(switches.count):
        down = 1 if pressed[i] > 0.0 else 0
        if down == switches.feet[i]:
            switches.since[i] = np.inf
        else:
            switches.since[i] = min(switches.since[i], time)
            if time - switches.since[i] >= switches.debounce - 1e-9 and not stuck:
                switches.feet[i], switches.since[i] = down, np.inf
        switches.closed += switches.feet[i]


@compiled
def tell(switches: np.void, cycle: int) -> None:
    """Set `due` in each fifth cycle and whenever a switch has changed since it was told."""
    changed = False
    for i in range(switches.count):
        changed = changed or switches.feet[i] != switches.told[i]
        switches.told[i] = switches.feet[i]
    switches.due = 1 if changed or cycle % 5 == 0 else 0


@compiled
def _listen(switches: np.ndarray, time: float, pressed: np.ndarray) -> None:
    listen(switches[0], time, pressed)


@compiled
def _listen_and_tell(switches: np.ndarray, time: float, pressed: np.ndarray, cycle: int) -> None:
    listen(switches[0], time, pressed)
    tell(switches[0], cycle)

"""From wanted on-times to pulses that a valve can make."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.vehicle import GROUPS
from lander_thrusters.valves import open_for

_TOGETHER = 0.8  # [-] share of a shortest pulse, from which a thruster fires along with its group
_MAIN = GROUPS.index('main')


@compiled
def make_pulses(al: np.void, now: float, main_time: float) -> None:
    """Turn the duties of a window into throttles and on-times, `pulse` [s].

    A main engine that burns is open for `main_time` [s]. Another throttled engine stays open as long as its
    duty is one that it can be throttled to; below, it makes pulses of its lowest thrust.
    """
    for i in range(al.count):
        al.throttle[i] = max(al.duty[i], al.lowest[i])
        if al.group[i] == _MAIN:
            al.pulse[i] = main_time * al.healthy[i] if al.duty[i] > 0.0 else 0.0
        else:
            al.wanted[i] = min(al.duty[i] / al.throttle[i], 1.0) * al.window
            al.pulse[i] = _pulse(al.wanted[i], al.window, al.shortest[i], open_for(al, i, now))
    _fire_together(al)
    for i in range(al.count):
        al.pulse[i] *= al.healthy[i]


@compiled
def _pulse(wanted, window, shortest, was_open):
    """Return the on-time from the start of a window [s] that comes near to what is wanted, 0 to `window`.

    `shortest` [s] is the shortest pulse and the shortest gap; the difference is less than that. A closed
    valve opens for `shortest` or not at all; an open one, for `was_open` [s], stays open at least until its
    pulse has that length; a gap at the end is at least `shortest` or none.
    """
    if wanted > window - shortest:
        return window
    if was_open > 0.0:
        return min(max(wanted, shortest - was_open), window)
    return wanted if wanted >= shortest else 0.0


@compiled
def _fire_together(al: np.void) -> None:
    """Let thrusters of a group that want nearly the same fire together.

    Also when the shortest pulse lies between their wants: else rounding would turn equal wants into a torque.
    """
    fires = rests = 0  # bit: group of which a thruster does
    for i in range(al.count):
        if al.group[i] != _MAIN:
            fires |= (al.pulse[i] > 0.0) << al.group[i]
            rests |= (al.pulse[i] < al.window) << al.group[i]
    for i in range(al.count):
        if al.group[i] == _MAIN:
            continue
        if al.pulse[i] == 0.0 and fires >> al.group[i] & 1 and al.wanted[i] >= _TOGETHER * al.shortest[i]:
            al.pulse[i] = al.shortest[i]
        elif (al.pulse[i] == al.window and rests >> al.group[i] & 1
              and al.window - al.wanted[i] >= _TOGETHER * al.shortest[i]):
            al.pulse[i] = al.window - al.shortest[i]

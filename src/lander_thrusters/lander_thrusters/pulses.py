"""From wanted on-times to pulses that a valve can make.

Engines are rounded to the nearest time that can be made: what is left over is at most half a shortest pulse
either way. Jets are rounded down: one that is asked for less than its shortest pulse waits until that has
added up, so that noise around zero does not make opposite jets fight. In both cases what a thruster is owed
stays within an interval as long as one shortest pulse, and with it the impulse error between any two windows.
"""

import numpy as np

from lander_common.compiled import compiled
from lander_common.vehicle import GROUPS
from lander_thrusters.valves import open_for

_MAIN, _RCS = GROUPS.index('main'), GROUPS.index('rcs')
_NEAR = 0.1  # [-] of a shortest pulse: wants so near to the limit of rounding are rounded together


@compiled
def make_pulses(al: np.void, now: float, main_time: float) -> None:
    """Turn the duties of a window into throttles and on-times, `pulse` [s].

    A main engine that burns is open for `main_time` [s]. Another throttled engine stays open as long as its
    duty is one that it can be throttled to; below, it makes pulses of its lowest thrust.
    """
    for i in range(al.count):
        al.throttle[i] = max(al.duty[i], al.lowest[i])
        if al.group[i] == _MAIN:
            al.pulse[i] = main_time if al.duty[i] > 0.0 else 0.0
        else:
            al.wanted[i] = min(al.duty[i] / al.throttle[i], 1.0) * al.window
    for group in range(_MAIN + 1, len(GROUPS)):
        _round_group(al, now, group)
    for i in range(al.count):
        al.pulse[i] *= al.healthy[i]


@compiled
def _round_group(al, now, group):
    """Write the pulses of a group of thrusters.

    A closed valve opens for its shortest time or not at all; an open one stays open at least until its pulse
    has that length; a gap at the end is at least as long or none. Wants that are nearly the same must not
    become different pulses, which would be a torque that nobody asked for: all those near to a limit of
    rounding are rounded as their mean is.
    """
    share = 1.0 if group == _RCS else 0.5  # of a shortest pulse, from which it is fired
    near_high = 0.0 if group == _RCS else _NEAR
    low = high = 0.0  # sum of wants beyond the limits, of those near to them
    for i in range(al.count):
        if al.group[i] == group:
            s = al.shortest[i]
            from_low, from_high = _distances(al.wanted[i], al.window, s, share)
            low += from_low if abs(from_low) < _NEAR * s else 0.0
            high += from_high if abs(from_high) < near_high * s else 0.0
    for i in range(al.count):
        if al.group[i] == group:
            s, wanted, was_open = al.shortest[i], al.wanted[i], open_for(al, i, now)
            from_low, from_high = _distances(wanted, al.window, s, share)
            fires = low >= 0.0 if abs(from_low) < _NEAR * s else from_low > 0.0
            stays = high >= 0.0 if abs(from_high) < near_high * s else from_high >= 0.0
            if stays:
                al.pulse[i] = al.window
            elif was_open > 0.0:
                al.pulse[i] = min(max(wanted, s - was_open), al.window - s)
            else:
                al.pulse[i] = min(max(wanted, s), al.window - s) if fires else 0.0


@compiled
def _distances(wanted, window, shortest, share):
    """Return how far a want is beyond the limit of firing, and beyond that of staying open [s]."""
    return wanted - share * shortest, wanted - window + (1.0 - share) * shortest

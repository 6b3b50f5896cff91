"""What happens at the ends of a pulse window, as kernels: settle, decide what to ask, share it out, fire."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.vehicle import GROUPS
from lander_thrusters.bounded_least_squares import minimise
from lander_thrusters.demand import set_target
from lander_thrusters.effectiveness import burn, follow
from lander_thrusters.main_engine import switch_main
from lander_thrusters.pulses import make_pulses
from lander_thrusters.valves import TICK, fire, given, open_for

_MAIN, _ASSIST = GROUPS.index('main'), GROUPS.index('assist')


@compiled
def close_window(al: np.void, now: float) -> None:
    """Settle the account of the last window: it may have been cut short."""
    elapsed = now - al.start
    if elapsed == np.inf:
        return  # there was none
    for i in range(al.count):
        was_open = elapsed if al.burning[i] else given(al, i, now)
        burn(al, was_open * al.throttle[i], i)
    follow(al)
    # What engines do for the sake of torque, while they cannot give the force that is asked, is no debt.
    book_z = al.target[2] > 0.0 and al.limited == 0
    for a in range(al.shared_count):
        i = al.shared[a]
        owed = al.duty[i] * min(elapsed, al.window) - given(al, i, now) * al.throttle[i]
        # Never more than a shortest pulse either way.
        owed = min(max(al.healthy[i] * owed, -al.shortest[i]), al.shortest[i])
        if owed != 0.0:
            for k in range(6):
                if k != 2 or book_z:
                    al.carry[k] += al.wrench[k, i] * owed
    for i in range(al.count):
        if al.lowest[i] < 1.0:
            way = al.throttle_rate[i] * elapsed
            al.level[i] += min(max(al.throttle[i] - al.level[i], -way), way)


@compiled
def open_window(al: np.void, now: float) -> None:
    """Share out what is asked now, and fire."""
    # When the wrench comes seldom, the window lasts until the next one is due.
    al.window = np.ceil(al.nominal / al.interval - TICK) * al.interval
    al.start = now
    set_target(al)
    least, still_open = 0.0, False
    for i in range(al.count):
        if al.group[i] == _MAIN:
            least += al.wrench[2, i] * al.healthy[i] * al.lowest[i]
            still_open = still_open or open_for(al, i, now) > 0.0
    _ask(al, switch_main(al, now, al.target[2], least, still_open))
    for a in range(al.shared_count):
        i, slope = al.shared[a], 0.0
        for k in range(6):
            slope += al.gradient[a, k] * al.rest[k]
        al.slope[a], al.room[a], al.share[a] = slope, al.upper[i], al.duty[i] - al.fixed[i]
    minimise(al.shared_count, al.hessian, al.slope, al.room, al.share, al.scratch)
    for i in range(al.count):
        al.duty[i] = al.fixed[i]
    for a in range(al.shared_count):
        al.duty[al.shared[a]] += al.share[a]
    make_pulses(al, now, max(al.window, al.switched + al.main_shortest - now))
    for i in range(al.count):
        fire(al, i, now, al.pulse[i])


@compiled
def _ask(al: np.void, main_on: bool) -> None:
    """Decide what the thrusters give in any case, what room they have, and what to ask of it in this window.

    Writes `fixed` and `upper`: duties that are given, and what may be added to them; `target_now`: the
    target with what is made good now, which is taken off `carry`; `rest`: what is left of it to share out.
    """
    nothing = True
    for k in range(6):
        nothing = nothing and al.target[k] == 0.0
    engines = al.target[2] > 0.0  # else they are off: they do not help with torques, and their account waits
    low = high = 0.0  # force z of the engines, least and most
    there = False  # engines are, in use
    for i in range(al.count):
        al.fixed[i], al.upper[i] = 0.0, al.healthy[i]
        way = al.throttle_rate[i] * al.window
        if al.burning[i]:
            al.fixed[i], al.upper[i] = al.lowest[i], 0.0
        elif al.group[i] == _MAIN:
            al.upper[i] = 0.0
            if main_on and al.healthy[i] > 0.0:
                al.fixed[i] = max(al.lowest[i], al.level[i] - way)
                al.upper[i] = max(min(1.0, al.level[i] + way) - al.fixed[i], 0.0)
        elif nothing or (al.group[i] == _ASSIST and not engines):
            al.upper[i] = 0.0
        elif al.lowest[i] < 1.0:
            al.upper[i] *= min(1.0, al.level[i] + way)
        if al.group[i] == _MAIN or al.group[i] == _ASSIST:
            low += al.wrench[2, i] * al.fixed[i]
            high += al.wrench[2, i] * al.upper[i]
            there = there or al.healthy[i] > 0.0
    high += low
    limits = high > 0.0 or (engines and there)
    al.limited = 0
    for k in range(6):
        spent = 0.0 if nothing or (k == 2 and not engines) else al.carry[k]  # else what is left over waits
        if k == 2 and engines and there:
            spent = max(spent, -max(al.target[2] - low, 0.0) * al.window)
            spent = min(spent, max(high - al.target[2], 0.0) * al.window)
            al.limited = spent != al.carry[2] or not low <= al.target[2] <= high
        al.carry[k] -= spent
        al.asked_then[k] = al.asked[k]
        al.target_now[k] = al.target[k] + spent / al.window
        fixed = 0.0
        for i in range(al.count):
            fixed += al.wrench[k, i] * al.fixed[i]
        al.rest[k] = al.target_now[k] - fixed
    if limits:  # beyond what the engines can do, the RCS neither helps nor pushes back
        al.rest[2] = min(max(al.rest[2], 0.0), high - low)

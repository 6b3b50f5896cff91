"""What happens at the start of a pulse window, as kernels: settle, decide what to ask, share it out, fire.

Thrusters are numbered as in the vehicle file, n of them; `pulsed` (m,) are the indices of those that make
pulses (assist, RCS), `group` (n,) is the index in lander_common.vehicle.GROUPS.
"""

import numpy as np

from lander_common.compiled import compiled
from lander_common.vehicle import GROUPS
from lander_thrusters.bounded_least_squares import minimise
from lander_thrusters.pulses import pulses

_MAIN, _ASSIST = GROUPS.index('main'), GROUPS.index('assist')


@compiled
def shortfall(duty: np.ndarray, elapsed: float, given: np.ndarray, healthy: np.ndarray, shortest: np.ndarray,
              pulsed: np.ndarray) -> np.ndarray:
    """Return what the pulses of a window owe to its duties after `elapsed` [s], (m,) [s].

    `given` (n,) [s] is what valves were open for. Never more than a shortest pulse either way.
    """
    owed = np.empty(pulsed.size)
    for a in range(pulsed.size):
        i = pulsed[a]
        owed[a] = min(max(healthy[i] * (duty[i] * elapsed - given[i]), -shortest[i]), shortest[i])
    return owed


@compiled
def ask(target: np.ndarray, carry: np.ndarray, window: float, main_on: bool, healthy: np.ndarray,
        burning: np.ndarray, group: np.ndarray, wrench: np.ndarray
        ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Decide what to ask of the pulsed thrusters in a window [s].

    Args:
        target: (6,) wrench wanted [N, N m].
        carry: (6,) owed from before [N s, N m s]; what is made good now is taken off, in place.
        window: [s].
        main_on: whether healthy main engines burn.
        healthy: (n,) 1.0 for those in use, else 0.0.
        burning: (n,) bool: stuck on.
        group: (n,).
        wrench: (6, n) of full thrust.

    Returns:
        The target with what is made good, (6,); what is left of it for the pulsed thrusters, (6,); duties
        that are given, (n,); the most that each may do, (n,).
    """
    n = group.size
    fixed, upper = np.zeros(n), healthy.copy()
    nothing = not target.any()
    if target[2] <= 0.0:  # engines off: their account ends, and they do not help with torques
        carry[2] = 0.0
    low = high = 0.0  # force z of the engines, least and most
    for i in range(n):
        if nothing or (target[2] <= 0.0 and group[i] == _ASSIST):
            upper[i] = 0.0
        if burning[i] or (group[i] == _MAIN and main_on and healthy[i] > 0.0):
            fixed[i] = 1.0
        if group[i] == _MAIN or group[i] == _ASSIST:
            low += wrench[2, i] * fixed[i]
        if group[i] == _ASSIST:
            high += wrench[2, i] * upper[i]
    high += low
    now, rest = target.copy(), np.empty(6)
    for k in range(6):
        spent = 0.0 if nothing else carry[k]  # nothing asked: what is left over waits
        if k == 2 and high > 0.0 and not nothing:
            spent = max(spent, -max(target[2] - low, 0.0) * window)
            spent = min(spent, max(high - target[2], 0.0) * window)
        carry[k] -= spent
        now[k] += spent / window
        given = 0.0
        for i in range(n):
            given += wrench[k, i] * fixed[i]
        rest[k] = now[k] - given
    if high > 0.0:  # beyond what the engines can do, the RCS neither helps nor pushes back
        rest[2] = min(max(rest[2], 0.0), high - low)
    return now, rest, fixed, upper


@compiled
def share_out(hessian: np.ndarray, gradient: np.ndarray, fixed: np.ndarray, upper: np.ndarray,
              start: np.ndarray, pulsed: np.ndarray, window: float, main_time: float, shortest: np.ndarray,
              open_for: np.ndarray, group: np.ndarray, healthy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the duties, (n,), and the on-times that make them, (n,) [s].

    `hessian` (m, m) and `gradient` (m,) are those of bounded_least_squares.minimise; `start` (n,) the last
    duties; `main_time` [s] how long a main engine is open that burns; `open_for` (n,) [s] see pulses.
    """
    duty, on = fixed.copy(), np.zeros(fixed.size)
    shares = minimise(hessian, gradient, upper[pulsed], start[pulsed])
    for a in range(pulsed.size):
        duty[pulsed[a]] = max(shares[a], fixed[pulsed[a]])
    times = pulses(duty[pulsed] * window, window, shortest[pulsed], open_for[pulsed], group[pulsed])
    for i in range(duty.size):
        on[i] = main_time * healthy[i] if duty[i] > 0.0 else 0.0
    for a in range(pulsed.size):
        on[pulsed[a]] = times[a] * healthy[pulsed[a]]
    return duty, on

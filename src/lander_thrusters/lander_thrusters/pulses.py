"""From wanted on-times to pulses that a valve can make."""

import numpy as np

from lander_common.compiled import compiled

_TOGETHER = 0.8  # [-] share of a shortest pulse, from which a thruster fires along with its group


@compiled
def pulses(wanted: np.ndarray, window: float, shortest: np.ndarray, open_for: np.ndarray,
           group: np.ndarray) -> np.ndarray:
    """Return the on-time of each valve from the start of a window, (n,) [s].

    `wanted` (n,) [s] is 0 to `window`; `shortest` (n,) [s] the shortest pulse and the shortest gap;
    `open_for` (n,) [s] how long each valve has been open already, 0 for a closed one; `group` (n,)
    numbers the thrusters that belong together. The difference to `wanted` is less than `shortest`
    for every thruster. A closed valve opens for `shortest` or not at all; an open one stays open at
    least until its pulse has that length; a gap at the end is at least `shortest` or none.

    Thrusters of a group that want nearly the same fire together, also when the shortest pulse lies
    between their wants: else rounding would turn equal wants into a torque.
    """
    n = wanted.size
    on = np.zeros(n)
    for i in range(n):
        if wanted[i] > window - shortest[i]:
            on[i] = window
        elif open_for[i] > 0.0:
            on[i] = min(max(wanted[i], shortest[i] - open_for[i]), window)
        elif wanted[i] >= shortest[i]:
            on[i] = wanted[i]
    fires, rests = on > 0.0, on < window
    for i in range(n):
        for j in range(n):
            if group[j] != group[i]:
                continue
            if fires[j] and not fires[i] and wanted[i] >= _TOGETHER * shortest[i]:
                on[i] = shortest[i]
            if rests[j] and not rests[i] and window - wanted[i] >= _TOGETHER * shortest[i]:
                on[i] = window - shortest[i]
    return on

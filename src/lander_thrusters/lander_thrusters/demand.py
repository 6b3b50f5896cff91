"""The wrench that is asked for: checked, bridged when it is bad, and freed of noise around zero."""

import numpy as np

from lander_common.compiled import compiled

_LARGEST = 1e9  # [N, N m] nobody asks for more; larger values are errors


@compiled
def take(al: np.void, time: float, force: np.ndarray, torque: np.ndarray) -> None:
    """Remember a wrench, (3,) and (3,); a bad one leaves the last good one for `hold` [s], then none."""
    good = True
    for k in range(3):
        good = good and abs(force[k]) <= _LARGEST and abs(torque[k]) <= _LARGEST  # False for NaN
    al.valid = good
    if good:
        al.last_good = time
        for k in range(3):
            al.asked[k], al.asked[3 + k] = force[k], torque[k]
    elif time - al.last_good > al.hold:
        for k in range(6):
            al.asked[k] = 0.0


@compiled
def asked_anything(al: np.void) -> bool:
    """Return whether any of the six is not zero."""
    anything = False
    for k in range(6):
        anything = anything or al.asked[k] != 0.0
    return anything


@compiled
def set_target(al: np.void) -> None:
    """Make the target of a window: what is asked, with the axes inside their dead band set to zero."""
    for k in range(6):
        al.target[k] = al.asked[k] if abs(al.asked[k]) > al.dead_band[k] else 0.0

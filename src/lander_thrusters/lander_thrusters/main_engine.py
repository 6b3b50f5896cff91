"""The main engines: on or off together, never chopped."""

import numpy as np

from lander_common.compiled import compiled


@compiled
def switch_main(al: np.void, time: float, force_z: float, least: float, open_now: bool) -> bool:
    """Return whether to burn at `time` [s] when `force_z` [N] is asked and `least` [N] is what burning gives.

    Switches with hysteresis and keeps each state for at least the shortest on-time. No thrust (the engines
    have failed) is off at once. Valves that are not `open_now` any more have closed because no command came
    for too long: to burn on is a new start.
    """
    on = al.main_on != 0 and open_now
    share = al.off_share if on else al.on_share
    wanted = least > 0.0 and force_z >= share * least
    if wanted != on and (least <= 0.0 or time - al.switched >= al.main_shortest - 1e-6):
        on, al.switched = wanted, time
    al.main_on = on
    return on

"""What a guidance law asks for; attitude control and the thrust limits turn it into a wrench."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.vectors import Vector, put

DEMAND = np.dtype([
    ('active', np.int64),  # 0: engines off, attitude free
    ('direction', float, 3),  # unit vector in moon of the thrust axis
    ('thrust', float),  # [N] when the axis points there
    ('slew', float),  # [rad/s] fastest turn
    ('time_to_go', float),  # [s] to the end of the phase
])


@compiled
def demand(d: np.void, direction: Vector, thrust: float, slew: float, time_to_go: float) -> None:
    """Ask for `thrust` [N] along `direction`, turning at `slew` [rad/s] at most."""
    d.active, d.thrust, d.slew, d.time_to_go = 1, thrust, slew, time_to_go
    put(d.direction, direction)

"""What is done ten times a second of flight time, however long the cycles are."""

import math

from lander_common.compiled import compiled

RATE = 10.0  # [Hz]


@compiled
def tenth(time: float) -> int:
    """Return the number of the tenth of a second that `time` [s] lies in; rounding does not count."""
    return math.floor(time * RATE + 1e-6)

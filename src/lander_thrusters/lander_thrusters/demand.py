"""The wrench that is asked for: checked, bridged when it is bad, and freed of noise around zero."""

import numpy as np

from lander_common.samples import Wrench
from lander_thrusters.parameters import AllocatorParameters

_LARGEST = 1e9  # [N, N m] nobody asks for more; larger values are errors
_NOTHING = (0.0,) * 6


class Demand:
    """The last good wrench."""

    def __init__(self, parameters: AllocatorParameters):
        """Start with nothing asked."""
        self._hold = parameters.hold_s
        self._dead_band = [parameters.force_dead_band_n] * 3 + [parameters.torque_dead_band_n_m] * 3
        self._last_good = float('-inf')
        self.asked = _NOTHING
        """Force and torque asked for [N, N m]: six numbers."""
        self.valid = True
        """Whether the last wrench was one: finite, and not of absurd size."""

    def take(self, wrench: Wrench) -> None:
        """Remember a wrench; a bad one leaves the last good one for `hold_s`, then nothing is asked."""
        # Plain numbers: this runs every cycle, and an array operation costs more than all six of them.
        asked = a, b, c, d, e, f = *wrench.force.tolist(), *wrench.torque.tolist()
        self.valid = (abs(a) <= _LARGEST and abs(b) <= _LARGEST and abs(c) <= _LARGEST
                      and abs(d) <= _LARGEST and abs(e) <= _LARGEST and abs(f) <= _LARGEST)  # False for NaN
        if self.valid:
            self.asked, self._last_good = asked, wrench.time
        elif wrench.time - self._last_good > self._hold:
            self.asked = _NOTHING

    @property
    def nothing(self) -> bool:
        """Whether nothing at all is asked: all six are zero."""
        return self.asked == _NOTHING

    @property
    def target(self) -> np.ndarray:
        """The wrench with the axes inside their dead band set to zero, (6,)."""
        return np.array([a if abs(a) > band else 0.0 for a, band in zip(self.asked, self._dead_band)])

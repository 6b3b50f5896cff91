"""The wrench that is asked for: checked, bridged when it is bad, and freed of noise around zero."""

import numpy as np

from lander_common.samples import Wrench
from lander_thrusters.parameters import AllocatorParameters

_LARGEST = 1e9  # [N, N m] nobody asks for more; larger values are errors


class Demand:
    """The last good wrench."""

    def __init__(self, parameters: AllocatorParameters):
        """Start with nothing asked."""
        self._hold = parameters.hold_s
        self._dead_band = np.repeat([parameters.force_dead_band_n, parameters.torque_dead_band_n_m], 3)
        self._last_good = float('-inf')
        self.wrench = np.zeros(6)
        """Force and torque asked for, (6,) [N, N m]."""
        self.valid = True
        """Whether the last wrench was one: finite, and not of absurd size."""

    def take(self, wrench: Wrench) -> None:
        """Remember a wrench; a bad one leaves the last good one for `hold_s`, then nothing is asked."""
        asked = np.concatenate([wrench.force, wrench.torque])
        self.valid = bool((np.abs(asked) <= _LARGEST).all())  # False for NaN too
        if self.valid:
            self.wrench, self._last_good = asked, wrench.time
        elif wrench.time - self._last_good > self._hold:
            self.wrench = np.zeros(6)

    @property
    def target(self) -> np.ndarray:
        """The wrench with the axes inside their dead band set to zero, (6,)."""
        return np.where(np.abs(self.wrench) > self._dead_band, self.wrench, 0.0)

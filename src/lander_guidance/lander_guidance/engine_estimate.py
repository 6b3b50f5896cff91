"""What the engine really gives: thrust over the command, and exhaust velocity, from the motion."""

import math

import numpy as np

_MEMORY = 200.0  # [m/s] speed commanded after which a sample counts 1/e: at low thrust noise weighs more
_TRUST = 10.0  # [m/s] speed commanded whose result counts as much as the model
_BOUND = 0.2  # of the model: more is an error of navigation


class EngineEstimate:
    """Compares speed gained and mass lost with what was commanded, the older the less.

    Speeds are summed up as vectors: so noise of navigation, which is in the commands too, cancels.
    """

    def __init__(self, exhaust_velocity: float) -> None:
        """Start by believing the model; `exhaust_velocity` [m/s]."""
        self._model = exhaust_velocity
        self._expected, self._given = np.zeros(3), np.zeros(3)
        self._push, self._spent = _TRUST, _TRUST / exhaust_velocity
        self._last: tuple[float, np.ndarray, np.ndarray, float] | None = None
        self._command = np.zeros(3)

    @property
    def scale(self) -> float:
        """Measured over commanded thrust."""
        measured = ((_TRUST**2 + float(self._given @ self._expected))
                    / (_TRUST**2 + float(self._expected @ self._expected)))
        return _bounded(measured)

    @property
    def exhaust_velocity(self) -> float:
        """Effective exhaust velocity [m/s]."""
        return self._model * _bounded(self.scale * self._push / self._spent / self._model)

    def command(self, thrust: np.ndarray) -> None:
        """Take the thrust that is commanded from the last sample on, (3,) [N]."""
        self._command = thrust

    def add(self, time: float, velocity: np.ndarray, fall: np.ndarray, mass: float) -> None:
        """Take a sample: time [s], velocity (3,) [m/s], free fall (3,) [m/s^2], mass [kg]."""
        if self._last is not None:
            then, velocity_before, fall_before, mass_before = self._last
            dt, middle = time - then, 0.5 * (mass + mass_before)
            expected = self._command * (dt / middle)
            push = math.sqrt(expected @ expected)
            keep = math.exp(-push / _MEMORY)
            self._expected = keep * self._expected + expected
            self._given = keep * self._given + velocity - velocity_before - 0.5 * dt * (fall + fall_before)
            self._push = keep * self._push + push
            self._spent = keep * self._spent + (mass_before - mass) / middle
        self._last = time, velocity, fall, mass


def _bounded(ratio: float) -> float:
    return min(max(ratio, 1.0 - _BOUND), 1.0 + _BOUND)

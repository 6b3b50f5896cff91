"""What the engine really gives: thrust against the command, and exhaust velocity, from how the lander moves."""

import math

import numpy as np

_WINDOW = 1.0  # [s]
_GAIN = 0.5
_BOUND = 0.2  # of the model: more is an error of navigation


class EngineEstimate:
    """Compares the speed gained and the mass lost with what was commanded, over windows of a second."""

    def __init__(self, exhaust_velocity: float) -> None:
        """Start by believing the model; `exhaust_velocity` [m/s]."""
        self.scale, self.exhaust_velocity, self._model = 1.0, exhaust_velocity, exhaust_velocity
        self._last: tuple[float, np.ndarray, np.ndarray, float] | None = None
        self._command = np.zeros(3)
        self._clear()

    def command(self, thrust: np.ndarray) -> None:
        """Take the thrust that is commanded from the last sample on, (3,) [N]."""
        self._command = thrust

    def add(self, time: float, velocity: np.ndarray, fall: np.ndarray, mass: float) -> None:
        """Take a sample: time [s], velocity (3,) [m/s], free fall (3,) [m/s^2], mass [kg]."""
        if self._last is not None:
            self._account(time - self._last[0], velocity, fall, mass)
        self._last = time, velocity, fall, mass

    def _account(self, dt: float, velocity: np.ndarray, fall: np.ndarray, mass: float) -> None:
        _, velocity_before, fall_before, mass_before = self._last
        commanded = math.sqrt(self._command @ self._command)
        middle = 0.5 * (mass + mass_before)
        gained = velocity - velocity_before - 0.5 * dt * (fall + fall_before)
        self._expected += commanded * dt
        self._given += middle * float(gained @ self._command) / max(commanded, 1e-9)
        self._spent += mass_before - mass
        self._span += dt
        if self._span < _WINDOW:
            return
        self.scale = _step(self.scale, self._given / max(self._expected, 1e-9), 1.0)
        self.exhaust_velocity = _step(self.exhaust_velocity, self._given / max(self._spent, 1e-9), self._model)
        self._clear()

    def _clear(self) -> None:
        self._expected = self._given = self._spent = self._span = 0.0


def _step(value: float, measured: float, model: float) -> float:
    """Return `value`, nearer to what was measured unless that is far from the model."""
    return value + _GAIN * (measured - value) if abs(measured / model - 1.0) < _BOUND else value

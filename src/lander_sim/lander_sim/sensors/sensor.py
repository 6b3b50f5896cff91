"""What the simulated sensors have in common: faults on request, and a fixed rate."""

import math
from typing import ClassVar

from lander_common.parameters import ParameterError


class Sensor:
    """A sensor that can be broken. Faults do not change how many random numbers a sample takes."""

    faults: ClassVar[dict[str, tuple[float, float, str]]] = {}
    """Kind of fault: lowest value, highest value, what the value is."""

    def __init__(self) -> None:
        """Make a healthy sensor."""
        self._faults: dict[str, float] = {}

    def set_fault(self, kind: str, value: float = 0.0) -> None:
        """Start a fault, or change its value.

        Raises:
            ParameterError: unknown kind, or a value that makes no sense for it.
        """
        self._check(kind)
        low, high, meaning = self.faults[kind]
        if not low <= value <= high:  # also refuses NaN
            raise ParameterError(kind, value, f'{low:g} to {high:g}: {meaning}')
        self._faults[kind] = value

    def clear_fault(self, kind: str) -> None:
        """End a fault; ending one that is not there is allowed.

        Raises:
            ParameterError: unknown kind.
        """
        self._check(kind)
        self._faults.pop(kind, None)

    def _check(self, kind: str) -> None:
        if kind not in self.faults:
            raise ParameterError('kind', kind, 'one of ' + ', '.join(self.faults))

    def _fault(self, kind: str) -> float:
        return self._faults.get(kind, 0.0)

    def _once(self, kind: str) -> float:
        return self._faults.pop(kind, 0.0)


class PeriodicSensor(Sensor):
    """A sensor that samples on whole multiples of its period, if it is asked that often."""

    def __init__(self, rate_hz: float):
        """Make a healthy sensor with `rate_hz` samples a second."""
        super().__init__()
        self._rate, self._next = rate_hz, -math.inf  # [Hz], [-] periods since time 0

    def due(self, time: float) -> bool:
        """Return whether a sample is due at `time` [s]."""
        return time * self._rate + 1e-6 >= self._next

    def _begin(self, time: float) -> bool:
        """Return whether a sample is due, and count it: once per period."""
        due = self.due(time)
        if due:
            self._next = math.floor(time * self._rate + 1e-6) + 1
        return due

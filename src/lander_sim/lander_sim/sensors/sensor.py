"""What the simulated sensors have in common: a record, faults on request, and a fixed rate."""

import math
from typing import ClassVar

import numpy as np

from lander_common.compiled import compiled
from lander_common.parameters import ParameterError

PERIODIC = [
    ('rate_hz', float),  # [Hz]
    ('next', float),  # [-] periods since time 0 at the next sample
    ('due', np.int64),  # 1: this cycle brought a sample
]
"""Fields of the record of a periodic sensor."""


@compiled
def active(faults: np.ndarray, kind: int) -> bool:
    """Return whether the sensor has this fault."""
    return not np.isnan(faults[kind])


@compiled
def fault(faults: np.ndarray, kind: int) -> float:
    """Return the value of a fault, 0 without it."""
    return 0.0 if np.isnan(faults[kind]) else faults[kind]


@compiled
def once(faults: np.ndarray, kind: int) -> float:
    """Return the value of a fault, which ends by this."""
    value = fault(faults, kind)
    faults[kind] = np.nan
    return value


@compiled
def is_due(sensor: np.void, time: float) -> bool:
    """Return whether a sample is due at `time` [s]."""
    return time * sensor.rate_hz + 1e-6 >= sensor.next


@compiled
def begin(sensor: np.void, time: float) -> bool:
    """Return whether a sample is due, and count it: once per period."""
    due = is_due(sensor, time)
    if due:
        sensor.next = np.floor(time * sensor.rate_hz + 1e-6) + 1.0
    sensor.due = 0
    return due


@compiled
def _begin(sensor: np.ndarray, time: float) -> bool:
    return begin(sensor[0], time)


class Sensor:
    """A sensor that can be broken. Faults do not change which random numbers a healthy sample takes.

    All that it remembers is in `record`, (1,), on which kernels work too. Its field `faults` holds the value
    of each kind of fault in the order of `faults`, NaN without it.
    """

    faults: ClassVar[dict[str, tuple[float, float, str]]] = {}
    """Kind of fault: lowest value, highest value, what the value is."""

    def __init__(self, dtype: np.dtype, record: np.ndarray | None = None):
        """Make a healthy sensor, in `record` or in one of its own."""
        self.record = np.zeros(1, dtype) if record is None else record
        self._state = self.record[0]
        self._faults = self._state['faults']
        self._faults[:] = math.nan

    def set_fault(self, kind: str, value: float = 0.0) -> None:
        """Start a fault, or change its value.

        Raises:
            ParameterError: unknown kind, or a value that makes no sense for it.
        """
        index = self._index(kind)
        low, high, meaning = self.faults[kind]
        if not low <= value <= high:  # also refuses NaN
            raise ParameterError(kind, value, f'{low:g} to {high:g}: {meaning}')
        self._faults[index] = value

    def clear_fault(self, kind: str) -> None:
        """End a fault; ending one that is not there is allowed.

        Raises:
            ParameterError: unknown kind.
        """
        self._faults[self._index(kind)] = math.nan

    def _index(self, kind: str) -> int:
        kinds = list(self.faults)
        if kind not in kinds:
            raise ParameterError('kind', kind, 'one of ' + ', '.join(kinds))
        return kinds.index(kind)


class PeriodicSensor(Sensor):
    """A sensor that samples on whole multiples of its period, if it is asked that often."""

    def __init__(self, dtype: np.dtype, rate_hz: float, record: np.ndarray | None = None):
        """Make a healthy sensor with `rate_hz` samples a second; `dtype` has the fields PERIODIC."""
        super().__init__(dtype, record)
        self._state['rate_hz'], self._state['next'] = rate_hz, -math.inf

    def due(self, time: float) -> bool:
        """Return whether a sample is due at `time` [s]."""
        return bool(time * self._state['rate_hz'] + 1e-6 >= self._state['next'])

    def _begin(self, time: float) -> bool:
        """Return whether a sample is due, and count it: once per period."""
        return _begin(self.record, time)

"""The memory of rejected measurements, which is the way back in for a sensor."""

from collections import deque

import numpy as np


class Rejections:
    """The latest rejected measurements; when enough of them agree, they are right and the filter is not."""

    def __init__(self, count: int, gate: float, window: float):
        """Believe `count` measurements within `window` [s] that agree within `gate` sigmas."""
        self._entries: deque[tuple[float, np.ndarray, float]] = deque(maxlen=count)
        self._count, self._gate, self._window = count, gate, window

    def clear(self) -> None:
        """Forget them: a measurement has been fused."""
        self._entries.clear()

    def agree(self, time: float, offset: np.ndarray, scatter: float) -> bool:
        """Add the offset, (m,), of a rejected measurement; return whether the last ones agree.

        The offset is how far the blamed states would have to move, `scatter` its variance from one
        measurement to the next. Offsets follow the estimated motion, so a constant offset means that
        the range rate fits the velocity.
        """
        if self._entries and self._entries[0][1].shape != offset.shape:
            self._entries.clear()
        self._entries.append((time, offset, scatter))
        if len(self._entries) < self._count or time - self._entries[0][0] > self._window + 1e-6:
            return False
        offsets = np.array([entry[1] for entry in self._entries])
        deviation = np.abs(offsets - offsets.mean(axis=0)).max(axis=1)
        return bool(np.all(deviation <= self._gate * np.sqrt([entry[2] for entry in self._entries])))

"""The IMU intervals between the fusion horizon and now, split wherever a measurement falls."""

import numpy as np

from lander_common.compiled import compiled

START, END, RATE, FORCE, GAP, COLUMNS = 0, 1, 2, 5, 8, 9


class ImuBuffer:
    """Rows of (start, end, mean rate, mean specific force, gap), oldest first, without holes."""

    def __init__(self, capacity: int = 256):
        """Make room for `capacity` rows; more are made when needed."""
        self._rows = np.zeros((capacity, COLUMNS))
        self._head = self._tail = 0

    def __len__(self) -> int:
        return self._tail - self._head

    @property
    def rows(self) -> np.ndarray:
        """The intervals as an array, shape (n, 9); valid until the next `append`."""
        return self._rows[self._head:self._tail]

    @property
    def first_end(self) -> float:
        """End of the oldest interval [s]; there must be one."""
        return self._rows[self._head, END]

    def append(self, start: float, end: float, rate: np.ndarray, force: np.ndarray, gap: float) -> None:
        """Add the interval from `start` to `end` [s]; `gap` [s] is its IMU gap, or 0."""
        if self._tail == len(self._rows):
            self._make_room()
        _fill(self._rows[self._tail], start, end, rate, force, gap)
        self._tail += 1

    def take(self, until: float) -> None:
        """Forget everything up to `until` [s], which lies within or at the end of the first row."""
        if until < self._rows[self._head, END]:
            self._rows[self._head, START] = until
        else:
            self._head += 1

    def _make_room(self) -> None:
        rows = self.rows.copy()
        if 2 * len(rows) > len(self._rows):
            self._rows = np.zeros((2 * len(self._rows), COLUMNS))
        self._rows[:len(rows)] = rows
        self._head, self._tail = 0, len(rows)


@compiled
def _fill(row: np.ndarray, start: float, end: float, rate: np.ndarray, force: np.ndarray, gap: float) -> None:
    row[START] = start
    row[END] = end
    row[RATE:RATE + 3] = rate
    row[FORCE:FORCE + 3] = force
    row[GAP] = gap

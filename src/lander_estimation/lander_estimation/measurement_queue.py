"""Measurements that wait until the fusion horizon reaches their time of validity."""

import bisect
from typing import Any

TOLERANCE = 1e-6  # [s] times closer than this are the same


class MeasurementQueue:
    """Orders measurements by time, then by source, whatever the order in which they arrive."""

    def __init__(self, capacity: int = 256):
        """Hold at most `capacity` measurements."""
        self._capacity = capacity
        self._entries: list[tuple[tuple[float, int, int], Any]] = []
        self._fused: list[tuple[float, int, int]] = []

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, key: tuple[float, int, int], item: Any) -> str:
        """Keep `item` under (time of validity [s], rank of the source, beam).

        Returns:
            Why it was not kept: '', 'duplicate' or 'queue full'.
        """
        place = bisect.bisect_left(self._entries, key, key=lambda entry: entry[0])
        if (place < len(self._entries) and self._entries[place][0] == key) or key in self._fused:
            return 'duplicate'
        if len(self._entries) >= self._capacity:
            return 'queue full'
        self._entries.insert(place, (key, item))
        return ''

    def next_time(self) -> float:
        """Return the time of validity of the oldest measurement [s]; infinity if there is none."""
        return self._entries[0][0][0] if self._entries else float('inf')

    def pop(self) -> Any:
        """Take out the oldest measurement, and remember its key as seen."""
        key, item = self._entries.pop(0)
        self._fused = [*self._fused[-15:], key]
        return item

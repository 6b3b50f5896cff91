"""Whether the valves do what they were told: what is expected of each, against what its board reports."""

import numpy as np

_REPORTS = 3  # that contradict the command in a row make a fault; one that agrees ends it


class ValveWatch:
    """Expectation and evidence for each valve. Times are steady [s]."""

    def __init__(self, count: int, settle_s: float):
        """Expect all of `count` valves closed; within `settle_s` of a change a report says nothing."""
        self._settle = settle_s
        self._opened = np.full(count, np.inf)  # [s] since when it should be open
        self._end = np.full(count, -np.inf)  # [s] until when, or since when it should be closed
        self._against = np.zeros(count, dtype=np.int64)  # reports in a row
        self.open = np.zeros(count, dtype=bool)  # as reported
        self.stuck_open = np.zeros(count, dtype=bool)
        self.stuck_closed = np.zeros(count, dtype=bool)

    def expect(self, time: float, on_time: np.ndarray) -> None:
        """Note that valves were told at `time` to be open for `on_time` (n,) [s] from then on."""
        was_open, is_open = self._end > time, on_time > 0.0
        self._opened[is_open & ~was_open] = time
        self._end[is_open | was_open] = (time + on_time)[is_open | was_open]

    def close(self, time: float) -> None:
        """Note that all valves were told at `time` to close."""
        self.expect(time, np.zeros(len(self.open)))

    def report(self, time: float, first: int, is_open: np.ndarray, fresh: bool) -> None:
        """Take a report on the valves from `first` on, (k,) bool; one that is not fresh is not judged.

        Fresh is a report that answers the last command: an older one may be about what has changed since.
        """
        part = slice(first, first + len(is_open))
        self.open[part] = is_open
        if not fresh:
            return
        wanted = self._end[part] > time
        settled = np.where(wanted, np.minimum(time - self._opened[part], self._end[part] - time),
                           time - self._end[part]) > self._settle
        wrong, right = settled & (is_open != wanted), settled & (is_open == wanted)
        self._against[part] = np.where(wrong, self._against[part] + 1, np.where(
            right, 0, self._against[part]))
        stuck = wrong & (self._against[part] >= _REPORTS)
        self.stuck_open[part] = (self.stuck_open[part] & ~right) | (stuck & is_open)
        self.stuck_closed[part] = (self.stuck_closed[part] & ~right) | (stuck & ~is_open)

    def forget(self, first: int, count: int) -> None:
        """Know nothing more of `count` valves: their board is silent."""
        for known in (self.open, self.stuck_open, self.stuck_closed):
            known[first:first + count] = False
        self._against[first:first + count] = 0

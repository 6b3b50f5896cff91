"""Means over whole groups of samples: no motion is lost, and none is made up."""

from dataclasses import dataclass

from lander_imu.stim300 import TICKS, Measurement


@dataclass(frozen=True, slots=True)
class Group:
    """A whole group: sums of counts, exact."""

    ticks: int  # of its end, in internal samples since the start
    samples: int
    rate: tuple[int, int, int]
    force: tuple[int, int, int]


class Averager:
    """Sorts samples by the device's counter into groups of `ticks` internal samples.

    The groups follow each other without a gap from the first sample on; one that lacks a sample, or holds one
    that is not valid, is left out and the others stay where they are.
    """

    def __init__(self, ticks: int, sample_rate_hz: int):
        """Make groups of `ticks` internal samples; the device sends `sample_rate_hz` samples a second."""
        self._ticks, self._step = ticks, TICKS // sample_rate_hz
        self._whole = ticks // self._step
        self._counter: int | None = None
        self._group, self._count = 0, 0
        self._rate, self._force = [0, 0, 0], [0, 0, 0]
        self.now = 0  # internal samples since the start
        self.lost = 0  # samples
        self.left_out = 0  # groups

    def add(self, m: Measurement) -> Group | None:
        """Take the next sample; return the group that it completes.

        Raises:
            ValueError: its counter does not follow: the device has been set or started anew.
        """
        # Of a first sample the last `step` internal samples count.
        passed = self._step if self._counter is None else (m.counter - self._counter) % 256
        if passed == 0 or passed % self._step:
            raise ValueError(f'the counter went from {self._counter} to {m.counter}')
        self._counter = m.counter
        self.now += passed
        self.lost += passed // self._step - 1
        group = (self.now - 1) // self._ticks
        if group != self._group:
            self.left_out += group - self._group
            self._begin(group)
        if m.valid:
            self._count += 1
            for k in range(3):
                self._rate[k] += m.rate[k]
                self._force[k] += m.force[k]
        if self.now % self._ticks:
            return None
        whole = self._count == self._whole
        rate, force = tuple(self._rate), tuple(self._force)
        self._begin(group + 1)
        if whole:
            return Group(self.now, self._whole, rate, force)
        self.left_out += 1
        return None

    def _begin(self, group: int) -> None:
        self._group, self._count = group, 0
        self._rate, self._force = [0, 0, 0], [0, 0, 0]

"""Samples that wait until every node is sure to have them."""

from typing import Any


class Inbox:
    """Keeps samples until they are `age` seconds old, so that results do not depend on arrival order."""

    def __init__(self, age: float) -> None:
        """Hand samples out from `age` [s] on."""
        self._age = age
        self._waiting: list[Any] = []

    def put(self, sample: Any) -> None:
        """Keep a sample with a `time`; the oldest is dropped when more than 50 wait."""
        self._waiting = sorted([*self._waiting, sample], key=lambda s: s.time)[-50:]

    def take(self, time: float) -> list[Any]:
        """Return the samples that are old enough at `time` [s], oldest first."""
        if not self._waiting:
            return []
        ripe = [s for s in self._waiting if s.time <= time - self._age]
        self._waiting = self._waiting[len(ripe):]
        return ripe

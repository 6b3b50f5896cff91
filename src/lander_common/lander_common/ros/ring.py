"""Order of the messages that drive a node: each time stamp once, never backwards."""

from enum import Enum


class Arrival(Enum):
    """What a driving message is, judged by its time stamp."""

    NEW = 0  # process it
    REPEATED = 1  # the simulator asks again for the answer to the last sample: publish it again
    BACKWARDS = 2  # older than the last: ignore it and say so


class RingOrder:
    """Sorts driving messages into new, repeated and backwards ones, and counts the latter."""

    def __init__(self) -> None:
        """Start with no message seen."""
        self.last = float('-inf')
        self.backwards = 0

    def judge(self, time: float) -> Arrival:
        """Judge a message stamped `time` [s] and remember it if it is new."""
        if time > self.last:
            self.last = time
            return Arrival.NEW
        if time == self.last:
            return Arrival.REPEATED
        self.backwards += 1
        return Arrival.BACKWARDS

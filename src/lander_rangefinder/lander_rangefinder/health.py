"""How the range finder fares: counts since the start, and one word for the last second."""

from collections import Counter, deque
from enum import Enum

from lander_common.samples import RangeSample

WINDOW = 1.0  # [s]
DEAD_AFTER = 2  # shots without any answer, one after the other
NAMES = {RangeSample.VALID: 'valid', RangeSample.NO_RETURN: 'no_return', RangeSample.DEGRADED: 'degraded',
         RangeSample.DEVICE_ERROR: 'device_error', RangeSample.TIMEOUT: 'timeout'}


class State(Enum):
    """What can be expected of the range finder now."""

    WAITING = 'no shot yet'
    OK = 'ranges are valid'
    NO_RETURN = 'the device answers, no echo comes back'
    DEGRADED = 'less than half of the shots are valid'
    DEAD = 'the device does not answer'


class Health:
    """Counts the shots and remembers those of the last second."""

    def __init__(self) -> None:
        """Start before the first shot."""
        self.counts: Counter[int] = Counter()
        self.links_lost = 0
        self.backwards = 0  # times that the flight clock went back
        self.reason = ''  # of the last shot that was not valid
        self._recent: deque[tuple[float, int]] = deque()
        self._window: Counter[int] = Counter()  # of the recent ones
        self._unanswered = 0

    def add(self, time: float, validity: int, reason: str, answered: bool) -> None:
        """Count a shot of validity time `time` [s]; `answered`: the device said something."""
        self.counts[validity] += 1
        self.reason = reason or self.reason
        self._unanswered = 0 if answered else self._unanswered + 1
        self._recent.append((time, validity))
        self._window[validity] += 1
        while self._recent[0][0] <= time - WINDOW:
            self._window[self._recent.popleft()[1]] -= 1

    def forget(self) -> None:
        """Forget the last second, for the clock has gone back."""
        self._recent.clear()
        self._window.clear()

    @property
    def quality(self) -> float:
        """Share of valid shots in the last second, 0 to 1."""
        return self._share(RangeSample.VALID)

    @property
    def state(self) -> State:
        """What can be expected now."""
        if self._unanswered >= DEAD_AFTER:
            return State.DEAD
        if not self._recent:
            return State.WAITING
        if self._share(RangeSample.NO_RETURN) == 1.0:
            return State.NO_RETURN
        return State.OK if self.quality >= 0.5 else State.DEGRADED

    def report(self) -> dict[str, object]:
        """Return the counts by name, for diagnostics."""
        return {**{name: self.counts[validity] for validity, name in NAMES.items()},
                'links_lost': self.links_lost, 'clock_backwards': self.backwards,
                'last_problem': self.reason}

    def _share(self, validity: int) -> float:
        return self._window[validity] / len(self._recent) if self._recent else 0.0

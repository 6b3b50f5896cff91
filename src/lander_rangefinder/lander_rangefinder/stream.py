"""What a device says that answers unasked: when each answer came, and whether answers still come."""

from lander_rangefinder.protocol import Damaged, Echoes, Event, Fault

STALL = 0.2  # [s] after a longer gap between polls nobody knows when each of several answers came
_SAME = 1e-9  # [s] times closer than this are the same


class Stream:
    """Dates answers by the polls that found them."""

    def __init__(self, timeout: float):
        """Miss the device after `timeout` seconds without an answer."""
        self._timeout = timeout
        self._polled = self._heard = 0.0
        self._skipped = 0
        self.ignored = 0  # answers that nobody can date

    def start(self, time: float) -> None:
        """Begin on a new link."""
        self._polled = self._heard = time
        self._skipped = 0

    def handle(self, events: list[Event], time: float) -> list[tuple[float, Echoes | str]]:
        """Return the answers with the times of arrival [s], oldest first; several are spread evenly."""
        answers = [e for e in events if isinstance(e, Echoes | Fault)]
        damaged = [e for e in events if isinstance(e, Damaged)]
        gap, self._polled = time - self._polled, time
        if answers:
            self._heard = time
        if len(answers) > 1 and gap > STALL:
            self.ignored += len(answers)
            answers = []
        step = gap / max(1, len(answers))
        found = [(time - (len(answers) - k) * step, a.reason if isinstance(a, Fault) else a)
                 for k, a in enumerate(answers, 1)]
        if damaged:
            more = f' and {len(damaged) - 1} more' if len(damaged) > 1 else ''
            found.append((time, damaged[0].reason + more))
        return found

    def expire(self, time: float, skipped: int) -> str | None:
        """Let the time pass; return what to say if the device has just been missed.

        `skipped`: bytes so far that belonged to nothing.
        """
        if time < self._heard + self._timeout - _SAME:
            return None
        since, self._skipped = skipped - self._skipped, skipped
        self._heard = time
        garbage = f', but {since} bytes of something else' if since else ''
        return f'no answer within {self._timeout:g} s{garbage}'

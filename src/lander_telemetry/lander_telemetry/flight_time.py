"""The time of a recorded message: flight time, told from its own bytes where they begin with a stamp."""

from lander_common.cdr import stamp_ns

PLAUSIBLE_NS = 3_600_000_000_000
"""A stamp further than this from the last /clock is taken for garbage, not for flight time."""


class FlightTime:
    """Knows the flight time from the stamps of the messages that come by."""

    def __init__(self) -> None:
        """Start without knowing the time."""
        self.latest: int | None = None  # [ns] newest stamp so far
        self._clock: int | None = None

    def of(self, data: bytes, stamped: bool, is_clock: bool = False) -> int | None:
        """Return the time [ns] of a message of CDR bytes, or None if no time is known yet.

        `stamped`: the type begins with a header or a time. A zero stamp is no stamp.
        """
        if not stamped:
            return self.latest
        try:
            time = stamp_ns(data)
        except ValueError:
            return self.latest
        if is_clock:
            self._clock = time
        elif time <= 0 or (self._clock is not None and abs(time - self._clock) > PLAUSIBLE_NS):
            return self.latest
        if self.latest is None or time > self.latest:
            self.latest = time
        return time

"""A recording in progress: gives each message its time, writes it, and survives a failing disk."""

from collections.abc import Callable
from pathlib import Path

from lander_telemetry.bag_metadata import Topic
from lander_telemetry.bag_writer import BagWriter
from lander_telemetry.flight_time import FlightTime


class Recording:
    """Writes messages into a bag until it is closed or the disk fails."""

    def __init__(self, folder: Path):
        """Open a bag in `folder`; a failure is told by `trouble`, not raised."""
        self.trouble = ''  # why nothing is written any more; empty while all is well
        self.messages = 0  # written
        self.lost = 0  # received after the trouble began
        self._time = FlightTime()
        self._early: list[tuple[int, bytes]] = []  # received before any flight time is known
        self._bag: BagWriter | None = None
        self._guard(lambda: setattr(self, '_bag', BagWriter(folder)))

    @property
    def time(self) -> float:
        """Newest flight time seen [s]; 0 before the first."""
        return (self._time.latest or 0) * 1e-9

    def add_topic(self, topic: Topic, definition: str, stamped: bool) -> Callable[[bytes], None]:
        """Add a topic; return the function that takes its messages.

        `stamped`: the type begins with a header or a time. The topic /clock always does.
        """
        if self._bag is None:
            return lambda data: None
        channel = self._bag.add_channel(topic, definition)
        clock = topic.name == '/clock'

        def receive(data: bytes) -> None:
            stamp = self._time.of(data, stamped or clock, clock)
            if stamp is None:
                self._early.append((channel, data))
            else:
                if self._early:
                    self._write_early(stamp)
                self._write(channel, stamp, data)

        return receive

    def flush(self) -> None:
        """Make what was received so far outlive a kill of this process."""
        if self._bag:
            self._guard(self._bag.flush)

    def close(self) -> None:
        """Complete the bag; after trouble leave it as it is."""
        if self._bag:
            self._write_early(self._time.latest or 0)
        if self._bag:
            self._guard(self._bag.close)
            self._bag = None

    def _write(self, channel: int, stamp: int, data: bytes) -> None:
        if self._bag is None:
            self.lost += 1
            return
        try:
            self._bag.write(channel, stamp, data)
            self.messages += 1
        except OSError as error:
            self._fail(error)

    def _write_early(self, stamp: int) -> None:
        early, self._early = self._early, []
        for channel, data in early:
            self._write(channel, stamp, data)

    def _guard(self, action: Callable[[], None]) -> None:
        try:
            action()
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        self.trouble = f'recording stopped: {error.strerror or error}'
        if self._bag:
            self._bag.abandon()
        self._bag = None

"""A recording in progress: gives each message its time, writes it, and survives a full or failing disk."""

from collections.abc import Callable
from pathlib import Path

from lander_common.parameters import ParameterError
from lander_telemetry.bag_metadata import Topic
from lander_telemetry.bag_writer import BagWriter
from lander_telemetry.disk import DiskSync, free_bytes
from lander_telemetry.flight_time import FlightTime
from lander_telemetry.parameters import RecorderParameters

_SYNC_SHARE = 0.4
"""Of the time that a message may be in danger; the rest is for the disk, and for a machine that is busy."""


class Recording:
    """Writes messages into a bag until it is closed or the disk fails."""

    def __init__(self, folder: Path, parameters: RecorderParameters):
        """Open a bag in `folder`; a failure is told by `trouble`, not raised.

        Raises:
            ParameterError: the newest are to be kept of a bag that is not split.
        """
        p = parameters
        if p.disk_full == 'keep_newest' and not (p.split_bytes or p.split_s):
            raise ParameterError('disk_full', p.disk_full, 'keep_oldest, if the bag is not split')
        self.messages = 0  # written, and not deleted again
        self.lost = 0  # received after the recording stopped, or deleted
        self._trouble = ''
        self._folder, self._keep_newest, self._reserve = folder, p.disk_full == 'keep_newest', p.reserve_bytes
        self._time = FlightTime()
        self._early: list[tuple[int, bytes]] = []  # received before any flight time is known
        self._sync = DiskSync() if p.fsync_period_s else None
        self._flushes, self._flushes_per_sync = 0, max(1, int(
            _SYNC_SHARE * p.fsync_period_s / p.flush_period_s + 1e-9))
        self._bag: BagWriter | None = None
        self._guard(lambda: setattr(self, '_bag', BagWriter(
            folder, compression=p.compression, split_bytes=p.split_bytes, split_s=p.split_s,
            make_room=self._make_room)))

    @property
    def time(self) -> float:
        """Newest flight time seen [s]; 0 before the first."""
        return (self._time.latest or 0) * 1e-9

    @property
    def trouble(self) -> str:
        """What is lost or in danger, and why; empty while all is well."""
        return self._trouble or (self._sync.trouble if self._sync else '')

    @property
    def longest_sync_s(self) -> float:
        """Wall time that the disk took at most to write what it was given; 0 if it was given nothing."""
        return self._sync.longest_s if self._sync else 0.0

    def add_topic(self, topic: Topic, definition: str, stamped: bool) -> Callable[[bytes], None]:
        """Add a topic; return the function that takes its messages.

        `stamped`: the type begins with a header or a time. The topic /clock always does.
        """
        channel = self._add_channel(topic, definition)
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
        """Make what was received so far outlive a kill of this process; see to the space on the disk."""
        if self._bag:
            self._guard(self._bag.flush)
        if self._bag and self._reserve:
            self._guard(self._keep_reserve)
        self._flushes += 1
        if self._flushes % self._flushes_per_sync == 0:
            self._request_sync()

    def close(self) -> None:
        """Complete the bag; after trouble leave it as it is."""
        if self._bag:
            self._write_early(self._time.latest or 0)
        self._finish()
        if self._sync:
            self._sync.close()

    def _add_channel(self, topic: Topic, definition: str) -> int:
        try:
            return self._bag.add_channel(topic, definition) if self._bag else 0
        except OSError as error:
            self._fail(error)
            return 0

    def _keep_reserve(self) -> None:
        # One file for each flush: some file systems take their time to count what was freed.
        if free_bytes(self._folder) < self._reserve and not self._make_room():
            self._finish()
            self._trouble = f'recording stopped: less than {self._reserve} bytes are free'

    def _finish(self) -> None:
        if self._bag:
            self._guard(self._bag.close)
            self._request_sync()
            self._bag = None

    def _request_sync(self) -> None:
        if self._sync and self._bag:
            self._sync.request(self._bag.take_touched())

    def _make_room(self) -> bool:
        """Delete the oldest file if that is wanted and there is one that is closed; return whether it was."""
        lost = self._bag.delete_oldest() if self._keep_newest and self._bag else None
        if lost is None:
            return False
        self.messages -= lost
        self.lost += lost
        self._trouble = 'the disk is full: the oldest files of the bag are deleted'
        return True

    def _write(self, channel: int, stamp: int, data: bytes) -> None:
        if self._bag is None:
            self.lost += 1
            return
        try:
            self._bag.write(channel, stamp, data)
            self.messages += 1
        except OSError as error:
            self.lost += 1
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
        self._trouble = f'recording stopped: {error.strerror or error}'
        if self._bag:
            self._bag.abandon()
            self._request_sync()
        self._bag = None

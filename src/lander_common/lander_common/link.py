"""A link that is opened again when it has dropped."""

from lander_common.transport import Transport, TransportError, open_transport

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 0.4  # [s] of flight time between attempts to open
_SAME = 1e-9  # [s] times closer than this are the same


class Link:
    """Keeps a transport open; waits longer after each attempt that fails."""

    def __init__(self, url: str, transport: Transport | None = None):
        """Use `transport` first, if it is given, and `url` to open it again."""
        self._url = transport.url if transport else url
        self._transport = transport
        self._pause = FIRST_PAUSE
        self._next_attempt = float('-inf')

    @property
    def up(self) -> bool:
        """Whether the link is open, as far as is known."""
        return self._transport is not None

    def transport(self, time: float) -> Transport | None:
        """Return the open transport, or None while waiting for the next attempt to open it.

        Raises:
            TransportError: this attempt failed.
        """
        if self._transport is None and time >= self._next_attempt - _SAME:
            try:
                self._transport = open_transport(self._url)
            except TransportError:
                self._next_attempt = time + self._pause
                self._pause = min(2.0 * self._pause, LONGEST_PAUSE)
                raise
            self._pause = FIRST_PAUSE
        return self._transport

    def lost(self, time: float) -> None:
        """Close what has dropped; the next attempt to open it is due after a pause."""
        if self._transport is not None:
            self.close()
            self._next_attempt = time + self._pause

    def close(self) -> None:
        """Close the link; asking for its transport opens it again at once."""
        if self._transport is not None:
            self._transport.close()
        self._transport = None
        self.try_now()

    def try_now(self) -> None:
        """End the pause before the next attempt, for example because the clock has gone back."""
        self._next_attempt = float('-inf')

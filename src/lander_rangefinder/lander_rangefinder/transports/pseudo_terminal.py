"""The device's end of a pseudo terminal, which looks like a serial line to the other end: `pty:`."""

import contextlib
import os
import tty

from lander_rangefinder.transports.base import Listener


class PtyListener(Listener):
    """A new pseudo terminal; `path` is what the client opens as a serial line."""

    def __init__(self, url: str):
        """Make it."""
        super().__init__(url)
        # The client's side stays open here too: else reading fails while no client is there.
        self._end, self._client_side = os.openpty()
        tty.setraw(self._client_side)
        os.set_blocking(self._end, False)
        self.path = os.ttyname(self._client_side)

    @property
    def connected(self) -> bool:
        """Always true: a serial line does not tell."""
        return self._end >= 0

    def read(self) -> bytes:
        """Return what the client has written."""
        try:
            return os.read(self._end, 4096)
        except BlockingIOError:
            return b''

    def write(self, data: bytes) -> None:
        """Send `data`; what nobody reads is lost when the buffer is full."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._end, data)

    def close(self) -> None:
        """Unplug it."""
        if self._end >= 0:
            os.close(self._client_side)
            os.close(self._end)
            self._end = -1

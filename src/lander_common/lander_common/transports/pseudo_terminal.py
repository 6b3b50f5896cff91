"""The device's end of a pseudo terminal, which looks like a serial line to the other end.

`pty:` makes one, `pty:/path` also a symbolic link to it, as there is one for each device in
/dev/serial/by-id.
"""

import atexit
import contextlib
import os
import tty
from pathlib import Path

from lander_common.transports.base import Listener, TransportError


class PtyListener(Listener):
    """A new pseudo terminal; `path` is what the client opens as a serial line."""

    def __init__(self, url: str):
        """Make it.

        Raises:
            TransportError: the link cannot be made, or something that is no link is there.
        """
        super().__init__(url)
        # The client's side stays open here too: else reading fails while no client is there.
        self._end, self._client_side = os.openpty()
        tty.setraw(self._client_side)
        os.set_blocking(self._end, False)
        self.path = os.ttyname(self._client_side)
        self._link = Path(url.removeprefix('pty:')) if url != 'pty:' else None
        if self._link is not None:
            self._make_link(self._link)
            atexit.register(self.close)  # a link left behind leads to whatever terminal is made next

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
            if self._link is not None and os.path.realpath(self._link) == os.ttyname(self._client_side):
                self._link.unlink()
            os.close(self._client_side)
            os.close(self._end)
            self._end = -1
            atexit.unregister(self.close)

    def _make_link(self, link: Path) -> None:
        """Put the link in its place in one step; one that a former process has left is replaced."""
        new = link.with_name(f'{link.name}.{os.getpid()}')
        try:
            if not link.is_absolute() or (link.exists() and not link.is_symlink()):
                raise FileExistsError(f'not an absolute path that is free: {link}')
            new.symlink_to(self.path)
            new.replace(link)
            self.path = str(link)
        except OSError as error:
            self._link = None
            self.close()
            raise TransportError(self.url, error) from error

"""Links within one process: `memory:NAME`."""

from lander_common.transports.base import Listener, Transport, TransportError

_listeners: dict[str, 'MemoryListener'] = {}


class MemoryTransport(Transport):
    """The client's end; open as long as the listener keeps it."""

    def __init__(self, url: str):
        """Connect to the listener of that name, in place of any earlier client.

        Raises:
            TransportError: nobody listens.
        """
        super().__init__(url)
        self._listener = _listeners.get(url)
        if self._listener is None:
            raise TransportError(url, 'nobody listens on it')
        self.received = bytearray()
        self._listener.client = self
        self._listener.received.clear()

    def read(self) -> bytes:
        """Return what the listener has written."""
        self._check()
        data = bytes(self.received)
        self.received.clear()
        return data

    def write(self, data: bytes) -> None:
        """Hand `data` to the listener."""
        self._check()
        self._listener.received += data

    def close(self) -> None:
        """Leave the listener."""
        if self._listener.client is self:
            self._listener.client = None

    def _check(self) -> None:
        if self._listener.client is not self:
            raise TransportError(self.url, 'the other end has gone')


class MemoryListener(Listener):
    """The device's end."""

    def __init__(self, url: str):
        """Listen.

        Raises:
            TransportError: another one listens already.
        """
        super().__init__(url)
        if url in _listeners:
            raise TransportError(url, 'in use')
        _listeners[url] = self
        self.client: MemoryTransport | None = None
        self.received = bytearray()

    @property
    def connected(self) -> bool:
        """Whether a client is there."""
        return self.client is not None

    def read(self) -> bytes:
        """Return what the client has written."""
        data = bytes(self.received)
        self.received.clear()
        return data

    def write(self, data: bytes) -> None:
        """Hand `data` to the client, if there is one."""
        if self.client is not None:
            self.client.received += data

    def close(self) -> None:
        """Stop listening; the client's next call fails."""
        self.client = None
        if _listeners.get(self.url) is self:
            del _listeners[self.url]

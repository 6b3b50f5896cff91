"""Links over UDP, for devices behind a serial server: `udp://HOST:PORT`."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from lander_common.transports.base import Listener, Transport, TransportError

_LARGEST = 65536  # [bytes]


class UdpTransport(Transport):
    """The host's end: talks to one address only."""

    def __init__(self, url: str):
        """Make a socket for that address; UDP cannot tell whether anybody is there.

        Raises:
            TransportError: the host is not known.
        """
        super().__init__(url)
        self._socket = _socket(url, lambda s, address: s.connect(address))

    def read(self) -> bytes:
        """Return the contents of the datagrams that have come; the rest next time if they are very many."""
        try:
            return b''.join(data for data, _ in _datagrams(self._socket))
        except OSError as error:
            raise TransportError(self.url, error) from error

    def write(self, data: bytes) -> None:
        """Send `data` as one datagram."""
        try:
            self._socket.send(data)
        except OSError as error:
            raise TransportError(self.url, error) from error

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class UdpListener(Listener):
    """The device's end: answers whoever wrote last."""

    def __init__(self, url: str):
        """Bind to the address; port 0 takes a free one, and `url` then tells which.

        Raises:
            TransportError: the address is in use or not ours.
        """
        super().__init__(url)
        self._socket = _socket(url, lambda s, address: s.bind(address))
        self.url = f'udp://{urlsplit(url).hostname}:{self._socket.getsockname()[1]}'
        self._peer: tuple | None = None

    @property
    def connected(self) -> bool:
        """Whether somebody has written yet."""
        return self._peer is not None

    def read(self) -> bytes:
        """Return the contents of the datagrams that have come; the rest next time if they are very many."""
        data = b''
        with contextlib.suppress(ConnectionError):
            for part, peer in _datagrams(self._socket):
                data, self._peer = data + part, peer
        return data

    def write(self, data: bytes) -> None:
        """Send `data` as one datagram to whoever wrote last."""
        if self._peer is not None:
            with contextlib.suppress(OSError):
                self._socket.sendto(data, self._peer)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def _socket(url: str, use: Callable[[socket.socket, tuple], None]) -> socket.socket:
    parts = urlsplit(url)
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            parts.hostname, parts.port, type=socket.SOCK_DGRAM)[0]
        new = socket.socket(family, kind | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, number)
    except OSError as error:
        raise TransportError(url, error) from error
    try:
        use(new, address)
    except OSError as error:
        new.close()
        raise TransportError(url, error) from error
    return new


def _datagrams(source: socket.socket) -> Iterator[tuple[bytes, tuple]]:
    left = _LARGEST  # a flood must not hold up the reader
    while left > 0:
        try:
            data, peer = source.recvfrom(_LARGEST)
        except BlockingIOError:
            return
        left -= max(1, len(data))
        yield data, peer

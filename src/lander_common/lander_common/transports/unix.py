"""Links between the processes of a simulation: `unix:@NAME`, a stream socket in the abstract name space.

What is sent is there for the other end at once, so a lock-step simulation is reproducible. From the client
to the listener every piece has a head of flight time and length. A piece without content says that the
client has done all that it had to do by that time; the simulator can wait for it.
"""

import contextlib
import select
import socket
import struct
import time as wall

from lander_common.transports.base import Listener, Transport, TransportError

_HEAD = struct.Struct('<dI')
_LARGEST = 65536  # [bytes]


class UnixTransport(Transport):
    """The client's end."""

    def __init__(self, url: str):
        """Connect.

        Raises:
            TransportError: nobody listens.
        """
        super().__init__(url)
        self._socket = _socket()
        try:
            self._socket.connect(_address(url))
        except OSError as error:
            self._socket.close()
            raise TransportError(url, error) from error

    def read(self) -> bytes:
        """Return what the listener has written."""
        data = b''
        try:
            while piece := self._socket.recv(_LARGEST):
                data += piece
        except BlockingIOError:
            return data
        except OSError as error:
            raise TransportError(self.url, error) from error
        if data:
            return data  # what was sent before the end still counts; the next call reports the end
        raise TransportError(self.url, 'the other end has gone')

    def write(self, data: bytes) -> None:
        """Send `data`."""
        self._send(_HEAD.pack(0.0, len(data)) + data)

    def acted(self, time: float) -> None:
        """Tell the listener that all is done that was to be done by `time` [s]."""
        self._send(_HEAD.pack(time, 0))

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _send(self, piece: bytes) -> None:
        try:
            sent = self._socket.send(piece)
        except OSError as error:
            raise TransportError(self.url, error) from error
        if sent < len(piece):
            raise TransportError(self.url, 'the other end does not read')


class UnixListener(Listener):
    """The simulator's end: one client at a time, the next one when it has gone."""

    def __init__(self, url: str):
        """Listen.

        Raises:
            TransportError: the name is in use.
        """
        super().__init__(url)
        self._server = _socket()
        try:
            self._server.bind(_address(url))
            self._server.listen(1)
        except OSError as error:
            self._server.close()
            raise TransportError(url, error) from error
        self._client: socket.socket | None = None
        self._pieces = bytearray()
        self._data = b''
        self.acted_until = float('-inf')  # [s] what the client said last

    @property
    def connected(self) -> bool:
        """Whether a client is there; takes the next one if it waits."""
        if self._client is None:
            with contextlib.suppress(OSError):
                self._client, _ = self._server.accept()
                self._client.setblocking(False)
                self._pieces.clear()
                self.acted_until = float('-inf')
        return self._client is not None

    def read(self) -> bytes:
        """Return what the client has written."""
        self._receive()
        data, self._data = self._data, b''
        return data

    def write(self, data: bytes) -> None:
        """Send `data` to the client, if there is one."""
        if self.connected:
            try:
                self._client.sendall(data)
            except OSError:
                self._drop()

    def meet(self, limit: float) -> bool:
        """Wait until a client is there, at most `limit` s of wall time; return whether one is."""
        if not self.connected:
            select.select([self._server], [], [], limit)
        return self.connected

    def wait(self, time: float, limit: float) -> bool:
        """Wait until the client has acted up to flight time `time` [s], at most `limit` s of wall time.

        Returns at once if no client is there. Return whether the client has acted.
        """
        end = wall.monotonic() + limit
        while self.connected:
            self._receive()
            if self.acted_until >= time:
                return True
            left = end - wall.monotonic()
            if left <= 0.0 or self._client is None:
                return False
            select.select([self._client], [], [], left)
        return False

    def close(self) -> None:
        """Stop listening and send the client away."""
        self._drop()
        self._server.close()

    def _receive(self) -> None:
        if not self.connected:
            return
        try:
            while piece := self._client.recv(_LARGEST):
                self._pieces += piece
            ended = True
        except BlockingIOError:
            ended = False
        except OSError:
            ended = True
        self._unpack()
        if ended:
            self._drop()

    def _unpack(self) -> None:
        while len(self._pieces) >= _HEAD.size:
            time, length = _HEAD.unpack_from(self._pieces)
            if len(self._pieces) < _HEAD.size + length:
                return
            if length == 0:
                self.acted_until = time
            self._data += self._pieces[_HEAD.size:_HEAD.size + length]
            del self._pieces[:_HEAD.size + length]

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def _socket() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)


def _address(url: str) -> str:
    return '\0' + url.removeprefix('unix:@')

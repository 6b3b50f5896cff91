"""A CAN bus through python-can, opened again when it has dropped.

| URL | bus |
|---|---|
| socketcan:can0 | interface of the Linux kernel |
| INTERFACE:CHANNEL | any other interface that python-can knows, for example slcan:/dev/ttyACM0 |
| udp_multicast:239.74.163.2?port=43113 | between processes of this machine, without a kernel module |
| virtual:NAME | within one process |
"""

import errno
import re
import socket
import time as steady
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import can

from lander_common.canbus.frame import Frame

FORMS = ('socketcan:can0, another INTERFACE:CHANNEL of python-can, udp_multicast:239.74.163.2?port=NUMBER '
         'or virtual:NAME')
PAUSE = 0.2  # [s] between attempts to open
_SEND = 0.002  # [s] longest wait for room in the send buffer, per frame
_MOST = 1000  # frames read at once
_BUS_OFF, _RESTARTED = 0x040, 0x100  # bits of an error frame of the Linux kernel
_FULL = (errno.ENOBUFS, errno.EAGAIN)
_IP_MULTICAST_ALL = 49  # Linux; the module socket has no name for it

Listens = Iterable[tuple[int, int]]


class CanBusError(OSError):
    """A bus cannot be opened. The text names it and the cause."""


def check_url(url: str) -> tuple[str, str, int | None]:
    """Return interface, channel and UDP port (None without) of a URL; nothing is opened.

    Raises:
        CanBusError: says which forms there are.
    """
    found = re.fullmatch(r'(\w+):([^?]+)(?:\?(port=[0-9]+))?', url)
    interface, channel, query = found.groups() if found else ('', '', None)
    port = int(parse_qs(query)['port'][0]) if query else None
    multicast = interface == 'udp_multicast'
    good = interface in can.VALID_INTERFACES and (port is None or (multicast and 0 < port < 65536))
    if multicast:
        good = good and re.fullmatch(r'2(2[4-9]|3[0-9])(\.[0-9]{1,3}){3}', channel)
    if not good:
        raise CanBusError(f'{url}: allowed is {FORMS}')
    return interface, channel, port


class CanBus:
    """Sends and receives; what goes wrong is said in `problem` and never raised. Times are steady [s]."""

    def __init__(self, url: str, bitrate: int, listens: Listens):
        """Prepare the bus; it is opened when it is needed. `listens`: identifiers and masks to receive."""
        self.url, self._bitrate = url, bitrate
        self._listens = tuple(listens)
        self._bus: can.BusABC | None = None
        self._next_attempt = float('-inf')
        self.problem = ''  # empty while all is well
        self.lost = self.full = self.broken = 0  # times lost, commands without room, frames that are none

    @property
    def up(self) -> bool:
        """Whether the bus is open, as far as is known."""
        return self._bus is not None

    def open(self) -> None:
        """Open the bus now.

        Raises:
            CanBusError: names the URL and the cause.
        """
        interface, channel, port = check_url(self.url)
        options: dict[str, Any] = {}
        if interface == 'udp_multicast':
            options.update(hop_limit=0, fd=False, **({} if port is None else {'port': port}))
        elif interface == 'socketcan':
            # Only here: where python-can filters itself, a frame left out ends a read though more have come.
            options.update(can_filters=[{'can_id': i, 'can_mask': mask, 'extended': False}
                                        for i, mask in self._listens])
        elif interface != 'virtual':
            options.update(bitrate=self._bitrate)
        try:
            self._bus = can.Bus(interface=interface, channel=channel, **options)
            if interface == 'udp_multicast':
                _stay_on_this_machine(self._bus.fileno(), channel)
        except (can.CanError, OSError, ValueError, ImportError) as error:
            self.close()
            raise CanBusError(f'{self.url}: {_words(error)}') from error
        self.problem = ''

    def ready(self, time: float) -> bool:
        """Open the bus if it is time to try; return whether it is open."""
        if self._bus is None and time >= self._next_attempt:
            try:
                self.open()
            except CanBusError as error:
                self.problem = str(error)
                self._next_attempt = time + PAUSE
        return self._bus is not None

    def send(self, frames: Iterable[Frame], time: float) -> bool:
        """Send frames in this order; return False, and stop, at the first that does not go out."""
        if not self.ready(time):
            return False
        for frame in frames:
            message = can.Message(arbitration_id=frame.id, data=frame.data, is_extended_id=False)
            try:
                self._bus.send(message, timeout=_SEND)
            except (can.CanError, OSError, ValueError) as error:
                if isinstance(error, can.CanTimeoutError) or _number(error) in _FULL:
                    self.full += 1
                    self.problem = f'{self.url}: send buffer full, nobody on the bus takes the frames'
                else:
                    self._drop(error, time)
                return False
        if 'buffer full' in self.problem:
            self.problem = ''
        return True

    def receive(self, time: float, wait: float = 0.0) -> list[Frame]:
        """Return the frames that have come; without any, wait up to `wait` [s] for the first."""
        frames: list[Frame] = []
        until = steady.monotonic() + wait  # frames for others must not make it longer
        if not self.ready(time):
            return frames
        for _ in range(_MOST):
            try:
                message = self._bus.recv(0.0 if frames else max(until - steady.monotonic(), 0.0))
            except (can.CanError, OSError, ValueError) as error:
                if error.__cause__ is not None and not isinstance(error.__cause__, OSError):
                    self.broken += 1  # a datagram that is no frame
                    continue
                self._drop(error, time)
                break
            if message is None:
                break
            if message.is_error_frame:
                self._hear_error(message.arbitration_id)
            elif not (message.is_extended_id or message.is_remote_frame or message.is_fd):
                if any(message.arbitration_id & mask == i for i, mask in self._listens):
                    frames.append(Frame(message.arbitration_id, bytes(message.data)))
                if 'bus-off' in self.problem:
                    self.problem = ''
        return frames

    def close(self) -> None:
        """Close the bus; using it opens it again at once."""
        bus, self._bus, self._next_attempt = self._bus, None, float('-inf')
        if bus is not None:
            with suppress(can.CanError, OSError, ValueError):  # it may have gone already
                bus.shutdown()

    def _drop(self, error: Exception, time: float) -> None:
        self.close()
        self._next_attempt = time + PAUSE
        self.lost += 1
        self.problem = f'{self.url}: {_words(error)}'

    def _hear_error(self, bits: int) -> None:
        if bits & _BUS_OFF:
            self.problem = f'{self.url}: bus-off, the controller has left the bus after too many errors'
        elif bits & _RESTARTED and 'bus-off' in self.problem:
            self.problem = ''


def _stay_on_this_machine(descriptor: int, group: str) -> None:
    """Let multicast go by the loopback only, and take in no other group."""
    local = socket.inet_aton('127.0.0.1')
    with socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, local)
        end.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + local)
        end.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)


def _number(error: BaseException) -> int | None:
    number = getattr(error, 'error_code', None) or getattr(error, 'errno', None)
    return number if number or error.__cause__ is None else _number(error.__cause__)


def _words(error: BaseException) -> str:
    return f'{error}: {error.__cause__}' if error.__cause__ is not None else str(error)

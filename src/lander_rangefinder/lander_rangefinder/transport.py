"""Byte links by URL. The range finder does not know which one it is on.

| URL | link |
|---|---|
| serial:///dev/ttyUSB0?baud=115200 | serial line |
| udp://host:port | UDP, for example a serial server |
| unix:@name | between the processes of a simulation |
| memory:name | within one process |
| pty: | listen only: a pseudo terminal |
"""

from collections.abc import Callable
from importlib import import_module
from urllib.parse import parse_qs, urlsplit

from lander_rangefinder.transports.base import Listener, Transport, TransportError

__all__ = ['Listener', 'Transport', 'TransportError', 'check_url', 'listen_transport', 'open_transport']

# By name, so that a simulation does not import pyserial.
_OPEN = {'serial': 'serial_port.SerialTransport', 'udp': 'udp.UdpTransport', 'unix': 'unix.UnixTransport',
         'memory': 'memory.MemoryTransport'}
_LISTEN = {'udp': 'udp.UdpListener', 'unix': 'unix.UnixListener', 'memory': 'memory.MemoryListener',
           'pty': 'pseudo_terminal.PtyListener'}
FORMS = 'serial:///dev/NAME?baud=NUMBER, udp://HOST:PORT, unix:@NAME or memory:NAME'


def open_transport(url: str) -> Transport:
    """Open the host's end of a link.

    Raises:
        TransportError: names the URL and the cause.
    """
    check_url(url)
    return _class(url, _OPEN)(url)


def listen_transport(url: str) -> Listener:
    """Open the device's end of a link, for emulators.

    Raises:
        TransportError: names the URL and the cause.
    """
    if url != 'pty:':
        check_url(url)
    return _class(url, _LISTEN)(url)


def check_url(url: str) -> None:
    """Check the form of a URL that can be opened; nothing is opened.

    Raises:
        TransportError: says which forms there are.
    """
    try:
        parts = urlsplit(url)
        options = parse_qs(parts.query, strict_parsing=bool(parts.query))
        good = {
            'serial': lambda: parts.path.startswith('/') and not parts.netloc and set(options) <= {'baud'}
            and int(options.get('baud', ['115200'])[0]) > 0,
            'udp': lambda: bool(parts.hostname) and parts.port is not None,
            'unix': lambda: parts.path.startswith('@') and 1 < len(parts.path) < 100,
            'memory': lambda: bool(parts.path),
        }[parts.scheme]()
    except (KeyError, ValueError):
        good = False
    if not good:
        raise TransportError(url, f'not one of {FORMS}')


def _class(url: str, kinds: dict[str, str]) -> Callable[[str], Transport]:
    kind = kinds.get(urlsplit(url).scheme)
    if kind is None:
        raise TransportError(url, f'only {", ".join(kinds)} can be used this way')
    module, name = kind.split('.')
    return getattr(import_module(f'lander_rangefinder.transports.{module}'), name)

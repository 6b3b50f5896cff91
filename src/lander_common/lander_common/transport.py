"""Byte links by URL. A device driver does not know which one it is on.

| URL | link |
|---|---|
| serial:///dev/ttyUSB0?baud=115200&parity=N&exclusive=1 | serial line |
| udp://host:port | UDP, for example a serial server |
| unix:@name | between the processes of a simulation |
| memory:name | within one process |
| pty: or pty:/path | listen only: a pseudo terminal, with a link to it at /path |
"""

import re
from collections.abc import Callable
from importlib import import_module
from urllib.parse import parse_qs, parse_qsl, urlsplit

from lander_common.transports.base import Listener, Transport, TransportError

__all__ = ['Listener', 'Transport', 'TransportError', 'check_url', 'listen_transport', 'open_transport',
           'with_baud']

# By name, so that a simulation does not import pyserial.
_OPEN = {'serial': 'serial_port.SerialTransport', 'udp': 'udp.UdpTransport', 'unix': 'unix.UnixTransport',
         'memory': 'memory.MemoryTransport'}
_LISTEN = {'udp': 'udp.UdpListener', 'unix': 'unix.UnixListener', 'memory': 'memory.MemoryListener',
           'pty': 'pseudo_terminal.PtyListener'}
FORMS = 'serial:///dev/NAME?baud=NUMBER&parity=N&exclusive=1, udp://HOST:PORT, unix:@NAME or memory:NAME'

_SERIAL = {'baud': ('[1-9][0-9]{1,7}', 'a whole number from 10 to 99999999'),
           'parity': ('[NEOMS]', 'one of N (none), E (even), O (odd), M (mark), S (space)'),
           'exclusive': ('[01]', '1 (no second program may open the line) or 0')}


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
    if url.partition(':')[0] != 'pty':
        check_url(url)
    return _class(url, _LISTEN)(url)


def check_url(url: str) -> None:
    """Check the form of a URL that can be opened; nothing is opened.

    Raises:
        TransportError: says which forms there are.
    """
    try:
        parts = urlsplit(url)
        good = {
            'serial': lambda: parts.path.startswith('/') and not parts.netloc,
            'udp': lambda: bool(parts.hostname) and parts.port is not None,
            'unix': lambda: parts.path.startswith('@') and 1 < len(parts.path) < 100,
            'memory': lambda: bool(parts.path),
        }[parts.scheme]()
    except (KeyError, ValueError):
        good = False
    if not good:
        raise TransportError(url, f'not one of {FORMS}')
    if parts.scheme == 'serial':
        _check_options(url, parts.query)


def with_baud(url: str, baud: int) -> str:
    """Return the URL, of a serial line with that baud rate if it has none yet."""
    parts = urlsplit(url)
    if parts.scheme != 'serial' or 'baud' in parse_qs(parts.query):
        return url
    return f'{url}{"&" if parts.query else "?"}baud={baud}'


def _check_options(url: str, query: str) -> None:
    seen = set()
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in _SERIAL:
            raise TransportError(url, f'no option {name!r} of a serial line', 'options ' + ', '.join(_SERIAL))
        pattern, allowed = _SERIAL[name]
        if name in seen or not re.fullmatch(pattern, value):
            raise TransportError(url, f'{name} = {value!r}', f'for {name} {allowed}, once')
        seen.add(name)
    if query and not seen:
        raise TransportError(url, f'no option {query!r} of a serial line', 'options ' + ', '.join(_SERIAL))


def _class(url: str, kinds: dict[str, str]) -> Callable[[str], Transport]:
    kind = kinds.get(urlsplit(url).scheme)
    if kind is None:
        raise TransportError(url, f'only {", ".join(kinds)} can be used this way')
    module, name = kind.split('.')
    return getattr(import_module(f'lander_common.transports.{module}'), name)

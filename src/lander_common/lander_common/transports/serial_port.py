"""Serial lines, 8 data bits, 1 stop bit: `serial:///dev/ttyUSB0?baud=115200&parity=N&exclusive=1`."""

import termios
from urllib.parse import parse_qs, unquote, urlsplit

import serial

from lander_common.transports.base import Transport, TransportError


class SerialTransport(Transport):
    """The host's end of a serial line, locked against a second program unless `exclusive=0`."""

    def __init__(self, url: str):
        """Open the line.

        Raises:
            TransportError: no such device, no permission, or in use.
        """
        super().__init__(url)
        parts = urlsplit(url)
        options = {name: values[0] for name, values in parse_qs(parts.query).items()}
        try:
            self._port = serial.Serial(
                unquote(parts.path), int(options.get('baud', '115200')), parity=options.get('parity', 'N'),
                timeout=0, write_timeout=0, exclusive=options.get('exclusive', '1') == '1')
        except (OSError, ValueError, termios.error) as error:
            raise TransportError(url, error) from error

    def read(self) -> bytes:
        """Return the bytes that have come."""
        try:
            return self._port.read(4096)
        except (OSError, TypeError, termios.error) as error:  # TypeError: pyserial, when unplugged meanwhile
            raise TransportError(self.url, error) from error

    def write(self, data: bytes) -> None:
        """Send `data`."""
        try:
            sent = self._port.write(data)
        except (OSError, TypeError, termios.error) as error:
            raise TransportError(self.url, error) from error
        if sent != len(data):
            raise TransportError(self.url, 'the line takes no more')

    def close(self) -> None:
        """Close the line."""
        self._port.close()

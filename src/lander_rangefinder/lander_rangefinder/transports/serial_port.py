"""Serial lines: `serial:///dev/ttyUSB0?baud=115200`, 8 data bits, no parity, 1 stop bit."""

from urllib.parse import parse_qs, urlsplit

import serial

from lander_rangefinder.transports.base import Transport, TransportError


class SerialTransport(Transport):
    """The host's end of a serial line, locked against a second program."""

    def __init__(self, url: str):
        """Open the line.

        Raises:
            TransportError: no such device, no permission, or in use.
        """
        super().__init__(url)
        parts = urlsplit(url)
        baud = int(parse_qs(parts.query).get('baud', ['115200'])[0])
        try:
            self._port = serial.Serial(parts.path, baud, timeout=0, write_timeout=0, exclusive=True)
        except (OSError, ValueError) as error:
            raise TransportError(url, error) from error

    def read(self) -> bytes:
        """Return the bytes that have come."""
        try:
            return self._port.read(4096)
        except (OSError, TypeError) as error:  # TypeError: pyserial, when unplugged during the read
            raise TransportError(self.url, error) from error

    def write(self, data: bytes) -> None:
        """Send `data`."""
        try:
            sent = self._port.write(data)
        except (OSError, TypeError) as error:
            raise TransportError(self.url, error) from error
        if sent != len(data):
            raise TransportError(self.url, 'the line takes no more')

    def close(self) -> None:
        """Close the line."""
        self._port.close()

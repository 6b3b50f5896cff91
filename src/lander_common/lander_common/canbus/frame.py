"""Frames of classic CAN: an 11-bit identifier, seven bytes of content, and a check over both.

The check is CRC-8H2F of AUTOSAR (polynomial 0x2F): up to three flipped bits of identifier and content are
always found. It is for what the CRC of the bus cannot see: gateways, drivers and memory on the way.
"""

from typing import NamedTuple

CONTENT = 7  # [bytes]
_MOST_ID = 0x7FF


class Frame(NamedTuple):
    """One data frame with a standard identifier."""

    id: int
    data: bytes


def _table() -> bytes:
    rows = []
    for value in range(256):
        for _ in range(8):
            value = (value << 1) ^ 0x12F if value & 0x80 else value << 1
        rows.append(value)
    return bytes(rows)


_CRC = _table()


def crc8(data: bytes) -> int:
    """Return the CRC-8H2F of `data`; that of b'123456789' is 0xDF."""
    value = 0xFF
    for byte in data:
        value = _CRC[value ^ byte]
    return value ^ 0xFF


def seal(identifier: int, content: bytes) -> Frame:
    """Make a frame of at most seven bytes of content, filled up with zeros.

    Raises:
        ValueError: identifier or content do not fit.
    """
    if not 0 <= identifier <= _MOST_ID or len(content) > CONTENT:
        raise ValueError(f'{identifier:#x} with {len(content)} bytes: at most {_MOST_ID:#x}, {CONTENT}')
    content = content.ljust(CONTENT, b'\0')
    return Frame(identifier, content + bytes([crc8(identifier.to_bytes(2, 'big') + content)]))


def unseal(frame: Frame) -> bytes | None:
    """Return the seven bytes of content, None if length or check are wrong."""
    if len(frame.data) != CONTENT + 1 or not 0 <= frame.id <= _MOST_ID:
        return None
    content = bytes(frame.data[:CONTENT])
    return content if crc8(frame.id.to_bytes(2, 'big') + content) == frame.data[CONTENT] else None


def newer(sequence: int, than: int) -> bool:
    """Return whether a sequence number (0 to 255, then 0 again) comes after another: by 1 to 127."""
    return 0 < (sequence - than) % 256 < 128

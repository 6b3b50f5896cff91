"""Frames of LightWare's binary protocol (SF45/B and the current SF and LW devices), for both ends.

    AA flags number content CRC

Flags and CRC have 16 bits, low byte first. Flags are the length of number and content, shifted left by 6
bits, and bit 0: write. CRC-16 with polynomial 1021 hex, start 0 (XMODEM), over all bytes before it.
"""

import binascii

from lander_common.scanner import FrameScanner

PRODUCT, DISTANCE_OUTPUT, STREAM, DISTANCE, RATE = 0, 27, 30, 44, 66
"""Numbers of commands."""
_LONGEST = 32  # [bytes] number and content; longer ones are texts that nobody here reads


class LightwareScanner(FrameScanner):
    """Finds frames in either direction."""

    head = b'\xaa'
    shortest = 3

    def length(self, data: bytearray, start: int) -> int:
        """Return the length of the frame, 0 for one that is empty or too long to be believed."""
        payload = (data[start + 1] | data[start + 2] << 8) >> 6
        return payload + 5 if 1 <= payload <= _LONGEST else 0

    def check(self, frame: bytes) -> bool:
        """Return whether the CRC is right."""
        return binascii.crc_hqx(frame[:-2], 0) == int.from_bytes(frame[-2:], 'little')


def encode(number: int, content: bytes = b'', write: bool = False) -> bytes:
    """Return the frame of a command or of its answer."""
    frame = b'\xaa' + (len(content) + 1 << 6 | write).to_bytes(2, 'little') + bytes([number]) + content
    return frame + binascii.crc_hqx(frame, 0).to_bytes(2, 'little')

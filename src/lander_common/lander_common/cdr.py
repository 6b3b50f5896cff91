"""What can be read of a serialised message without decoding it."""

import struct

_STAMP = {0: struct.Struct('>iI'), 1: struct.Struct('<iI')}  # by the second byte of the CDR header


def stamp_ns(message: bytes) -> int:
    """Return the stamp [ns] of a message whose type begins with a header or a time.

    Raises:
        ValueError: it is too short, or not plain CDR.
    """
    if len(message) < 12 or message[1] not in _STAMP:
        raise ValueError('not the CDR of a stamped message')
    seconds, nanoseconds = _STAMP[message[1]].unpack_from(message, 4)
    return seconds * 1_000_000_000 + nanoseconds

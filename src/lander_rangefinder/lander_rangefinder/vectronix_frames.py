"""Frames of the Safran Vectronix ASCII protocol (LRF 6019, 6042, 6742, 7047), for both ends.

A frame is `>BODY*CS` and a carriage return. CS is the low byte of the sum of the characters of the body,
as two upper-case hex digits. A prompt, `<` after success and `!` after failure, stands between frames.
"""

from dataclasses import dataclass

LONGEST_BODY = 200  # [characters] the longest answer known, five targets with time stamps, has less than 120
_START, _CHECK, _END, _SUCCESS, _FAILURE = b'>*\r<!'


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole frame with a correct checksum."""

    body: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """The end of a dialogue."""

    success: bool


@dataclass(frozen=True, slots=True)
class BrokenFrame:
    """What began as a frame and did not end as one."""

    reason: str
    text: str


def checksum(body: str) -> str:
    """Return the two hex digits that follow `*`."""
    return f'{sum(body.encode("ascii")) & 0xFF:02X}'


def encode(body: str) -> bytes:
    """Return the frame around `body`.

    Raises:
        ValueError: the body holds characters that the protocol does not allow, or is too long.
    """
    if len(body) > LONGEST_BODY or not all(' ' <= c <= '~' and c not in '<>!*' for c in body):
        raise ValueError(f'not a frame body: {body!r}')
    return f'>{body}*{checksum(body)}\r'.encode('ascii')


class FrameReader:
    """Finds frames and prompts in a stream of bytes; a `>` always starts anew, so it cannot lose track."""

    def __init__(self) -> None:
        """Start between frames."""
        self._frame: bytearray | None = None
        self.skipped = 0  # bytes between frames that are neither frame nor prompt

    def feed(self, data: bytes) -> list[Frame | Prompt | BrokenFrame]:
        """Return what ends in `data`. Never raises, and does not depend on how the stream is cut."""
        found: list[Frame | Prompt | BrokenFrame] = []
        for byte in data:
            if self._frame is not None:
                self._inside(byte, found)
            if byte in (_SUCCESS, _FAILURE):
                found.append(Prompt(byte == _SUCCESS))
            elif byte == _START:
                self._frame = bytearray()
            elif self._frame is None and byte != _END:
                self.skipped += 1
        return found

    def _inside(self, byte: int, found: list[Frame | Prompt | BrokenFrame]) -> None:
        frame = self._frame
        if byte == _END:
            found.append(_finish(frame.decode('ascii')))
            self._frame = None
        elif byte in (_START, _SUCCESS, _FAILURE):
            found.append(BrokenFrame('cut off', frame.decode('ascii')))
            self._frame = None
        elif not 0x20 <= byte <= 0x7E:
            found.append(BrokenFrame(f'holds the byte {byte:#04x}', frame.decode('ascii')))
            self._frame = None
        elif len(frame) >= LONGEST_BODY + 3:
            found.append(BrokenFrame('does not end', frame.decode('ascii')))
            self._frame = None
        else:
            frame.append(byte)


def _finish(text: str) -> Frame | BrokenFrame:
    body, star, given = text.partition('*')
    if not star:
        return BrokenFrame('has no checksum', text)
    if given != checksum(body):
        return BrokenFrame(f'has the checksum {given} instead of {checksum(body)}', text)
    return Frame(body)

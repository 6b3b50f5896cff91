"""What the valve driver and the valve boards say to each other. The README has the table.

Valve i of the vehicle file is valve i % 2 of pair i // 2, and belongs to board i // valves_per_board.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from lander_common.canbus.frame import Frame, seal, unseal

CLOSE_ID = 0x010  # before everything else on the bus
PAIR_ID = 0x100  # plus the pair
EXECUTE_ID = 0x120  # after the pairs, also where a controller sorts what it sends by identifier
STATE_ID = 0x180  # plus the board
PAIRS, BOARDS = 16, 8
MOST_VALVES, MOST_PER_BOARD = 32, 16
TICK = 1e-4  # [s] of an on-time
LONGEST = 65535 * TICK  # [s]
HOST_LISTENS = ((STATE_ID, 0x7F8),)  # identifier and mask
BOARD_LISTENS = ((CLOSE_ID, 0x7FF), (PAIR_ID, 0x7F0), (EXECUTE_ID, 0x7FF))

_TIMED_OUT, _IDLE = 1, 2


@dataclass(frozen=True, slots=True)
class Pair:
    """What two neighbouring valves are to do once the sequence is executed."""

    sequence: int
    pair: int
    ticks: tuple[int, int]  # [TICK] on-times
    throttles: tuple[int, int]  # [1/255]


@dataclass(frozen=True, slots=True)
class Execute:
    """Do now what the pairs of this sequence say."""

    sequence: int
    pairs: int  # that belong to it, on all boards


@dataclass(frozen=True, slots=True)
class Close:
    """Close all valves now; sequence numbers go on from this one."""

    sequence: int


@dataclass(frozen=True, slots=True)
class BoardState:
    """What a board has done and what its valves really do; bit k is its valve k."""

    board: int
    sequence: int  # executed last
    open_mask: int
    faulty_mask: int  # the board itself finds them faulty: coil open or shorted
    timed_out: bool  # it has closed its valves because nothing came
    idle: bool  # it has executed nothing since it was switched on
    refused: int  # frames and sequences it did not take, modulo 256


def encode_command(sequence: int, on_time: Sequence[float], throttle: Sequence[float]) -> list[Frame]:
    """Return the frames of one command: on-times [s] from 0 to LONGEST, throttles from 0 to 1."""
    frames = []
    for first in range(0, len(on_time), 2):
        content = bytearray([sequence])
        for i in (first, first + 1):
            there = i < len(on_time)
            content += struct.pack('<HB', round(on_time[i] / TICK) if there else 0,
                                   round(throttle[i] * 255) if there else 0)
        frames.append(seal(PAIR_ID + first // 2, content))
    return [*frames, seal(EXECUTE_ID, bytes([sequence, len(frames)]))]


def encode_close(sequence: int) -> Frame:
    """Return the frame that closes all valves of all boards."""
    return seal(CLOSE_ID, bytes([sequence]))


def encode_state(state: BoardState) -> Frame:
    """Return the frame of a board's state."""
    flags = _TIMED_OUT * state.timed_out | _IDLE * state.idle
    return seal(STATE_ID + state.board, struct.pack('<BHHBB', state.sequence, state.open_mask,
                                                    state.faulty_mask, flags, state.refused % 256))


def decode(frame: Frame) -> Pair | Execute | Close | BoardState | None:
    """Return what a frame says, None if it is broken or not one of these."""
    content = unseal(frame)
    if content is None:
        return None
    if PAIR_ID <= frame.id < PAIR_ID + PAIRS:
        sequence, first, first_throttle, second, second_throttle = struct.unpack('<BHBHB', content)
        return Pair(sequence, frame.id - PAIR_ID, (first, second), (first_throttle, second_throttle))
    if STATE_ID <= frame.id < STATE_ID + BOARDS:
        sequence, is_open, faulty, flags, refused = struct.unpack('<BHHBB', content)
        return BoardState(frame.id - STATE_ID, sequence, is_open, faulty, bool(flags & _TIMED_OUT),
                          bool(flags & _IDLE), refused)
    if frame.id == EXECUTE_ID and 1 <= content[1] <= PAIRS and not any(content[2:]):
        return Execute(content[0], content[1])
    if frame.id == CLOSE_ID and not any(content[1:]):
        return Close(content[0])
    return None

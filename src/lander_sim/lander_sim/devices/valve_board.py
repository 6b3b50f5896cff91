"""A valve board: the device's end of `lander_common.canbus.valves`, with valves behind it that can stick."""

import math
from collections import Counter, deque
from enum import Enum

import numpy as np

from lander_common.canbus.frame import Frame, newer
from lander_common.canbus.valves import TICK, BoardState, Close, Execute, Pair, decode, encode_state

HEARTBEAT = 0.05  # [s] longest silence of a board
TIMEOUT = 0.1  # [s] without an executed command: all valves close


class ValveFault(Enum):
    """How a valve is broken."""

    STUCK_OPEN = 'stuck_open'
    STUCK_CLOSED = 'stuck_closed'


class ValveBoard:
    """Executes whole commands only. Times are steady [s]; call `step` at `due` at the latest."""

    def __init__(self, board: int, first: int, count: int):
        """Switch on board number `board`, for `count` valves of the vehicle from `first` on."""
        self._board, self.first, self.count = board, first, count
        self._pairs: dict[int, Pair] = {}
        self._staged = 0  # sequence of the pairs
        self._sequence = 0
        self._executed = -math.inf  # [s]
        self._next_state = -math.inf
        self._waiting: deque[tuple[float, Frame]] = deque()  # answers that are late
        self._reported: int | None = None  # open mask
        self._idle, self._timed_out = True, False
        self.end = np.full(count, -math.inf)  # [s] when a valve closes
        self.throttle = np.ones(count)
        self.commands = 0  # executed
        self.refused = 0  # frames and sequences
        self.faults: dict[int, ValveFault] = {}  # by valve of this board
        self.silent = False  # hears and acts, but says nothing
        self.late_s = 0.0  # [s] by which its answers come too late
        self.seen: Counter[str] = Counter()

    def hear(self, frame: Frame, time: float) -> bool:
        """Take a frame; return whether the valves have been told something new."""
        found = decode(frame)
        self.seen[type(found).__name__] += 1
        if isinstance(found, Pair):
            if found.sequence != self._staged:
                self._pairs.clear()
                self._staged = found.sequence
            self._pairs[found.pair] = found
        elif isinstance(found, Execute):
            return self._execute(found, time)
        elif isinstance(found, Close):
            self._close(found.sequence, time)
            return True
        else:
            self.refused += 1
        return False

    def step(self, time: float) -> list[Frame]:
        """Close what has run out or timed out; return what the board says."""
        if time >= self._executed + TIMEOUT and (self.end > time).any():
            self.end[:] = np.minimum(self.end, time)
            self._timed_out = True
            self._next_state = time
        mask = self._mask(time)
        if mask != self._reported or time >= self._next_state:
            self._reported, self._next_state = mask, time + HEARTBEAT
            state = BoardState(self._board, self._sequence, mask, 0, self._timed_out, self._idle,
                               self.refused % 256)
            self._waiting.append((time + self.late_s, encode_state(state)))
        said = []
        while self._waiting and self._waiting[0][0] <= time:
            said.append(self._waiting.popleft()[1])
        return [] if self.silent else said

    def due(self, time: float) -> float:
        """Return when the board acts next of itself [s]."""
        ends = self.end[self.end > time]
        waiting = self._waiting[0][0] if self._waiting else math.inf
        timeout = self._executed + TIMEOUT if len(ends) else math.inf
        return min(self._next_state, waiting, timeout, *ends)

    def is_open(self, time: float) -> np.ndarray:
        """Return which valves really are open, (count,) bool."""
        found = self.end > time
        for valve, fault in self.faults.items():
            found[valve] = fault is ValveFault.STUCK_OPEN
        return found

    def left(self, time: float) -> np.ndarray:
        """Return how long the valves will stay open if nothing more is heard [s], (count,)."""
        found = np.maximum(self.end - time, 0.0)
        for valve, fault in self.faults.items():
            found[valve] = math.inf if fault is ValveFault.STUCK_OPEN else 0.0
        return found

    def _execute(self, command: Execute, time: float) -> bool:
        mine = [(i, *divmod(self.first + i, 2)) for i in range(self.count)]
        # After its time-out any sequence is new: the driver may have started again.
        in_order = self._idle or self._timed_out or newer(command.sequence, self._sequence) \
            or time >= self._executed + TIMEOUT
        if command.sequence != self._staged or not in_order or any(p not in self._pairs for _, p, _ in mine):
            self.refused += 1
            return False
        for i, pair, k in mine:
            ticks = self._pairs[pair].ticks[k]
            self.end[i] = time + ticks * TICK if ticks else -math.inf
            self.throttle[i] = self._pairs[pair].throttles[k] / 255.0
        self._begin(command.sequence, time)
        self.commands += 1
        return True

    def _close(self, sequence: int, time: float) -> None:
        self.end[:] = -math.inf
        self._begin(sequence, time)

    def _begin(self, sequence: int, time: float) -> None:
        self._pairs.clear()
        self._staged = self._sequence = sequence
        self._executed = self._next_state = time
        self._idle = self._timed_out = False

    def _mask(self, time: float) -> int:
        return sum(1 << int(i) for i in np.flatnonzero(self.is_open(time)))

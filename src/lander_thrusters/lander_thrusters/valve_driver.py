"""The valve driver: commands to the boards at once, their answers compared, all closed when nothing comes.

A command that is refused leaves the valves as they are: what they were told last is finite, and if no good
command follows the watchdog closes them. Closing at once would turn one bad command into an engine cut.
"""

from collections import deque

import numpy as np

from lander_common.canbus.bus import CanBus
from lander_common.canbus.valves import TICK, BoardState, decode, encode_close, encode_command
from lander_common.samples import ThrusterCommand
from lander_thrusters.parameters import ValveDriverParameters
from lander_thrusters.valve_commands import CommandCheck
from lander_thrusters.valve_watch import ValveWatch

_ECHO = 0.1  # [s] a command that is not answered by then counts as missing
_AGAIN = 0.1  # [s] between repetitions of closing, while no commands come
_RECENT = 1.0  # [s] so long a refused command is reported


class Board:
    """What is known of one valve board."""

    def __init__(self, first: int, count: int):
        """Begin as one that has not been heard, with `count` valves from `first` on."""
        self.first, self.count = first, count
        self.heard = float('-inf')  # [s]
        self.state: BoardState | None = None  # None while it is silent
        self.sent: deque[tuple[int, float]] = deque()  # sequence and time [s] of what it has not answered
        self.missing = 0

    def answered(self, sequence: int) -> None:
        """Take off what it has answered; what was sent before and not answered is missing."""
        numbers = [s for s, _ in self.sent]
        if sequence in numbers:
            at = numbers.index(sequence)
            self.missing += at
            for _ in range(at + 1):
                self.sent.popleft()

    def expire(self, time: float) -> None:
        """Count what has waited too long for an answer."""
        while self.sent and time - self.sent[0][1] > _ECHO:
            self.sent.popleft()
            self.missing += 1


class ValveDriver:
    """All valves of a vehicle on one bus. All times are steady [s], only stamps are flight time."""

    def __init__(self, parameters: ValveDriverParameters, names: tuple[str, ...], bus: CanBus):
        """Drive the thrusters of these names, in the order of the vehicle file; begin with all closed."""
        self._p, self._names, self.bus = parameters, names, bus
        self.check = CommandCheck(names, parameters.longest_on_s)
        self.watch = ValveWatch(len(names), parameters.settle_s)
        per = parameters.valves_per_board
        self.boards = [Board(first, min(per, len(names) - first)) for first in range(0, len(names), per)]
        self._sequence = 0
        self._last_good = self._next_close = float('-inf')
        self._refusal, self._refused_at = '', float('-inf')
        self.commanding = False  # False: all valves are told to close
        self.watchdogs = 0  # times that the commands have stopped
        self.unsent = 0  # good commands that the bus did not take
        self.stamp = 0.0  # [s] flight time of the last command that went out
        self._interval = float('inf')  # [s] from one command to the next, by their stamps

    def command(self, command: ThrusterCommand, time: float) -> bool:
        """Send a command now; return whether it went out whole."""
        refusal = self.check.judge(command)
        if refusal:
            self._refusal, self._refused_at = refusal, time
            return False
        throttle, on_time = np.clip(command.throttle, 0.0, 1.0), self._on_time(command)
        if not self._send(encode_command(self._next(), on_time, throttle), time):
            self.unsent += 1
            return False
        self.watch.expect(time, on_time)
        self._last_good, self.commanding, self.stamp = time, True, command.time
        return True

    def _on_time(self, command: ThrusterCommand) -> np.ndarray:
        """Return the on-times to send: one that lasts until the next command is due lasts until that comes.

        Else an engine that burns on would close whenever a command is a millisecond late.
        """
        if self.commanding and command.time > self.stamp:
            self._interval = command.time - self.stamp
        on_time = np.asarray(command.on_time)
        lasts = on_time >= self._interval - TICK
        return np.where(lasts, np.maximum(on_time, self._p.watchdog_s), on_time)

    def poll(self, time: float) -> None:
        """Hear the boards, and close the valves if the commands have stopped."""
        for frame in self.bus.receive(time):
            state = decode(frame)
            if isinstance(state, BoardState) and state.board < len(self.boards):
                self._hear(self.boards[state.board], state, time)
        for board in self.boards:
            board.expire(time)
            if board.state is not None and time - board.heard > self._p.board_timeout_s:
                board.state = None
                self.watch.forget(board.first, board.count)
        if self.commanding and time - self._last_good >= self._p.watchdog_s:
            self.commanding = False
            self.watchdogs += 1
            self.check.forget_order()
            self._next_close = time
        if not self.commanding and time >= self._next_close:
            self._next_close = time + _AGAIN
            self.close_valves(time)

    def close_valves(self, time: float) -> bool:
        """Tell all boards to close all valves; return whether that went out."""
        self.watch.close(time)
        return self._send([encode_close(self._next())], time)

    def shut_down(self, time: float) -> None:
        """Close all valves, then the bus. Commanding again opens the bus again."""
        self.close_valves(time)
        self.commanding = False
        self.check.forget_order()
        self.bus.close()

    def faults(self, time: float) -> list[str]:
        """Return what is wrong now, in words; empty when all is well."""
        found = [self.bus.problem] if self.bus.problem else []
        found += [f'board {k} is silent' for k, b in enumerate(self.boards) if b.state is None]
        for text, mask in (('stuck open', self.watch.stuck_open), ('stuck closed', self.watch.stuck_closed)):
            found += [f'{self._names[i]} {text}' for i in np.flatnonzero(mask)]
        for board in self.boards:
            mask = board.state.faulty_mask if board.state else 0
            found += [f'{self._names[board.first + k]} faulty, says its board'
                      for k in range(board.count) if mask >> k & 1]
        if time - self._refused_at < _RECENT:
            found.append(f'command refused: {self._refusal}')
        if self.watchdogs and not self.commanding:
            found.append(f'no good command for {self._p.watchdog_s:g} s: valves closed')
        return found

    @property
    def unknown(self) -> np.ndarray:
        """Valves whose board is silent, (n,) bool."""
        return np.repeat([b.state is None for b in self.boards], [b.count for b in self.boards])

    @property
    def missing(self) -> int:
        """Commands and closings that a board has not answered."""
        return sum(b.missing for b in self.boards)

    def _hear(self, board: Board, state: BoardState, time: float) -> None:
        board.heard, board.state = time, state
        if not state.idle:
            board.answered(state.sequence)
        bits = state.open_mask >> np.arange(board.count) & 1
        fresh = state.sequence == self._sequence and not (state.idle or state.timed_out)
        self.watch.report(time, board.first, bits.astype(bool), fresh)

    def _next(self) -> int:
        self._sequence = (self._sequence + 1) % 256
        return self._sequence

    def _send(self, frames: list, time: float) -> bool:
        sent = self.bus.send(frames, time)
        if sent:
            for board in self.boards:
                board.sent.append((self._sequence, time))
        return sent

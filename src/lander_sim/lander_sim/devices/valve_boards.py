"""The valve boards of a vehicle, together."""

import numpy as np

from lander_common.canbus.valves import MOST_PER_BOARD
from lander_sim.devices.valve_board import ValveBoard

_MOST = 10.0  # [s] on-time of a valve that will not close


def make_boards(valves: int, per_board: int = MOST_PER_BOARD) -> list[ValveBoard]:
    """Switch on the boards for so many valves, valve i on board i // per_board."""
    return [ValveBoard(k, first, min(per_board, valves - first))
            for k, first in enumerate(range(0, valves, per_board))]


def actual(boards: list[ValveBoard], time: float) -> tuple[np.ndarray, np.ndarray]:
    """Return on-times still to go [s] and throttles of all valves, (n,) each, as they are at `time`."""
    on_time = np.concatenate([np.minimum(board.left(time), _MOST) for board in boards])
    return on_time, np.concatenate([board.throttle for board in boards])

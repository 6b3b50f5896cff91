"""The allocator as kernels on its record, see record.ALLOCATOR: for batch flights and for the class."""

import numpy as np

from lander_common.compiled import compiled
from lander_thrusters import motion_model, thrust_history
from lander_thrusters.demand import asked_anything, take
from lander_thrusters.fault_detection import NO_FAULT, add_sample, look, restart
from lander_thrusters.fault_test import OFF, ON
from lander_thrusters.masks import set_masks
from lander_thrusters.sharing import close_window, open_window
from lander_thrusters.valves import TICK, left

_LONGEST_WINDOW = 2.0  # [s]


@compiled
def step(al: np.void, time: float, force: np.ndarray, torque: np.ndarray) -> bool:
    """Take the wrench asked at `time` [s]; write `on_time` and `throttle`.

    `force` (3,) [N] and `torque` (3,) [N m] are in base_link, about the centre of mass.

    Returns:
        False if the time does not increase: then nothing has changed.
    """
    if not time > al.time:
        return False
    if al.time > -np.inf:
        al.interval = min(time - al.time, _LONGEST_WINDOW)
    al.time = time
    take(al, time, force, torque)
    if al.detecting:
        fault = look(al.detector, time)
        if fault != NO_FAULT:
            _declare(al, fault)
    if al.replan or time >= al.start + al.nominal - TICK:
        close_window(al, time)
        open_window(al, time)
        al.replan = 0
    for i in range(al.count):
        al.on_time[i] = left(al, i, time)
    if al.detecting:
        thrust_history.command(al, time, asked_anything(al))
        motion_model.follow(al)
    return True


@compiled
def add_imu(al: np.void, time: float, rate: np.ndarray, force: np.ndarray) -> None:
    """Take an IMU sample, (3,) [rad/s] and (3,) [m/s^2]; ignored unless the allocator looks for faults."""
    if al.detecting:
        add_sample(al.detector, time, rate, force)


@compiled
def take_valves(al: np.void, stuck_open: int, stuck_closed: int) -> None:
    """Take what the valve boards say: bit i set, the valve of thruster i does not do as it was told."""
    for i in range(al.count):
        if not al.failed_mask >> i & 1:
            if stuck_open >> i & 1:
                _declare(al, i + al.count * ON)
            elif stuck_closed >> i & 1:
                _declare(al, i + al.count * OFF)


@compiled
def clear_faults(al: np.void) -> None:
    """Forget the faults that were found: every thruster not known to have failed is tried again."""
    for i in range(al.count):
        al.kind[i] = -1
    set_masks(al, al.known_mask, 0)
    restart(al.detector, al.time)


@compiled
def _declare(al, fault):
    """Fly on without the faulty thruster, from this cycle on."""
    i, kind = fault % al.count, fault // al.count
    bit = 1 << i
    al.kind[i], al.found[i] = kind, al.time
    set_masks(al, al.failed_mask | bit, al.burning_mask | bit if kind == ON else al.burning_mask & ~bit)
    restart(al.detector, al.time)

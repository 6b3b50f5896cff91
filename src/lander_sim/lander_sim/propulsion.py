"""Thrusters: valves that open at the start of a step, first-order rise and fall, propellant flow, faults."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import STANDARD_GRAVITY
from lander_common.vehicle import Thruster
from lander_sim.vectors import Vector, add, scale

FAULT_KINDS = ('stuck_off', 'stuck_on', 'weak')
_GONE = 1e-15  # [-] a smaller thrust fraction is none: keeps denormal numbers out


def thruster_table(thrusters: tuple[Thruster, ...]) -> np.ndarray:
    """Return full force [N], torque about base_link [N m], flow [kg/s], rise and fall time [s], (n, 9)."""
    rows = []
    for t in thrusters:
        force = t.thrust_n * t.axis
        flow = t.thrust_n / (t.isp_s * STANDARD_GRAVITY)
        rows.append([*force, *np.cross(t.position_m, force), flow, t.rise_time_s, t.fall_time_s])
    return np.array(rows)


@compiled
def respond(fraction: float, on: float, off: float, rise: float, fall: float) -> tuple[float, float]:
    """Open a valve for `on`, then close it for `off` seconds.

    Returns:
        Thrust fraction at the end [-], and its exact integral over time [s].
    """
    total = 0.0
    if on > 0.0:
        decay = math.exp(-on / rise) if rise > 0.0 else 0.0
        total += on - (1.0 - fraction) * rise * (1.0 - decay)
        fraction = 1.0 - (1.0 - fraction) * decay
    if off > 0.0 and fraction > 0.0:
        decay = math.exp(-off / fall) if fall > 0.0 else 0.0
        total += fraction * fall * (1.0 - decay)
        fraction *= decay
    return (fraction if fraction > _GONE else 0.0), total


@compiled
def mean_thrust(start: float, h: float, on_time: np.ndarray, table: np.ndarray, fractions: np.ndarray,
                propellant: float) -> tuple[Vector, Vector, float]:
    """Return mean force [N], torque [N m] about base_link and flow [kg/s] from `start` to `start + h`.

    `start` [s] is counted from the opening of the valves. The impulse is exact however short the pulse.
    `fractions`, (n,), are carried on. When the propellant [kg] runs out, so does the thrust.
    """
    force, torque, flow = (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 0.0
    for i in range(fractions.size):
        on = min(max(on_time[i] - start, 0.0), h)
        if on > 0.0 or fractions[i] > 0.0:
            fractions[i], integral = respond(fractions[i], on, h - on, table[i, 7], table[i, 8])
            share = integral / h
            force = add(force, scale(share, table[i, 0:3]))
            torque = add(torque, scale(share, table[i, 3:6]))
            flow += share * table[i, 6]
    if flow * h > propellant:
        left = propellant / (flow * h)
        fractions[:] = 0.0
        return scale(left, force), scale(left, torque), left * flow
    return force, torque, flow


class Propulsion:
    """The thrusters of a vehicle, their state and what is broken on them."""

    def __init__(self, thrusters: tuple[Thruster, ...]):
        """Start with all valves closed and no fault."""
        self._healthy = thruster_table(thrusters)
        self.table = self._healthy.copy()
        self.fractions = np.zeros(len(thrusters))
        self._stuck: dict[int, float] = {}

    def set_fault(self, index: int, kind: str, value: float = 0.0) -> None:
        """Break thruster `index`; `value` is for 'weak' the share of thrust that is left, 0 to 1.

        Raises:
            ValueError: names the kinds or the values allowed.
        """
        if kind not in FAULT_KINDS:
            raise ValueError(f'thruster fault {kind!r}: allowed is one of {", ".join(FAULT_KINDS)}')
        if kind == 'weak' and not 0.0 <= value <= 1.0:
            raise ValueError(f'thruster fault weak = {value!r}: allowed is 0 to 1, the share that is left')
        self.clear_fault(index)
        if kind == 'weak':
            self.table[index, :7] *= value
        else:
            self._stuck[index] = math.inf if kind == 'stuck_on' else 0.0

    def clear_fault(self, index: int) -> None:
        """Repair thruster `index`."""
        self.table[index] = self._healthy[index]
        self._stuck.pop(index, None)

    def valves(self, on_time: np.ndarray) -> np.ndarray:
        """Return how long the valves really stay open [s], (n,), when `on_time` is commanded."""
        if not self._stuck:
            return np.ascontiguousarray(on_time, dtype=float)
        on_time = np.array(on_time, dtype=float)
        for index, value in self._stuck.items():
            on_time[index] = value
        return on_time

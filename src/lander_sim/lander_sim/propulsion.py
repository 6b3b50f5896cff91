"""Thrusters: valves that open at the start of a step, throttles, propellant flow, faults.

Thrust is full thrust x what the valve lets through (first-order rise and fall) x position of the throttle,
which moves at a limited rate while the engine burns and is set before. Isp does not depend on the throttle.
"""

import math
from typing import NamedTuple

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import STANDARD_GRAVITY
from lander_common.vectors import Vector, add_scaled, scale
from lander_common.vehicle import Thruster

FAULT_KINDS = ('stuck_off', 'stuck_on', 'weak')
_MOST = 32  # thrusters, as a vehicle file allows
_GONE = 1e-3  # [-] the rest of a fall or rise below that comes at once: the impulse stays what it is

PROPULSION = np.dtype([
    ('count', np.int64),  # of thrusters
    ('command', float, _MOST),  # [s] commanded on-times of this step
    ('throttle', float, _MOST),  # [-] commanded position of the throttle
    ('stuck', float, _MOST),  # [s] on-time of a valve that does not listen; NaN: it does
    ('on_time', float, _MOST),  # [s] what the valves do
    ('firing', np.int64), ('fired', np.int64, _MOST),  # how many give any thrust in this step, and which
    ('fractions', float, _MOST),  # [-] what the valve lets through
    ('positions', float, _MOST),  # [-] of the throttles
    ('targets', float, _MOST),  # [-] where the throttles go
    ('lowest', float, _MOST),  # [-] position; 1: on or off only
    ('rates', float, _MOST),  # [1/s] of the throttles; infinite: at once
    ('table', float, (_MOST, 7)),  # see thruster_table
    ('rise', float, _MOST), ('fall', float, _MOST),  # [s] time constants of the valves
    ('whole', float),  # [s] integration step that `decays` holds for
    ('decays', float, (_MOST, 2)),  # [-] of rise and fall over a whole integration step
])
"""All that the kernels need to know of the thrusters; updated in place."""


def thruster_table(thrusters: tuple[Thruster, ...]) -> np.ndarray:
    """Return full force [N], torque about base_link [N m] and flow [kg/s], (n, 7)."""
    rows = []
    for t in thrusters:
        force = t.thrust_n * t.axis
        flow = t.thrust_n / (t.isp_s * STANDARD_GRAVITY)
        rows.append([*force, *np.cross(t.position_m, force), flow])
    return np.array(rows)


@compiled
def decay(time: float, constant: float) -> float:
    """Return what is left after `time` [s] of a difference that fades with a time constant [s]."""
    return math.exp(-time / constant) if constant > 0.0 else 0.0


@compiled
def respond(fraction: float, on: float, off: float, rise: float, fall: float, opening: float,
            closing: float) -> tuple[float, float, float]:
    """Open a valve for `on`, then close it for `off` seconds.

    `rise` and `fall` are time constants [s]; `opening` is `decay` over `on`, `closing` over `off`.

    Returns:
        Thrust fraction at the end [-], its integral over time [s], and the integral of that [s^2], exact but
        for the timing of the last thousandth.
    """
    total, twice = 0.0, 0.0
    if on > 0.0:
        missing = (1.0 - fraction) * rise
        total = on - missing * (1.0 - opening)
        fraction = 1.0 - (1.0 - fraction) * opening
        if fraction > 1.0 - _GONE:
            total -= (1.0 - fraction) * rise
            fraction = 1.0
        twice = 0.5 * on * on - missing * (on - rise * (1.0 - opening)) + total * off
    if off > 0.0 and fraction > 0.0:
        total += fraction * fall * (1.0 - closing)
        twice += fraction * fall * (off - fall * (1.0 - closing))
        fraction *= closing
        if fraction < _GONE:
            total += fraction * fall
            fraction = 0.0
    return fraction, total, twice


@compiled
def set_valves(p: np.void) -> bool:
    """Let valves and throttles do what is commanded, if they can; return False if a command is NaN."""
    p.firing = 0
    for i in range(p.count):
        value = p.command[i] if np.isnan(p.stuck[i]) else p.stuck[i]
        if np.isnan(value) or np.isnan(p.throttle[i]):
            return False
        p.on_time[i], p.targets[i] = value, min(max(p.throttle[i], p.lowest[i]), 1.0)
        if value > 0.0 or p.fractions[i] > 0.0:
            p.fired[p.firing] = i
            p.firing += 1
        else:
            p.positions[i] = p.targets[i]
    return True


@compiled
def move_throttle(p: np.void, i: int, h: float) -> float:
    """Let throttle i move for h [s]; return its mean position [-]."""
    way = p.targets[i] - p.positions[i]
    if way == 0.0:
        return p.positions[i]
    time = min(abs(way) / p.rates[i], h)  # [s] until it is there
    before = p.positions[i]
    p.positions[i] = p.targets[i] if time < h else before + math.copysign(p.rates[i] * h, way)
    return (0.5 * (before + p.positions[i]) * time + p.positions[i] * (h - time)) / h


class Thrust(NamedTuple):
    """What the thrusters do in one integration step, about base_link."""

    force: Vector  # [N] mean
    torque: Vector  # [N m] mean
    # How early in the step they push: the double integrals over time, minus those of the means.
    early_force: Vector  # [N s^2]
    early_torque: Vector  # [N m s^2]
    flow: float  # [kg/s] mean


@compiled
def thrust_over(p: np.void, start: float, h: float, propellant: float) -> Thrust:
    """Return what the thrusters do from `start` to `start + h` [s], counted from the opening of the valves.

    Impulse and its timing are exact however short the pulse. The thrust fractions are carried on. When the
    propellant [kg] runs out, so does the thrust.
    """
    none = (0.0, 0.0, 0.0)
    force, torque, early_force, early_torque, flow = none, none, none, none, 0.0
    if p.firing == 0:
        return Thrust(force, torque, early_force, early_torque, flow)
    if p.whole != h:
        p.whole = h
        for i in range(p.count):
            p.decays[i, 0], p.decays[i, 1] = decay(h, p.rise[i]), decay(h, p.fall[i])
    last_on, last_rise, last_fall, part_opening, part_closing = -1.0, 0.0, 0.0, 1.0, 1.0
    per_h = 1.0 / h
    for m in range(p.firing):
        i = p.fired[m]
        on, fraction = min(max(p.on_time[i] - start, 0.0), h), p.fractions[i]
        if on == 0.0 and fraction == 0.0:
            continue
        level = move_throttle(p, i, h) if p.lowest[i] < 1.0 else 1.0
        f, t = (p.table[i, 0], p.table[i, 1], p.table[i, 2]), (p.table[i, 3], p.table[i, 4], p.table[i, 5])
        if on == h and fraction == 1.0:
            force, torque = add_scaled(force, level, f), add_scaled(torque, level, t)
            flow += level * p.table[i, 6]
            continue
        rise, fall, opening, closing = p.rise[i], p.fall[i], p.decays[i, 0], p.decays[i, 1]
        if 0.0 < on < h:  # exponentials take longer than all the rest, and engines are often told the same
            if on != last_on or rise != last_rise or fall != last_fall:
                last_on, last_rise, last_fall = on, rise, fall
                part_opening, part_closing = decay(on, rise), decay(h - on, fall)
            opening, closing = part_opening, part_closing
        p.fractions[i], once, twice = respond(fraction, on, h - on, rise, fall, opening, closing)
        share, ahead = level * once * per_h, level * (twice - 0.5 * h * once)
        force, torque = add_scaled(force, share, f), add_scaled(torque, share, t)
        early_force, early_torque = add_scaled(early_force, ahead, f), add_scaled(early_torque, ahead, t)
        flow += share * p.table[i, 6]
    if flow * h > propellant:
        left = propellant / (flow * h)
        p.fractions[:] = 0.0
        return Thrust(scale(left, force), scale(left, torque), none, none, left * flow)
    return Thrust(force, torque, early_force, early_torque, flow)


class Propulsion:
    """The thrusters of a vehicle, their state and what is broken on them."""

    def __init__(self, record: np.void, thrusters: tuple[Thruster, ...]):
        """Write the thrusters to `record`, with all valves closed and no fault.

        Raises:
            ValueError: there are more than the record holds.
        """
        n = len(thrusters)
        if n > _MOST:
            raise ValueError(f'{n} thrusters; allowed are {_MOST}')
        self._healthy = thruster_table(thrusters)
        self._table, self._stuck = record['table'][:n], record['stuck'][:n]
        self.command, self.throttle = record['command'][:n], record['throttle'][:n]
        self.fractions, self.positions = record['fractions'][:n], record['positions'][:n]
        record['rise'][:n] = [t.rise_time_s for t in thrusters]
        record['fall'][:n] = [t.fall_time_s for t in thrusters]
        record['lowest'][:n] = [t.throttle_min for t in thrusters]
        record['rates'][:n] = [t.throttle_rate_s or math.inf for t in thrusters]
        self.throttle[:] = self.positions[:] = 1.0
        self._table[:], self._stuck[:] = self._healthy, np.nan
        record['count'], record['whole'] = n, np.nan

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
            self._table[index] *= value
        else:
            self._stuck[index] = math.inf if kind == 'stuck_on' else 0.0

    def clear_fault(self, index: int) -> None:
        """Repair thruster `index`."""
        self._table[index], self._stuck[index] = self._healthy[index], math.nan

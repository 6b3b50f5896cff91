"""One descent of a given flight time as a second-order cone program: minimise q x, b - A x in the cones.

Lossless convexification (Acikmese & Ploen 2007; Blackmore et al. 2010): thrust per mass u lies inside the
cone |u| <= s, s between the throttle bounds over the mass, both linear about a reference mass. Unknowns
are the spline coefficients of position and of velocity used (spline.py), so that the dynamics need no
equations, and one slack for each thing that may be out of reach: the program always has a solution.
Gravity of a sphere is linear about a reference path. Units: the given length, the flight time.
"""

from typing import NamedTuple

import numpy as np

from lander_common.compiled import compiled
from lander_common.rotations import norm
from lander_guidance.optimiser import field, spline

_LOOSE = np.radians(2.0)  # of the axis at the start: a cone of no width stalls the solver

MISS, HEIGHT, SPEED, SPENT, GROUND, FAST = range(6)
"""Slacks: landing error, height and velocity at the end, propellant, depth below ground or glide cone,
speed above the limit."""


class Case(NamedTuple):
    """A DescentProblem for the compiled kernels: angles in radians, glide angle as tangent, log mass."""

    start: np.ndarray
    velocity: np.ndarray
    target: np.ndarray
    target_velocity: np.ndarray
    spin: np.ndarray
    gravity: float
    radius: float
    exhaust: float
    log_mass: float
    log_dry: float
    thrust_min: float
    thrust_max: float
    ground: bool
    clearance: float
    clearance_time: float
    slope: float
    beside: bool
    tilt: float
    tilt_time: float
    axis: np.ndarray
    slew: float
    speed_limit: float
    weights: np.ndarray


class Cones(NamedTuple):
    """Rows of the program in their order: equal to zero, not negative, cones of three, cones of four."""

    zero: int
    positive: int
    threes: int
    fours: int


@compiled
def widest(case: Case, since: float, to_go: float) -> tuple[float, float]:
    """Return the largest angles of the thrust from the vertical and from its axis at the start [rad].

    `since` the start and `to_go` to the end, both [s]. The tilt limit narrows at the slew rate, to where
    it begins and from what the start has.
    """
    upright = around = np.pi
    if to_go <= case.tilt_time + 1e-9 or case.tilt >= np.pi:
        upright = case.tilt
    elif case.slew > 0.0:
        upright = min(case.tilt + case.slew * (to_go - case.tilt_time), np.pi)
    if case.slew > 0.0 and norm(case.axis) > 0.0:
        around = min(_LOOSE + case.slew * since, np.pi)
        cosine = np.dot(case.axis, field.vertical(case.start, case.radius))
        upright = max(upright, np.arccos(min(max(cosine, -1.0), 1.0)) - case.slew * since)
    return upright, around


@compiled
def turned(case: Case, time: float, times: np.ndarray) -> tuple[int, int]:
    """Count the first knots where the axis at the start limits the thrust, and the last where tilt does."""
    early = upright = 0
    for k in range(times.size):
        above, around = widest(case, time * times[k], time * (1.0 - times[k]))
        early += around < np.pi
        upright = upright + 1 if above < np.pi else 0
    return early, upright


@compiled
def sizes(case: Case, intervals: int, early: int, upright: int) -> Cones:
    """Count the rows; thrust turns from its axis at the first `early` knots, up at the last `upright`."""
    inner = intervals - 1 if case.ground else 0
    return Cones(7, 2 * (intervals + 1) + early + upright + 6 + (inner if case.slope == 0.0 else 0),
                 1 + (inner if case.slope > 0.0 else 0),
                 2 + intervals + (intervals if case.speed_limit > 0.0 else 0))


@compiled
def fill(case: Case, time: float, length: float, times: np.ndarray, early: int, upright: int,
         path: np.ndarray, log_mass: np.ndarray):
    """Return the program as q, b and the rows, columns and values of A.

    Args:
        case: the problem.
        time: flight time [s], also the unit of time.
        length: unit of length [m].
        times: (n + 1,) knots from 0 to 1.
        early: number of first knots where the axis at the start limits the thrust.
        upright: number of last knots where the tilt limit holds.
        path: (n + 1, 3) reference positions at the knots [m], map.
        log_mass: (n + 1,) reference logarithms of mass.
    """
    n = times.size - 1
    value, first, second, value2, first2 = spline.basis(times)
    cones = sizes(case, n, early, upright)
    used = 3 * (n + 3)  # where the coefficients of velocity used begin
    slack = used + n + 2
    q = np.zeros(slack + 6)
    b = np.zeros(cones.zero + cones.positive + 3 * cones.threes + 4 * cones.fours)
    row_of = np.empty(120 * (n + 2), np.int64)
    column_of, entry = np.empty(row_of.size, np.int64), np.empty(row_of.size)
    count = 0
    speed, push = length / time, length / time**2
    kappa = speed / case.exhaust  # logarithm of mass per unit of velocity used
    even = 1.0 / n  # scale of the rows of thrust: fewer iterations
    flow = even * first2
    start, there = (case.start - case.target) / length, case.target + np.array([0.0, 0.0, case.radius])
    floor = field.height(case.target, case.radius) + case.radius

    q[used + n], q[used + n + 1] = value2[n]
    q[slack:] = case.weights * np.array([time, time, 1.0, 1.0, time, 1.0])

    for i in range(3):
        for m in range(3):
            count = _put(row_of, column_of, entry, count, i, 3 * m + i, value[0, m])
            count = _put(row_of, column_of, entry, count, 3 + i, 3 * m + i, first[0, m])
        b[i], b[3 + i] = start[i], case.velocity[i] / speed
    for m in range(2):
        count = _put(row_of, column_of, entry, count, 6, used + m, value2[0, m])

    row = cones.zero
    for k in range(n + 1):
        for low in range(2):
            # s <= top (1 - (z - z_reference)), and the same from below.
            bound = even * (case.thrust_min if low else case.thrust_max) / np.exp(log_mass[k]) / push
            sign = -1.0 if low else 1.0
            for m in range(2):
                count = _put(row_of, column_of, entry, count, row, used + k + m,
                             sign * (flow[k, m] - bound * kappa * value2[k, m]))
            b[row] = sign * bound * (1.0 + log_mass[k] - case.log_mass)
            row += 1
    for m in range(2):
        count = _put(row_of, column_of, entry, count, row, used + n + m, value2[n, m])
    count = _put(row_of, column_of, entry, count, row, slack + SPENT, -1.0)
    b[row] = (case.log_mass - case.log_dry) / kappa
    row += 1
    for side in (1.0, -1.0):
        for m in range(3):
            count = _put(row_of, column_of, entry, count, row, 3 * (n + m) + 2, side * value[n, m])
        count = _put(row_of, column_of, entry, count, row, slack + HEIGHT, -1.0)
        row += 1
    for i in (SPENT, GROUND, FAST):
        count = _put(row_of, column_of, entry, count, row, slack + i, -1.0)
        row += 1

    # Rows of the thrust: u = acceleration - free fall, the latter linear about the reference.
    three = cones.zero + cones.positive
    four = three + 3 * cones.threes
    weight, constant = np.zeros((3, 3, 3)), np.zeros(3)
    for k in range(n + 1):
        by_position, by_velocity = field.gradient(path[k], case.gravity, case.radius, case.spin)
        there_k = (path[k] - case.target) / length
        fall = field.free_fall(path[k], np.zeros(3), case.gravity, case.radius, case.spin)
        constant[:] = even * (time**2 * by_position @ there_k - fall / push)
        for i in range(3):
            for j in range(3):
                weight[i, j] = -even * time * (time * by_position[i, j] * value[k]
                                               + by_velocity[i, j] * first[k])
            weight[i, i] += even * second[k]
        for m in range(2):
            count = _put(row_of, column_of, entry, count, four, used + k + m, -flow[k, m])
        up = field.vertical(path[k], case.radius)
        limits = widest(case, time * times[k], time * (1.0 - times[k]))
        for j in range(3):
            for m in range(3):
                for i in range(3):
                    if i == j or case.radius > 0.0:
                        count = _put(row_of, column_of, entry, count, four + 1 + i, 3 * (k + m) + j,
                                     -weight[i, j, m])
        b[four + 1:four + 4] = constant
        four += 4
        for side in range(2):
            if k < early if side else k >= n + 1 - upright:
                axis = case.axis if side else up
                for m in range(3):
                    for j in range(3):
                        along = axis[0] * weight[0, j, m] + axis[1] * weight[1, j, m]
                        along += axis[2] * weight[2, j, m]
                        if along != 0.0:
                            count = _put(row_of, column_of, entry, count, row, 3 * (k + m) + j, -along)
                    if m < 2:
                        count = _put(row_of, column_of, entry, count, row, used + k + m,
                                     np.cos(limits[side]) * flow[k, m])
                b[row] = axis @ constant
                row += 1
        if case.ground and 0 < k < n:
            at = three if case.slope > 0.0 else row
            for j in range(3):
                for m in range(3):
                    if j == 2 or case.radius > 0.0:
                        count = _put(row_of, column_of, entry, count, at, 3 * (k + m) + j,
                                     -up[j] * value[k, m])
            for c in range(k, n + 3):
                # The cone stands at the target, or where the lander comes down beside it.
                at_end = case.beside and c >= n
                if case.slope > 0.0 and (c < k + 3 or at_end):
                    way = (value[k, c - k] if c < k + 3 else 0.0) - (value[n, c - n] if at_end else 0.0)
                    for j in range(2):
                        count = _put(row_of, column_of, entry, count, at + 1 + j, 3 * c + j,
                                     -case.slope * way)
            count = _put(row_of, column_of, entry, count, at, slack + GROUND, -1.0)
            kept = case.clearance * min(time * (1.0 - times[k]) / case.clearance_time, 1.0)**2
            b[at] = (up @ there - floor - kept) / length
            if case.slope > 0.0:
                three += 3
            else:
                row += 1

    count = _put(row_of, column_of, entry, count, three, slack + MISS, -1.0)
    count = _put(row_of, column_of, entry, count, four, slack + SPEED, -1.0)
    for i in range(3):
        for m in range(3):
            if i < 2:
                count = _put(row_of, column_of, entry, count, three + 1 + i, 3 * (n + m) + i, -value[n, m])
            count = _put(row_of, column_of, entry, count, four + 1 + i, 3 * (n + m) + i, -first[n, m])
        b[four + 1 + i] = -case.target_velocity[i] / speed
    four += 4
    if case.speed_limit > 0.0:
        for k in range(1, n + 1):
            count = _put(row_of, column_of, entry, count, four, slack + FAST, -1.0)
            b[four] = case.speed_limit / speed
            for i in range(3):
                for m in range(3):
                    count = _put(row_of, column_of, entry, count, four + 1 + i, 3 * (k + m) + i, -first[k, m])
            four += 4
    return q, b, row_of[:count], column_of[:count], entry[:count]


@compiled
def _put(row_of, column_of, entry, count, row, column, number):
    row_of[count], column_of[count], entry[count] = row, column, number
    return count + 1


@compiled
def compressed(rows: int, columns: int, row_of: np.ndarray, column_of: np.ndarray, entry: np.ndarray):
    """Return A in compressed columns: entries, their rows, and where each column begins."""
    by_row = _order(row_of, rows)[0]
    order, begin = _order(column_of[by_row], columns)
    order = by_row[order]
    return entry[order], row_of[order], begin


@compiled
def _order(keys, size):
    """Return the stable order that sorts whole numbers below `size`, and where each number begins."""
    begin = np.zeros(size + 1, np.int64)
    for key in keys:
        begin[key + 1] += 1
    begin = np.cumsum(begin)
    where, order = begin[:-1].copy(), np.empty(keys.size, np.int64)
    for i in range(keys.size):
        order[where[keys[i]]] = i
        where[keys[i]] += 1
    return order, begin


@compiled
def lagrangian(q: np.ndarray, b: np.ndarray, row_of: np.ndarray, column_of: np.ndarray, entry: np.ndarray,
               x: np.ndarray, dual: np.ndarray) -> float:
    """Return q x + dual (A x - b); how it changes with the data is how the optimum changes."""
    total = q @ x - dual @ b
    for i in range(entry.size):
        total += dual[row_of[i]] * entry[i] * x[column_of[i]]
    return total

"""The ground that the beam has crossed and the lander has not yet.

While the lander is tilted, the beam meets the ground ahead of it, and the altitude is that above this ground:
beyond a rim, while the lander still is above the plateau. So what was seen is remembered, in cells along the
track, until the lander has passed them: the lowest credible altitude is at most that above the highest.

Places are kept in a frame that moves only with what the IMU integrates, not with corrections of the state: a
beam measures where the ground is relative to the lander, whatever the altitude is thought to be.
"""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.quaternions import matrix
from lander_common.vectors import Vector, add, add_scaled, dot, length, put, scale, subtract, turn
from lander_estimation.layout import POSITION, QUATERNION, RANGE_BIAS, VELOCITY
from lander_estimation.record import CELLS
from lander_estimation.terrain import horizontal

SHARE = 1.0 / 32.0  # of the range: size of a cell, so half of the memory reaches from below to the footprint
SMALLEST = 10.0  # [m] size of a cell
AHEAD_S = 20.0  # [s] of flight: ground farther off can still be cleared, whatever the sink rate now


@compiled
def _passed(relative: Vector, size: float, along: Vector) -> bool:
    """Return whether a cell of `size` [m], at `relative` [m] from the lander, lies wholly behind it.

    `along` is the velocity over the ground [m/s].
    """
    return dot(relative, along) < -size * length(along)


@compiled
def _drop(swath: np.void, place: int) -> None:
    for k in range(place + 1, swath.count):
        a, b = swath.cells[k], swath.cells[k - 1]
        b.size = a.size
        for i in range(3):
            b.place[i] = a.place[i]
    swath.count -= 1


@compiled
def note(est: np.void, item: np.void) -> None:
    """Remember the ground that a range shows, at the time of `base`."""
    x, swath = est.x, est.swath
    p = (x[POSITION], x[POSITION + 1], x[POSITION + 2])
    m = matrix((x[QUATERNION], x[QUATERNION + 1], x[QUATERNION + 2], x[QUATERNION + 3]))
    distance = item.value[0] - (x[RANGE_BIAS] if item.beam == 0 else 0.0)
    travel = (swath.travel[0], swath.travel[1], swath.travel[2])
    relative = add_scaled(turn(m, est.model.mount[item.beam]), distance, turn(m, est.model.beam[item.beam]))
    place = add(travel, relative)
    up, size = scale(1.0 / length(p), p), max(SMALLEST, SHARE * distance)
    for k in range(swath.count - 1, -1, -1):
        cell = swath.cells[k]
        step = subtract(place, (cell.place[0], cell.place[1], cell.place[2]))
        rise = dot(step, up)
        if length(add_scaled(step, -rise, up)) < min(size, cell.size):
            if rise > 0.0:
                put(cell.place, add_scaled((cell.place[0], cell.place[1], cell.place[2]), rise, up))
            return
    along = horizontal(p, (x[VELOCITY], x[VELOCITY + 1], x[VELOCITY + 2]))
    for k in range(swath.count - 1, -1, -1):
        cell = swath.cells[k]
        if _passed(subtract((cell.place[0], cell.place[1], cell.place[2]), travel), cell.size, along):
            _drop(swath, k)
    if swath.count == CELLS:
        _drop(swath, 0)
    cell = swath.cells[swath.count]
    put(cell.place, place)
    cell.size = size
    swath.count += 1


@compiled
def clearance(est: np.void) -> float:
    """Return how high the lander of `x_now` is above the highest ground that it has not passed [m].

    Infinite if it knows of none. What is higher than the lander is not: the lander would have met it.
    """
    x, now, swath = est.x, est.x_now, est.swath
    p = (now[POSITION], now[POSITION + 1], now[POSITION + 2])
    along = horizontal(p, (now[VELOCITY], now[VELOCITY + 1], now[VELOCITY + 2]))
    reach = SMALLEST + AHEAD_S * length(along)
    radius = length(p)
    # The state now is carried on from that at `base`, without a correction between the two.
    base = subtract((x[POSITION], x[POSITION + 1], x[POSITION + 2]),
                    (swath.travel[0], swath.travel[1], swath.travel[2]))
    lowest = math.inf
    for k in range(swath.count):
        cell = swath.cells[k]
        point = add(base, (cell.place[0], cell.place[1], cell.place[2]))
        relative = subtract(point, p)
        off = length(horizontal(p, relative))
        height = radius - length(point)
        if off <= reach and height > 0.0 and not _passed(relative, cell.size, along):
            lowest = min(lowest, height)
    return lowest

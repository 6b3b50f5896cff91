"""Predicted braking burn: constant thrust, linear-tangent steering, on the round rotating Moon.

The thrust direction in the local frame (back, up, left) is `(1, p, q)` normalised, with p and q linear
in time: the linear-tangent law. Six numbers describe a burn, six describe where it ends.
"""

import math

import numpy as np

from lander_common import constants
from lander_common.compiled import compiled
from lander_common.gravity import free_fall
from lander_common.vectors import Vector, add, add_scaled, cross, dot, length, scale, subtract, unit

UP_NOW, UP_END, LEFT_NOW, LEFT_END, TIME, THRUST = range(6)
"""Indices of a burn: tangents now and at the end [-], burn time [s], thrust [N]."""

RANGE, HEIGHT, CROSS, FORWARD, VERTICAL, SIDEWAYS = range(6)
"""Indices of an end state: downrange past the target, height above the reference sphere, left of the
track [m]; velocity forward, up, left [m/s]."""

Burn = tuple[float, float, float, float, float, float]

PROBLEM = np.dtype([
    ('position', float, 3), ('velocity', float, 3), ('mass', float),  # moon [m], [m/s], [kg] at the start
    ('scale', float),  # [-] measured over commanded acceleration
    ('target', float, 3), ('left', float, 3),  # unit vectors: landing site, normal of the track through it
    ('goal', float, 6),  # end state that is wanted
    ('flow_fixed', float), ('flow_slope', float),  # propellant flow: fixed + slope * thrust [kg/s]
    ('burn', float, 6),  # the solution, and the guess before
    ('miss', float, 6),  # end state of `burn` less the goal
    ('equations', float, (6, 7)),  # scratch: Jacobian and miss
])

_LONGEST = 16.0  # [s] Runge-Kutta step: errors below 1 m and 1 cm/s over a whole burn
_FEWEST = 6
_DELTA = (1e-4, 1e-4, 1e-4, 1e-4, 1e-2, 1e-1)
_LARGEST = (0.3, 0.5, 0.3, 0.5, 60.0, 300.0)
_TOLERANCE = (10.0, 5.0, 10.0, 0.1, 0.1, 0.1)


@compiled
def steering(burn: Burn, time: float, position: Vector, left: Vector) -> Vector:
    """Return the unit thrust direction `time` s into a burn, moon; `left` is the track's normal."""
    s = min(max(time / burn[TIME], 0.0), 1.0)
    up = scale(1.0 / length(position), position)
    p = burn[UP_NOW] + s * (burn[UP_END] - burn[UP_NOW])
    q = burn[LEFT_NOW] + s * (burn[LEFT_END] - burn[LEFT_NOW])
    return unit(add_scaled(add_scaled(cross(up, left), p, up), q, left))


@compiled
def _acceleration(time: float, r: Vector, v: Vector, problem: np.void, burn: Burn, flow: float) -> Vector:
    push = problem.scale * burn[THRUST] / max(problem.mass - flow * time, 0.1 * problem.mass)
    return add_scaled(free_fall(r, v), push, steering(burn, time, r, problem.left))


@compiled
def propagate(problem: np.void, burn: Burn) -> tuple[Vector, Vector]:
    """Return position [m] and velocity [m/s] in moon at the end of a burn (classical Runge-Kutta)."""
    flow = problem.flow_fixed + problem.flow_slope * burn[THRUST]
    steps = max(math.ceil(burn[TIME] / _LONGEST), _FEWEST)
    h = burn[TIME] / steps
    r = (problem.position[0], problem.position[1], problem.position[2])
    v = (problem.velocity[0], problem.velocity[1], problem.velocity[2])
    for i in range(steps):
        t = i * h
        a1 = _acceleration(t, r, v, problem, burn, flow)
        v2 = add_scaled(v, 0.5 * h, a1)
        a2 = _acceleration(t + 0.5 * h, add_scaled(r, 0.5 * h, v), v2, problem, burn, flow)
        v3 = add_scaled(v, 0.5 * h, a2)
        a3 = _acceleration(t + 0.5 * h, add_scaled(r, 0.5 * h, v2), v3, problem, burn, flow)
        v4 = add_scaled(v, h, a3)
        a4 = _acceleration(t + h, add_scaled(r, h, v3), v4, problem, burn, flow)
        r = add_scaled(r, h / 6.0, add(add(v, v4), scale(2.0, add(v2, v3))))
        v = add_scaled(v, h / 6.0, add(add(a1, a4), scale(2.0, add(a2, a3))))
    return r, v


@compiled
def end_state(position: Vector, velocity: Vector, target: Vector, left: Vector) -> Burn:
    """Return a state as range, height, cross [m] and forward, vertical, sideways [m/s].

    `target` is the unit vector of the landing site and `left` the normal of the track through it.
    """
    r = length(position)
    up = scale(1.0 / r, position)
    forward = unit(cross(left, up))
    angle = math.atan2(dot(cross(left, target), position), dot(target, position))
    return (constants.MOON_RADIUS * angle, r - constants.MOON_RADIUS, dot(left, position),
            dot(velocity, forward), dot(velocity, up), dot(velocity, left))


@compiled
def _fly(problem: np.void, burn: Burn) -> Burn:
    """Return the end state of a burn less the goal."""
    r, v = propagate(problem, burn)
    e, g = end_state(r, v, problem.target, problem.left), problem.goal
    a, b = subtract((e[0], e[1], e[2]), (g[0], g[1], g[2])), subtract((e[3], e[4], e[5]), (g[3], g[4], g[5]))
    return a[0], a[1], a[2], b[0], b[1], b[2]


@compiled
def _tuple(b: np.ndarray) -> Burn:
    return b[0], b[1], b[2], b[3], b[4], b[5]


@compiled
def _close(miss: np.ndarray, first: int) -> bool:
    close = True
    for i in range(first, 6):
        close = close and abs(miss[i]) <= _TOLERANCE[i]
    return close


@compiled
def solve(problem: np.void, fixed_thrust: bool, iterations: int) -> bool:
    """Find the burn that ends in the goal by Newton's method from the guess; return success.

    With `fixed_thrust` the thrust of the guess is kept and the range is left free.
    """
    burn, miss, m = problem.burn, problem.miss, problem.equations
    first = 1 if fixed_thrust else 0
    n = 6 - first
    _set(miss, _fly(problem, _tuple(burn)))
    for _ in range(iterations):
        if _close(miss, first):
            return True
        for j in range(n):
            kept = burn[j]
            burn[j] += _DELTA[j]
            moved = _fly(problem, _tuple(burn))
            burn[j] = kept
            for i in range(6):
                m[i, j] = (moved[i] - miss[i]) / _DELTA[j]
        for i in range(6):
            m[i, n] = -miss[i]
        if not _eliminate(m, first, n):
            return False
        largest = 1.0
        for j in range(n):
            largest = max(largest, abs(m[first + j, n]) / _LARGEST[j])
        for j in range(n):
            burn[j] += m[first + j, n] / largest
        if not 1.0 < burn[TIME] < 3000.0 or burn[THRUST] <= 0.0:
            return False
        _set(miss, _fly(problem, _tuple(burn)))
    return _close(miss, first)


@compiled
def _set(array: np.ndarray, values: Burn) -> None:
    for i in range(6):
        array[i] = values[i]


@compiled
def _eliminate(m: np.ndarray, first: int, n: int) -> bool:
    """Solve the n equations from row `first` on in place, right side and solution in column n.

    Gauss and Jordan with the largest pivot of each column; False if they are singular or no numbers.
    """
    for k in range(n):
        best = first + k
        for i in range(first + k + 1, first + n):
            if abs(m[i, k]) > abs(m[best, k]):
                best = i
        pivot = m[best, k]
        if not 1e-12 < abs(pivot) < 1e12:
            return False
        for j in range(k, n + 1):
            m[best, j], m[first + k, j] = m[first + k, j], m[best, j] / pivot
        for i in range(first, first + n):
            if i != first + k:
                factor = m[i, k]
                for j in range(k, n + 1):
                    m[i, j] -= factor * m[first + k, j]
    return True

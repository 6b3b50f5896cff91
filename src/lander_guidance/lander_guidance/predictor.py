"""Predicted braking burn: constant thrust, linear-tangent steering, on the round rotating Moon.

The thrust direction in the local frame (back, up, left) is `(1, p, q)` normalised, with p and q linear
in time: the linear-tangent law. Six numbers describe a burn, six describe where it ends.
"""

import numpy as np

from lander_common import constants, moon
from lander_common.compiled import compiled
from lander_common.rotations import cross, norm

UP_NOW, UP_END, LEFT_NOW, LEFT_END, TIME, THRUST = range(6)
"""Indices of a burn: tangents now and at the end [-], burn time [s], thrust [N]."""

RANGE, HEIGHT, CROSS, FORWARD, VERTICAL, SIDEWAYS = range(6)
"""Indices of an end state: downrange past the target, height above the reference sphere, left of the
track [m]; velocity forward, up, left [m/s]."""

_STEPS = 48
_DELTA = np.array([1e-4, 1e-4, 1e-4, 1e-4, 1e-2, 1e-1])
_LARGEST = np.array([0.3, 0.5, 0.3, 0.5, 60.0, 300.0])
_TOLERANCE = np.array([10.0, 5.0, 10.0, 0.1, 0.1, 0.1])


@compiled
def steering(burn: np.ndarray, time: float, position: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Return the unit thrust direction `time` s into a burn, (3,) moon; `left` is the track's normal."""
    s = min(max(time / burn[TIME], 0.0), 1.0)
    up = position / norm(position)
    d = (-cross(left, up) + (burn[UP_NOW] + s * (burn[UP_END] - burn[UP_NOW])) * up
         + (burn[LEFT_NOW] + s * (burn[LEFT_END] - burn[LEFT_NOW])) * left)
    return d / norm(d)


@compiled
def _acceleration(time, position, velocity, burn, left, mass, flow, scale):
    push = scale * burn[THRUST] / max(mass - flow * time, 0.1 * mass)
    return moon.free_fall(position, velocity) + push * steering(burn, time, position, left)


@compiled
def propagate(position: np.ndarray, velocity: np.ndarray, mass: float, burn: np.ndarray, left: np.ndarray,
              flow: float, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Return position [m] and velocity [m/s] in moon at the end of a burn (classical Runge-Kutta).

    `flow` is the propellant flow [kg/s], `scale` the measured over the commanded acceleration.
    """
    h = burn[TIME] / _STEPS
    r, v = position.copy(), velocity.copy()
    for i in range(_STEPS):
        t = i * h
        a1 = _acceleration(t, r, v, burn, left, mass, flow, scale)
        v2 = v + 0.5 * h * a1
        a2 = _acceleration(t + 0.5 * h, r + 0.5 * h * v, v2, burn, left, mass, flow, scale)
        v3 = v + 0.5 * h * a2
        a3 = _acceleration(t + 0.5 * h, r + 0.5 * h * v2, v3, burn, left, mass, flow, scale)
        v4 = v + h * a3
        a4 = _acceleration(t + h, r + h * v3, v4, burn, left, mass, flow, scale)
        r = r + h / 6.0 * (v + 2.0 * v2 + 2.0 * v3 + v4)
        v = v + h / 6.0 * (a1 + 2.0 * a2 + 2.0 * a3 + a4)
    return r, v


@compiled
def end_state(position: np.ndarray, velocity: np.ndarray, target: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Return a state as range, height, cross [m] and forward, vertical, sideways [m/s], (6,).

    `target` is the unit vector of the landing site and `left` the normal of the track through it.
    """
    r = norm(position)
    up = position / r
    forward = cross(left, up)
    forward = forward / norm(forward)
    along = np.dot(cross(left, target), position)
    angle = np.arctan2(along, np.dot(target, position))
    return np.array([constants.MOON_RADIUS * angle, r - constants.MOON_RADIUS, np.dot(left, position),
                     np.dot(velocity, forward), np.dot(velocity, up), np.dot(velocity, left)])


@compiled
def _miss(position, velocity, mass, burn, target, left, goal, flow_fixed, flow_slope, scale):
    flow = flow_fixed + flow_slope * burn[THRUST]
    r, v = propagate(position, velocity, mass, burn, left, flow, scale)
    return end_state(r, v, target, left) - goal


@compiled
def solve(position: np.ndarray, velocity: np.ndarray, mass: float, guess: np.ndarray, target: np.ndarray,
          left: np.ndarray, goal: np.ndarray, flow_fixed: float, flow_slope: float, scale: float,
          fixed_thrust: bool, iterations: int) -> tuple[np.ndarray, np.ndarray, bool]:
    """Find the burn that ends in `goal` by Newton's method; return burn, remaining miss, success.

    With `fixed_thrust` the thrust of the guess is kept and the range is left free. The propellant
    flow is `flow_fixed + flow_slope * thrust` [kg/s].
    """
    burn = guess.copy()
    first = 1 if fixed_thrust else 0
    n = 6 - first
    miss = _miss(position, velocity, mass, burn, target, left, goal, flow_fixed, flow_slope, scale)
    for _ in range(iterations):
        if np.all(np.abs(miss[first:]) <= _TOLERANCE[first:]):
            return burn, miss, True
        jacobian = np.empty((n, n))
        for j in range(n):
            other = burn.copy()
            other[j] += _DELTA[j]
            moved = _miss(position, velocity, mass, other, target, left, goal, flow_fixed, flow_slope, scale)
            jacobian[:, j] = (moved[first:] - miss[first:]) / _DELTA[j]
        if not np.all(np.isfinite(jacobian)) or abs(np.linalg.det(jacobian)) < 1e-12:
            return burn, miss, False
        step = np.linalg.solve(jacobian, -miss[first:])
        burn[:n] += step * min(1.0, 1.0 / np.max(np.abs(step) / _LARGEST[:n]))
        if not 1.0 < burn[TIME] < 3000.0 or burn[THRUST] <= 0.0:
            return burn, miss, False
        miss = _miss(position, velocity, mass, burn, target, left, goal, flow_fixed, flow_slope, scale)
    return burn, miss, bool(np.all(np.abs(miss[first:]) <= _TOLERANCE[first:]))

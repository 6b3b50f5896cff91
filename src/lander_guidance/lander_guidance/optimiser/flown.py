"""Flies a planned descent in the true continuous dynamics with the engine's true limits, open loop."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.rotations import norm
from lander_guidance.optimiser import field, program
from lander_guidance.optimiser.program import Case

_STEPS = 4  # Runge-Kutta steps between two knots

POSITION, VELOCITY, MASS, DEPTH, TILT, FAST = range(6)
"""Figures of a flight: error of position [m], velocity [m/s] and mass [kg] at the end; largest depth below
ground or glide cone [m], tilt above its limit [deg], speed above the limit [m/s]."""


@compiled
def wanted(s: float, step: float, r: np.ndarray, v: np.ndarray, a: np.ndarray, a_next: np.ndarray,
           case: Case) -> np.ndarray:
    """Return thrust per mass, (3,) [m/s^2], `s` of the way through an interval of `step` s."""
    t = s * step
    change = (a_next - a) / step
    position = r + t * (v + t * (a / 2.0 + t / 6.0 * change))
    velocity = v + t * (a + t / 2.0 * change)
    return a + t * change - field.free_fall(position, velocity, case.gravity, case.radius, case.spin)


@compiled
def _rates(state, push, case):
    """Return the time derivative of position, velocity and logarithm of mass, (7,)."""
    out = np.empty(7)
    mass, want = np.exp(state[6]), norm(push)
    thrust = min(max(want * mass, case.thrust_min), case.thrust_max)
    out[:3] = state[3:6]
    out[3:6] = (field.free_fall(state[:3], state[3:6], case.gravity, case.radius, case.spin)
                + thrust / mass / max(want, 1e-12) * push)
    out[6] = -thrust / mass / case.exhaust
    return out


@compiled
def fly(case: Case, times: np.ndarray, position: np.ndarray, velocity: np.ndarray,
        acceleration: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the state at the end, (7,) with the logarithm of mass, and the worst excesses, (6,).

    `times` (n + 1,) [s], the others (n + 1, 3) as planned.
    """
    n = times.size - 1
    state, worst = np.empty(7), np.zeros(6)
    state[:3], state[3:6], state[6] = case.start, case.velocity, case.log_mass
    for k in range(n):
        step = times[k + 1] - times[k]
        h = step / _STEPS
        for i in range(_STEPS):
            push = np.empty((3, 3))
            for j in range(3):
                push[j] = wanted((i + 0.5 * j) / _STEPS, step, position[k], velocity[k], acceleration[k],
                                 acceleration[k + 1], case)
            a = _rates(state, push[0], case)
            b = _rates(state + 0.5 * h * a, push[1], case)
            c = _rates(state + 0.5 * h * b, push[1], case)
            d = _rates(state + h * c, push[2], case)
            state = state + h / 6.0 * (a + 2.0 * b + 2.0 * c + d)
            since = times[k] + (i + 0.5) * h
            if times[n] - since < case.tilt_time:
                limit = program.widest(case, since, times[n] - since)[0]
                cosine = np.dot(field.vertical(state[:3], case.radius), push[1]) / max(norm(push[1]), 1e-12)
                angle = np.arccos(min(max(cosine, -1.0), 1.0))
                worst[TILT] = max(worst[TILT], np.degrees(angle - limit))
            if case.ground and (k < n - 1 or i < _STEPS - 1):
                off = state[:2] - position[n, :2]
                above = field.height(state[:3], case.radius) - field.height(case.target, case.radius)
                worst[DEPTH] = max(worst[DEPTH], case.slope * norm(off) - above)
            if case.speed_limit > 0.0:
                worst[FAST] = max(worst[FAST], norm(state[3:6]) - case.speed_limit)
    worst[POSITION], worst[VELOCITY] = norm(state[:3] - position[n]), norm(state[3:6] - velocity[n])
    return state, worst

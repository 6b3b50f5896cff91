"""A descent as a nonlinear program, solved by CasADi and IPOPT: a second method beside the optimiser.

Nothing here is convex or linear about a reference: direct multiple shooting, classical Runge-Kutta over each
interval, thrust and direction constant in it (Betts, Practical Methods for Optimal Control, 2010, chapter 4).
CasADi is not among the requirements: pip install --target FOLDER --no-deps casadi, FOLDER on PYTHONPATH.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import casadi as ca
import numpy as np

_LENGTH, _SPEED = 1e4, 100.0  # units of the unknowns [m], [m/s]


@dataclass(frozen=True)
class Phase:
    """A part of the descent."""

    intervals: int
    duration: float | None = None  # [s]; None: free
    tilt_deg: float = 180.0  # largest, throughout
    above_m: float = 0.0  # the phase stays at least so high
    last_sink_m_s: float = math.inf  # largest sink rate at its end


@dataclass(frozen=True)
class Descent:
    """What is to be flown, in a frame with z up at the origin of a sphere of `radius`."""

    position: np.ndarray  # (3,) [m]
    velocity: np.ndarray  # (3,) [m/s]
    mass: float  # [kg]
    target: np.ndarray  # (3,) [m]
    target_velocity: np.ndarray  # (3,) [m/s]
    fall: Callable[[ca.SX, ca.SX], ca.SX]  # free fall [m/s^2] of position and velocity
    radius: float  # [m]
    thrust: tuple[float, float]  # [N]
    flow: tuple[float, float]  # propellant flow [kg/s]: the first + the second * thrust
    phases: tuple[Phase, ...]
    slew_deg_s: float = 0.0  # fastest turn; 0: any
    sink: Callable[[ca.SX, ca.SX, ca.SX, ca.SX], ca.SX] | None = None
    """What must not be negative in the last phase, of height [m], sink rate [m/s], mass [kg], tilt cosine."""
    guess_s: float = 500.0
    extra: dict = field(default_factory=dict)  # options of IPOPT


@dataclass(frozen=True)
class Optimum:
    """Arrays over the nodes, thrust over the intervals."""

    success: bool
    status: str
    propellant: float  # [kg]
    time: np.ndarray  # (n + 1,) [s]
    position: np.ndarray  # (n + 1, 3) [m]
    velocity: np.ndarray  # (n + 1, 3) [m/s]
    mass: np.ndarray  # (n + 1,) [kg]
    thrust: np.ndarray  # (n,) [N]
    direction: np.ndarray  # (n, 3)
    tilt_deg: np.ndarray  # (n,)


def solve(d: Descent) -> Optimum:
    """Return the descent of least propellant; a local one, from a guess that knows the ends only."""
    n = sum(p.intervals for p in d.phases)
    x, u, durations = ca.SX.sym('x', 7, n + 1), ca.SX.sym('u', 4, n), ca.SX.sym('t', len(d.phases))
    constraints, lower, upper = [], [], []

    def require(expression, low: float, high: float) -> None:
        constraints.append(expression)
        lower.extend([low] * expression.numel())
        upper.extend([high] * expression.numel())

    centre = ca.DM([0.0, 0.0, d.radius])

    def sink_of(k: int):
        out = x[:3, k] * _LENGTH + centre
        return -ca.dot(x[3:6, k], out) / ca.norm_2(out) * _SPEED

    step_of = _step(d)
    k, lengths, tilts = 0, [], []
    for i, phase in enumerate(d.phases):
        for _ in range(phase.intervals):
            h = durations[i] * 100.0 / phase.intervals
            lengths.append(h)
            require(x[:, k + 1] - step_of(x[:, k], u[:, k], h), 0.0, 0.0)
            require(ca.dot(u[1:, k], u[1:, k]), 1.0, 1.0)
            middle = 0.5 * (x[:3, k] + x[:3, k + 1]) * _LENGTH + centre
            cosine = ca.dot(u[1:, k], middle) / ca.norm_2(middle)
            tilts.append(cosine)
            if phase.tilt_deg < 180.0:
                require(cosine, math.cos(math.radians(phase.tilt_deg)), 2.0)
            k += 1
            if k < n:
                height = ca.norm_2(x[:3, k] * _LENGTH + centre) - d.radius - d.target[2]
                require(height / _LENGTH, phase.above_m / _LENGTH, math.inf)
            if d.slew_deg_s > 0.0 and k > 1:
                turn = u[1:, k - 1] - u[1:, k - 2]
                most = math.radians(d.slew_deg_s) * 0.5 * (lengths[-1] + lengths[-2])
                require(ca.dot(turn, turn) - most**2, -math.inf, 0.0)
            if d.sink is not None and i == len(d.phases) - 1 and k < n:
                require(d.sink(height, sink_of(k), x[6, k] * d.mass, cosine) / 100.0, 0.0, math.inf)
        if phase.last_sink_m_s < math.inf:
            require(sink_of(k) / _SPEED, -math.inf, phase.last_sink_m_s / _SPEED)

    low, high, start = _bounds(d, n)
    z = ca.vertcat(ca.vec(x), ca.vec(u), durations)
    program = {'x': z, 'f': -x[6, n], 'g': ca.vertcat(*constraints)}
    options = {'print_time': False, 'ipopt': {'print_level': 0, 'sb': 'yes', 'max_iter': 2000, 'tol': 1e-9,
                                              **d.extra}}
    solver = ca.nlpsol('descent', 'ipopt', program, options)
    answer = solver(x0=start, lbx=low, ubx=high, lbg=lower, ubg=upper)
    evaluate = ca.Function('e', [z], [x, u, ca.vertcat(*lengths), ca.vertcat(*tilts)])
    xs, us, steps, cosines = (np.array(v) for v in evaluate(answer['x']))
    stats = solver.stats()
    return Optimum(stats['success'], stats['return_status'], d.mass * (1.0 - float(xs[6, -1])),
                   np.concatenate([[0.0], np.cumsum(steps[:, 0])]), _LENGTH * xs[:3].T, _SPEED * xs[3:6].T,
                   d.mass * xs[6], d.thrust[1] * us[0], us[1:].T,
                   np.degrees(np.arccos(np.clip(cosines[:, 0], -1.0, 1.0))))


def _step(d: Descent) -> ca.Function:
    """Return the Runge-Kutta step of one interval, in the units of the unknowns."""
    x, u, h = ca.SX.sym('x', 7), ca.SX.sym('u', 4), ca.SX.sym('h')
    force = u[0] * d.thrust[1]
    flow = d.flow[0] + d.flow[1] * force

    def rate(y):
        pull = d.fall(y[:3] * _LENGTH, y[3:6] * _SPEED)
        return ca.vertcat(y[3:6] * _SPEED / _LENGTH, (pull + force / (y[6] * d.mass) * u[1:]) / _SPEED,
                          -flow / d.mass)

    a = rate(x)
    b = rate(x + 0.5 * h * a)
    c = rate(x + 0.5 * h * b)
    e = rate(x + h * c)
    return ca.Function('step', [x, u, h], [x + h / 6.0 * (a + 2.0 * b + 2.0 * c + e)])


def _bounds(d: Descent, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return bounds of the unknowns and a first guess: the cubic between the ends, at constant thrust."""
    first = np.concatenate([d.position / _LENGTH, d.velocity / _SPEED, [1.0]])
    last = np.concatenate([d.target / _LENGTH, d.target_velocity / _SPEED])
    fixed = sum(p.duration or 0.0 for p in d.phases)
    free = sum(p.duration is None for p in d.phases)
    times = [(p.duration or (d.guess_s - fixed) / free) / 100.0 for p in d.phases]
    steps = np.concatenate([np.full(p.intervals, t / p.intervals) for p, t in zip(d.phases, times)])
    s = np.concatenate([[0.0], np.cumsum(steps)])
    total, s = 100.0 * s[-1], s / s[-1]
    way, v0, v1 = d.target - d.position, d.velocity * total, d.target_velocity * total
    a, b = 3.0 * way - 2.0 * v0 - v1, v0 + v1 - 2.0 * way
    t = s[:, None]
    position, velocity = d.position + t * (v0 + t * (a + t * b)), (v0 + t * (2.0 * a + 3.0 * t * b)) / total
    mass = 1.0 - 0.8 * (d.flow[0] + d.flow[1] * d.thrust[1]) * total * s / d.mass
    push = (2.0 * a + 6.0 * t * b) / total**2 + [0.0, 0.0, 1.6]
    guess_x = np.vstack([position.T / _LENGTH, velocity.T / _SPEED, np.maximum(mass, 0.3)])
    direction = push[:-1] / np.linalg.norm(push[:-1], axis=1)[:, None]
    guess_u = np.vstack([np.full(n, 0.8), direction.T])
    low_x, high_x = np.full((7, n + 1), -np.inf), np.full((7, n + 1), np.inf)
    low_x[6], high_x[6] = 0.2, 1.0
    low_x[:, 0] = high_x[:, 0] = first
    low_x[:6, n] = high_x[:6, n] = last
    low_u, high_u = np.full((4, n), -1.1), np.full((4, n), 1.1)
    low_u[0], high_u[0] = d.thrust[0] / d.thrust[1], 1.0
    low_t = [(p.duration or 1.0) / 100.0 for p in d.phases]
    high_t = [(p.duration or 2000.0) / 100.0 for p in d.phases]

    def flat(xs, us, ts):
        return np.concatenate([xs.ravel(order='F'), us.ravel(order='F'), ts])

    return flat(low_x, low_u, low_t), flat(high_x, high_u, high_t), flat(guess_x, guess_u, times)


def round_body(gm: float, radius: float, spin: np.ndarray) -> Callable[[ca.SX, ca.SX], ca.SX]:
    """Return free fall over a sphere that may turn; the origin lies `radius` [m] above its centre."""
    centre, omega = ca.DM([0.0, 0.0, radius]), ca.DM(spin)

    def fall(r, v):
        out = r + centre
        turning = ca.cross(omega, ca.cross(omega, out)) + 2.0 * ca.cross(omega, v)
        return -gm * out / ca.norm_2(out) ** 3 - turning
    return fall

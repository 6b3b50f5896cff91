"""Solves the program of one flight time with Clarabel and reads the trajectory out of the answer."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import clarabel
import numpy as np

from lander_guidance.optimiser import program, spline
from lander_guidance.optimiser.problem import DescentProblem
from lander_guidance.optimiser.program import Case

_NUDGE = 1e-5  # relative change of the flight time for the slope of the cost
_GOOD = (clarabel.SolverStatus.Solved, clarabel.SolverStatus.AlmostSolved)


class _Matrix(NamedTuple):
    data: list[float]
    indices: list[int]
    indptr: list[int]
    shape: tuple[int, int]
    has_canonical_format: bool = True


@dataclass(frozen=True)
class Grid:
    """Knots of a flight time: n intervals; thrust is turned at the first `early` and the last `upright`."""

    intervals: int
    late: int
    early: int
    upright: int
    tilt_time: float

    def times(self, time: float) -> np.ndarray:
        """Return the (n + 1,) knots as shares of the flight time `time` [s]."""
        return spline.knots(self.intervals, self.late, self.tilt_time / time if self.late else 0.0)


def grid(problem: DescentProblem, intervals: int, time: float) -> Grid:
    """Lay a grid for flight times near `time` [s]."""
    p, late, tilt_time = problem, 0, 0.0
    if p.tilt_limit_deg < 180.0 and 0.0 < p.tilt_time_s < 0.99 * time:
        late, tilt_time = min(max(round(intervals * p.tilt_time_s / time), 1), intervals - 1), p.tilt_time_s
    times = spline.knots(intervals, late, tilt_time / time)
    early, upright = program.turned(case_of(p, np.zeros(6)), time, times)
    return Grid(intervals, late, early, upright, tilt_time)


@dataclass(frozen=True)
class Solution:
    """Answer of one program; arrays over the n + 1 knots, frame map."""

    time: float
    """Flight time [s]."""
    times: np.ndarray
    """(n + 1,) knots, shares of the flight time."""
    position: np.ndarray
    """(n + 1, 3) [m]."""
    velocity: np.ndarray
    """(n + 1, 3) [m/s]."""
    acceleration: np.ndarray
    """(n + 1, 3) [m/s^2], of thrust and free fall."""
    log_mass: np.ndarray
    """(n + 1,) logarithm of the mass in kg."""
    slacks: np.ndarray
    """(6,) what is out of reach (program.MISS ...) [m], [m/s]; propellant as velocity."""
    cost: float
    """Velocity used and weighted slacks [m/s]."""
    slope: float
    """Change of the cost with the flight time [m/s^2]."""
    mass_change: float
    """Largest change of the logarithm of mass from the reference [-]."""
    path_change: float
    """Largest change of position from the reference [m], where gravity depends on it."""
    iterations: int


def case_of(problem: DescentProblem, weights: np.ndarray, beside: bool = False) -> Case:
    """Return a problem as the kernels take it; `beside`: the glide cone goes with the landing point."""
    p = problem
    vectors = (np.array(v) for v in (p.position_m, p.velocity_m_s, p.target_position_m,
                                     p.target_velocity_m_s, p.spin_rad_s))
    return Case(*vectors, p.gravity_m_s2, p.radius_m, p.exhaust_velocity_m_s, math.log(p.mass_kg),
                math.log(p.dry_mass_kg), p.thrust_min_n, p.thrust_max_n, p.ground, p.clearance_m,
                p.clearance_time_s, p.glide_slope, beside,
                math.radians(p.tilt_limit_deg), p.tilt_time_s, _unit(p.thrust_axis),
                math.radians(p.slew_deg_s), p.speed_limit_m_s, weights)


def solve(case: Case, time: float, mesh: Grid, path: np.ndarray, log_mass: np.ndarray) -> Solution | None:
    """Find the best descent of `time` s about a reference (program.fill); None if the solver fails."""
    n = mesh.intervals
    offset = case.start - case.target
    length = max(math.sqrt(offset @ offset), 0.02 * case.gravity * time**2, 1.0)

    def data(at: float):
        return program.fill(case, at, length, mesh.times(at), mesh.early, mesh.upright, path, log_mass)

    q, b, row_of, column_of, entry = data(time)
    cones = program.sizes(case, n, mesh.early, mesh.upright)
    entries, rows, begin = program.compressed(b.size, q.size, row_of, column_of, entry)
    matrix = _Matrix(entries.tolist(), rows.tolist(), begin.tolist(), (b.size, q.size))
    nothing = _Matrix([], [], [0] * (q.size + 1), (q.size, q.size))
    kinds = ([clarabel.ZeroConeT(cones.zero), clarabel.NonnegativeConeT(cones.positive)]
             + [clarabel.SecondOrderConeT(3)] * cones.threes + [clarabel.SecondOrderConeT(4)] * cones.fours)
    answer = clarabel.DefaultSolver(nothing, q.tolist(), matrix, b.tolist(), kinds, _settings()).solve()
    if answer.status not in _GOOD:
        return None
    x, dual = np.array(answer.x), np.array(answer.z)

    def value(at: float) -> float:
        return length / at * program.lagrangian(*data(at), x, dual)

    step = _NUDGE * time
    slope = (value(time + step) - value(time - step)) / (2.0 * step)
    times = mesh.times(time)
    basis = spline.basis(times)
    path_of, used_of = x[:3 * (n + 3)].reshape(-1, 3), x[3 * (n + 3):-6].reshape(-1, 1)
    position, velocity, acceleration = (spline.at_knots(w, path_of) for w in basis[:3])
    speed = length / time
    position = case.target + length * position
    log = case.log_mass - speed / case.exhaust * spline.at_knots(basis[3], used_of)[:, 0]
    return Solution(
        time, times, position, speed * velocity, speed / time * acceleration, log,
        np.maximum(x[-6:], 0.0) * np.array([length, length, speed, speed, length, speed]),
        speed * float(q @ x), slope, float(np.abs(log - log_mass).max()),
        float(np.abs(position - path).max()) if case.radius > 0.0 else 0.0, answer.iterations)


def _unit(v: list[float]) -> np.ndarray:
    return np.array(v) / max(math.hypot(*v), 1e-9)


def _settings() -> clarabel.DefaultSettings:
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    return settings

"""One call of the optimiser: cone programs, each about the trajectory of the one before."""

from typing import NamedTuple

import numpy as np

from lander_guidance.optimiser import conic, program, reference
from lander_guidance.optimiser.conic import Solution
from lander_guidance.optimiser.problem import DescentProblem
from lander_guidance.optimiser.search import search
from lander_guidance.optimiser.trajectory import Trajectory

LIGHT = np.array([1.0, 10.0, 100.0, 100.0, 10.0, 100.0])
"""What a slack (program.MISS ...) costs in velocity: [1/s] for lengths, [-] for velocities."""

HEAVY = 50.0 * LIGHT
NEAREST = np.array([1.0, 500.0, 5000.0, 5000.0, 500.0, 5000.0])
"""The landing error gives way before anything else does."""

_NONE = 0.02  # [m], [m/s] slack that counts as none
_MASS_CHANGE = 0.02  # of the logarithm of mass; its square is twice the error of the linear thrust bounds
_PATH_CHANGE = 50.0  # [m]; gravity of the sphere is linear about the path to 1e-8 m/s^2 then
_PASSES = 12
_STEP, _SMALL_STEP = 0.04, 0.005  # of the flight time, to begin the search with
_SWEEP = 24


class _Reference(NamedTuple):
    times: np.ndarray
    position: np.ndarray
    log_mass: np.ndarray


class Descent:
    """Solves one problem for any flight time and keeps the reference between the programs."""

    def __init__(self, problem: DescentProblem, intervals: int, last: Trajectory | None = None) -> None:
        """Take `intervals` between knots; the first program is about `last`, if there is one."""
        self.problem, self.intervals = problem, intervals
        self.weights = LIGHT
        self.programs = 0
        self._step = _STEP if last is None else _SMALL_STEP
        self._last: _Reference | None = None
        if last is not None:
            self._last = _Reference(last.time_s / last.flight_time_s, last.position_m, np.log(last.mass_kg))

    def solve(self, time: float) -> Solution | None:
        """Solve the program of a flight time [s] once; None if the solver fails."""
        case = conic.case_of(self.problem, self.weights, self.weights is NEAREST)
        mesh = conic.grid(self.problem, self.intervals, time)
        times = mesh.times(time)
        for old in (self._last, None):
            path, log_mass = _reference(case, time, times, old)
            self.programs += 1
            solution = conic.solve(case, time, mesh, path, log_mass)
            self._last = solution and _Reference(solution.times, solution.position, solution.log_mass)
            if solution is not None:
                break
        return solution

    def settle(self, time: float) -> Solution | None:
        """Solve a flight time [s] until the reference hardly changes any more; None if that fails."""
        for _ in range(_PASSES):
            if (s := self.solve(time)) is None or settled(s):
                return s
        return None

    def best(self, weights: np.ndarray, low: float, high: float,
             near: float | None = None) -> Solution | None:
        """Return the best solution of flight times from `low` to `high` [s]; `near`: where to begin."""
        self.weights = weights
        best = search(self.solve, near or self._start(low, high), low, high, better, self._step)
        if best is None or settled(best):
            return best
        return self.settle(best.time) or best

    def sweep(self, low: float, high: float) -> float:
        """Return the flight time of least cost among a few over the whole range [s]."""
        solutions = [s for t in np.geomspace(low, high, _SWEEP) if (s := self.solve(float(t))) is not None]
        return min(solutions, key=lambda s: s.cost).time if solutions else low

    def _start(self, low: float, high: float) -> float:
        case, shares = conic.case_of(self.problem, self.weights), np.linspace(0.0, 1.0, 25)
        return min((float(t) for t in np.geomspace(low, high, 48)),
                   key=lambda t: reference.guess(case, t, shares)[2])


def settled(s: Solution) -> bool:
    """Return whether the reference was near enough."""
    return s.mass_change < _MASS_CHANGE and s.path_change < _PATH_CHANGE


def reached(s: Solution) -> bool:
    """Return whether nothing is out of reach."""
    return bool(s.slacks.max() < _NONE)


def lands(s: Solution) -> bool:
    """Return whether nothing but the target is out of reach."""
    return bool(s.slacks[program.MISS + 1:].max() < _NONE)


def better(a: Solution, b: Solution) -> bool:
    """Return whether `a` reaches what `b` does not, or costs less."""
    return (reached(a), lands(a), -a.cost) > (reached(b), lands(b), -b.cost)


def _reference(case: program.Case, time: float, times: np.ndarray,
               old: _Reference | None) -> tuple[np.ndarray, np.ndarray]:
    if old is None:
        return reference.guess(case, time, times)[:2]
    path = np.stack([np.interp(times, old.times, old.position[:, i]) for i in range(3)], axis=1)
    return path, np.interp(times, old.times, old.log_mass)

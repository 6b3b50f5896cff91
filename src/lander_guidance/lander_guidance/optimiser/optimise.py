"""The optimiser: least propellant to the target, or the landing point nearest to it."""

import math

import numpy as np

from lander_common.parameters import ParameterError
from lander_guidance.optimiser import conic, descent, field, flown
from lander_guidance.optimiser.conic import Solution
from lander_guidance.optimiser.descent import Descent
from lander_guidance.optimiser.problem import DescentProblem
from lander_guidance.optimiser.trajectory import Check, NoTrajectoryError, Trajectory

_LACKS = ('landing error [m]', 'height at the end [m]', 'velocity at the end [m/s]', 'propellant [m/s]',
          'depth below ground or glide cone [m]', 'speed above the limit [m/s]')
_ALLOWED = Check(position_m=5.0, velocity_m_s=0.3, mass_kg=math.inf, depth_m=5.0, tilt_deg=2.0, speed_m_s=1.0)
_FLAT = 0.1  # [m/s^2] slope of the cost over flight time that is not worth a search
_REFINE = 2  # times the intervals are doubled for a plan that fails its check


def optimise(problem: DescentProblem, flight_time_s: float | None = None, intervals: int = 50,
             nearest: bool = False, guess_s: float | None = None,
             last: Trajectory | None = None) -> Trajectory:
    """Return the descent that uses least propellant, at the best flight time unless one is given.

    The plan is flown in the true dynamics before it is returned; `check` says how well that went.

    Args:
        problem: the descent.
        flight_time_s: fixed time from start to landing [s]; None: found.
        intervals: between the knots, 5 to 1000.
        nearest: when the target is out of reach, land as near to it as possible instead.
        guess_s: flight time where the search begins [s].
        last: what is left of the last plan (`Trajectory.after`); its flight time is kept unless another one
            is worth while. Solves about one program then, but the answer depends a little on `last`.

    Raises:
        ParameterError: an argument is out of its range.
        NoTrajectoryError: a limit cannot be kept, or the plan fails its check; says which.
    """
    if type(intervals) is not int or not 5 <= intervals <= 1000:
        raise ParameterError('intervals', intervals, 'a whole number from 5 to 1000')
    for name, time in (('flight_time_s', flight_time_s), ('guess_s', guess_s)):
        if time is not None and not 0.1 <= time <= 1e4:
            raise ParameterError(name, time, 'a number from 0.1 to 10000 [s], or None')
    if not nearest:
        _check_start(problem)
    programs, near = 0, guess_s or (last and last.flight_time_s)
    for n in (intervals * 2**i for i in range(_REFINE + 1)):
        solver = Descent(problem, n, last)
        solution = _kept(solver, near) if last is not None and flight_time_s is None else None
        solution = solution or _find(solver, flight_time_s, near, nearest, last is None)
        near = solution.time
        trajectory = _trajectory(problem, solution, n, programs := programs + solver.programs)
        if not (failed := _failed(trajectory.check)):
            return trajectory
    raise NoTrajectoryError(f'the plan fails its check in the true dynamics: {failed}', solution.time, {})


def flight_times(problem: DescentProblem) -> tuple[float, float]:
    """Return bounds of the flight time from thrust and propellant alone [s]."""
    p = problem
    change = math.dist(p.velocity_m_s, p.target_velocity_m_s)
    way, speed = math.dist(p.position_m, p.target_position_m), math.hypot(*p.velocity_m_s)
    most = p.thrust_max_n / p.dry_mass_kg + p.gravity_m_s2
    velocity = p.exhaust_velocity_m_s * math.log(p.mass_kg / p.dry_mass_kg)
    low = max(change / most, (math.sqrt(speed**2 + 2.0 * most * way) - speed) / most, 0.1)
    high = 1e4
    if p.thrust_min_n > 0.0:
        high = min(high, (p.mass_kg - p.dry_mass_kg) * p.exhaust_velocity_m_s / p.thrust_min_n)
    if p.gravity_m_s2 > 0.0 and not p.curved:
        high = min(high, (velocity + change) / p.gravity_m_s2)
    return low, max(high, 1.01 * low)


def _kept(solver: Descent, time: float) -> Solution | None:
    """Return the solution of flight time `time` [s] if no other one is worth a search."""
    low, high = flight_times(solver.problem)
    s = solver.settle(time) if low <= time <= high else None
    return s if s is not None and descent.reached(s) and abs(s.slope) < _FLAT else None


def _find(solver: Descent, time: float | None, near: float | None, nearest: bool,
          sweep: bool) -> Solution:
    """Return a solution that lands, if need be beside the target when `nearest`.

    `near` is a time to begin with; with `sweep` the whole range of times is tried if need be.
    """
    low, high = flight_times(solver.problem) if time is None else (time, time)
    best = solver.best(descent.LIGHT, low, high, near)
    if best is None or not descent.reached(best):
        best = solver.best(descent.HEAVY, low, high, best.time if best else None)
    if sweep and time is None and (best is None or not descent.reached(best)):
        best = solver.best(descent.HEAVY, low, high, solver.sweep(low, high))
    if nearest and best is not None and not descent.reached(best):
        best = solver.best(descent.NEAREST, low, high, best.time)
    if best is None:
        raise NoTrajectoryError('the solver fails on this problem', low, {})
    if descent.reached(best) or (nearest and descent.lands(best)):
        return best
    lacks = {_LACKS[i]: round(float(s), 2) for i, s in enumerate(best.slacks) if s >= 0.005}
    text = ', '.join(f'{name} {lack:g}' for name, lack in lacks.items())
    raise NoTrajectoryError(f'out of reach; nearest at a flight time of {best.time:.1f} s: {text}', best.time,
                            lacks)


def _trajectory(problem: DescentProblem, s: Solution, intervals: int, programs: int) -> Trajectory:
    case = conic.case_of(problem, descent.LIGHT)
    times, mass = s.time * s.times, np.exp(s.log_mass)
    state, worst = flown.fly(case, times, s.position, s.velocity, s.acceleration)
    fall = np.array([field.free_fall(r, v, case.gravity, case.radius, case.spin)
                     for r, v in zip(s.position, s.velocity)])
    return Trajectory(
        times, s.position, s.velocity, s.acceleration, mass[:, None] * (s.acceleration - fall), mass,
        problem.mass_kg - float(mass[-1]), math.dist(s.position[-1, :2], case.target[:2]),
        Check(float(worst[flown.POSITION]), float(worst[flown.VELOCITY]),
              math.exp(state[6]) - float(mass[-1]), float(worst[flown.DEPTH]), float(worst[flown.TILT]),
              float(worst[flown.FAST])), programs)


def _check_start(p: DescentProblem) -> None:
    target, start = (field.height(np.array(r), p.radius_m) for r in (p.target_position_m, p.position_m))
    depth = p.glide_slope * math.dist(p.position_m[:2], p.target_position_m[:2]) + target - start
    if p.ground and depth > _ALLOWED.depth_m:
        raise NoTrajectoryError(f'the start lies {depth:.1f} m below the ground or the glide cone', math.nan,
                                {_LACKS[4]: depth})
    excess = math.hypot(*p.velocity_m_s) - p.speed_limit_m_s
    if p.speed_limit_m_s > 0.0 and excess > _ALLOWED.speed_m_s:
        raise NoTrajectoryError(f'the start is {excess:.1f} m/s faster than the limit', math.nan,
                                {_LACKS[5]: excess})


def _failed(check: Check) -> str:
    return ', '.join(f'{name} {value:.2f} (allowed {limit:g})' for name, limit in vars(_ALLOWED).items()
                     if not (value := getattr(check, name)) <= limit)

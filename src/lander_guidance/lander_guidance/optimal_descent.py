"""Closed-loop descent of least propellant: a plan, solved again every few seconds, and what tracks it."""

import math
from dataclasses import dataclass, replace

import numpy as np

from lander_common.parameters import Parameters, parameter
from lander_common.rotations import cross
from lander_guidance.engine_estimate import EngineEstimate
from lander_guidance.optimiser import DescentProblem, NoTrajectoryError, Trajectory, field, optimise

_LOOSE, _HURRY = 0.1, 4.0  # natural frequency of tracking far from the end [rad/s]; near it, over time to go
_SURE = 40.0  # [s] to go, from where on every plan takes the engine as measured
_CLOSE = 15.0  # [s] to go, where every plan starts from the sample
_BESIDE = 1.0  # [m] landing error that is worth a word
_SOON = 1.0  # [s] after the last one
_WORSE = 0.998  # of the mass at the end that was promised: a plan with less wants for thrust


@dataclass(frozen=True)
class DescentOptions(Parameters):
    """How often to plan, and what to keep back for tracking."""

    replan_period_s: float = parameter(
        3.0, unit='s', minimum=0.1, maximum=100, doc='Between two plans, at least')
    replan_share: float = parameter(
        0.03, minimum=0.0, maximum=0.5, doc='Between two plans, of the time to go, at least')
    freeze_s: float = parameter(
        3.0, unit='s', minimum=0.1, maximum=100, doc='Before the end the last plan is only tracked')
    intervals: int = parameter(60, minimum=5, maximum=1000, doc='Between the knots of a plan')
    thrust_share: float = parameter(
        0.98, minimum=0.5, maximum=1.0, doc='Of the highest thrust that a plan uses; tracking has the rest')
    tracking_rad_s: float = parameter(
        0.6, unit='rad/s', minimum=0.01, maximum=10, doc='Highest natural frequency of tracking')
    learn_share: float = parameter(
        0.005, minimum=0.0, maximum=0.5, doc='Change of the measured engine that asks for a new plan')
    near_m: float = parameter(
        5.0, unit='m', minimum=0, maximum=1e3, doc='Nearer than this to the plan the next one starts from it')
    near_m_s: float = parameter(
        0.3, unit='m/s', minimum=0, maximum=100, doc='The same for velocity')


@dataclass(frozen=True)
class DescentReport:
    """What the guidance law knows at its last step."""

    time: float  # [s]
    solved: bool  # the last attempt to plan gave a plan
    reason: str  # how the plan in use came about, or why the last attempt failed
    time_to_go: float  # [s] by the plan in use
    propellant: float  # [kg] that it will use until then
    landing_error: float  # [m] from the target, planned
    plans: int  # solved so far
    failures: int  # attempts without a plan
    programs: int  # cone programs solved so far
    thrust_scale: float  # measured over commanded thrust
    exhaust_velocity: float  # [m/s]


class OptimalDescent:
    """Flies a descent problem to its end.

    The problem gives vehicle, target, ground and limits; where the lander is, is told at every step. A target
    velocity of zero ends in a hover over the target: a lander needs a small sink rate there to touch down.
    The same calls give the same thrust.
    """

    def __init__(self, problem: DescentProblem, options: DescentOptions | None = None) -> None:
        """Prepare to fly `problem`; its start is that of the first step instead."""
        self._problem, self._options = problem, options or DescentOptions()
        self._spin = np.array(problem.spin_rad_s)
        self._target = np.array(problem.target_position_m), np.array(problem.target_velocity_m_s)
        self._engine = EngineEstimate(problem.exhaust_velocity_m_s)
        self._plan: Trajectory | None = None
        self._began, self._scale, self._exhaust = 0.0, 1.0, problem.exhaust_velocity_m_s
        self._next = self._soonest = -math.inf
        self._promised = 0.0  # [kg] mass at the end, by the first plan with this engine
        self._time, self._dt = math.nan, 0.0
        axis = np.array(problem.thrust_axis)
        self._axis = axis / math.sqrt(axis @ axis) if axis.any() else None
        self._solved, self._reason = False, 'no sample yet'
        self._plans = self._failures = self._programs = 0

    def step(self, time: float, position: np.ndarray, velocity: np.ndarray, mass: float) -> np.ndarray:
        """Return the thrust to be commanded until the next step, (3,) [N] map.

        Args:
            time: of the sample [s].
            position: (3,) [m] map.
            velocity: (3,) [m/s] map.
            mass: [kg].
        """
        p = self._problem
        self._dt = 0.0 if math.isnan(self._time) else time - self._time
        self._time = time
        fall = field.free_fall(position, velocity, p.gravity_m_s2, p.radius_m, self._spin)
        self._engine.add(time, velocity, fall, mass)
        self._replan(time, position, velocity, mass)
        up = field.vertical(position, p.radius_m)
        push = self._wanted(time, position, velocity) - fall
        thrust = self._limited(push * (mass / self._scale), up, self._to_go(time))
        self._engine.command(thrust)
        return thrust

    def status(self) -> DescentReport:
        """Return what is known of the descent at the last step."""
        plan, to_go = self._plan, self._to_go(self._time)
        used = error = math.nan
        if plan is not None:
            used = float(np.interp(plan.flight_time_s - to_go, plan.time_s, plan.mass_kg) - plan.mass_kg[-1])
            error = plan.landing_error_m
        return DescentReport(self._time, self._solved, self._reason, to_go, used, error, self._plans,
                             self._failures, self._programs, self._engine.scale,
                             self._engine.exhaust_velocity)

    def _to_go(self, time: float) -> float:
        return math.nan if self._plan is None else self._began + self._plan.flight_time_s - time

    def _replan(self, time: float, position: np.ndarray, velocity: np.ndarray, mass: float) -> None:
        o, to_go = self._options, self._to_go(time)
        scale, exhaust = self._engine.scale, self._engine.exhaust_velocity
        change = max(abs(scale / self._scale - 1.0), abs(exhaust / self._exhaust - 1.0))
        learnt = change > o.learn_share
        if to_go < o.freeze_s or time < (self._soonest if learnt else self._next):
            return
        rest = None
        if self._plan is not None:
            rest = self._plan.after(time - self._began)
            there, then = rest.position_m[0], rest.velocity_m_s[0]
            if to_go > _CLOSE and _within(o, position - there, velocity - then):
                # Plans that start from noise would fly each surplus off at once, and never get it back.
                position, velocity = there, then
        if learnt:
            self._promised = 0.0
        if learnt or to_go < _SURE:
            self._scale, self._exhaust = scale, exhaust
        self._solved, self._reason = self._solve(self._from_here(position, velocity, mass), time, rest)
        if self._plan is None:
            raise NoTrajectoryError(self._reason, math.nan, {})
        self._plans, self._failures = self._plans + self._solved, self._failures + (not self._solved)
        self._soonest = time + _SOON
        self._next = time + max(o.replan_period_s, o.replan_share * self._to_go(time))

    def _solve(self, problem: DescentProblem, time: float, rest: Trajectory | None) -> tuple[bool, str]:
        """Plan anew about `rest` of the last plan; return whether that worked, and how or why not.

        What is kept of the thrust for tracking goes into the plan where it would not land without, or use
        more than was promised: a surplus is flown off at once, as the optimum coasts first, a shortfall
        stays. A target that is out of reach even so is missed by as little as possible.
        """
        best, how, why = None, '', ''
        for share, nearest in ((self._options.thrust_share, False), (1.0, True)):
            limit = share * problem.thrust_max_n
            try:
                plan = optimise(replace(problem, thrust_max_n=limit), None, self._options.intervals, nearest,
                                last=rest)
            except NoTrajectoryError as error:
                why = str(error)
                continue
            self._programs += plan.programs
            if best is None or _cost(plan) < _cost(best):
                best, how = plan, f'plan with {100.0 * share:.1f} % of the thrust'
            if plan.mass_kg[-1] > _WORSE * self._promised:
                break
        if best is None:
            return False, f'{time:.1f} s: {why}; the last plan is tracked'
        self._plan, self._began = best, time
        self._promised = self._promised or float(best.mass_kg[-1])
        beside = f', {best.landing_error_m:.0f} m beside the target' if best.landing_error_m > _BESIDE else ''
        return True, f'{time:.1f} s: {how}{beside}'

    def _from_here(self, position: np.ndarray, velocity: np.ndarray, mass: float) -> DescentProblem:
        """Return the problem that is left, with the engine as it was measured."""
        p, scale = self._problem, self._scale
        glide, ground = p.glide_angle_deg, p.ground
        above = field.height(position, p.radius_m) - field.height(self._target[0], p.radius_m)
        away = math.dist(position[:2], self._target[0][:2])
        if above <= 0.0:
            glide, ground = 0.0, False
        elif above < away * p.glide_slope:
            glide = math.degrees(math.atan2(above, away))
        return replace(
            p, position_m=position, velocity_m_s=velocity, mass_kg=mass, glide_angle_deg=glide, ground=ground,
            thrust_min_n=scale * p.thrust_min_n, thrust_max_n=scale * p.thrust_max_n,
            exhaust_velocity_m_s=self._exhaust,
            thrust_axis=[0.0, 0.0, 0.0] if self._axis is None else self._axis)

    def _wanted(self, time: float, position: np.ndarray, velocity: np.ndarray) -> np.ndarray:
        """Return the acceleration that keeps to the plan, (3,) [m/s^2], in the middle of the coming step."""
        since, end = time - self._began, self._plan.flight_time_s
        r, v, a = self._plan.at(since)
        if since + 0.5 * self._dt < end:
            a = self._plan.at(since + 0.5 * self._dt)[2]
        if since > end:
            r, a = r + (since - end) * v, np.zeros(3)
        w = max(_LOOSE, _HURRY / max(end - since, 1e-3))
        w = min(w, self._options.tracking_rad_s)
        return a + w * w * (r - position) + 2.0 * w * (v - velocity)

    def _limited(self, wanted: np.ndarray, up: np.ndarray, to_go: float) -> np.ndarray:
        """Return the thrust nearest to `wanted`, (3,) [N], that keeps the limits of turn, tilt and thrust."""
        p = self._problem
        axis = wanted / max(math.sqrt(wanted @ wanted), 1e-9)
        if to_go <= p.tilt_time_s:
            axis = _towards(up, axis, math.radians(p.tilt_limit_deg))
        if self._axis is not None and p.slew_deg_s > 0.0:
            axis = _towards(self._axis, axis, math.radians(p.slew_deg_s) * self._dt)
        self._axis = axis
        return min(max(float(wanted @ axis), p.thrust_min_n), p.thrust_max_n) * axis


def _within(o: DescentOptions, off: np.ndarray, wrong: np.ndarray) -> bool:
    return math.hypot(*off) < o.near_m and math.hypot(*wrong) < o.near_m_s


def _cost(plan: Trajectory) -> tuple[bool, float]:
    return plan.landing_error_m > _BESIDE, plan.propellant_kg


def _towards(axis: np.ndarray, other: np.ndarray, angle: float) -> np.ndarray:
    """Return `other`, or what is nearest to it within `angle` [rad] of `axis`; unit vectors."""
    side = cross(cross(axis, other), axis)
    sine = math.sqrt(side @ side)
    if math.atan2(sine, float(axis @ other)) <= angle or sine < 1e-12:
        return other
    return math.cos(angle) * axis + math.sin(angle) / sine * side

"""Coast and braking: a predicted burn that ends at the gate before the site, solved again and again."""

import math

import numpy as np

from lander_common import constants
from lander_common.compiled import compiled
from lander_common.vectors import cross, dot, length, limited, put, scale, unit
from lander_guidance.demand import demand
from lander_guidance.predictor import (
    LEFT_NOW,
    PROBLEM,
    RANGE,
    THRUST,
    TIME,
    UP_NOW,
    solve,
    steering,
)
from lander_guidance.propulsion import exhaust_velocity, flow

_FREEZE = 8.0  # [s] before the end the burn is solved no more: it becomes too sensitive
_VIEW = math.radians(60.0)  # from so far before the target the burn is predicted in coast
_NEARER = 0.25  # of the time to ignition may pass until the burn is predicted again
_SELDOM = 0.02  # of the time to the end of the burn may pass until it is solved again
_OTHER_THRUST = 0.02  # [-] unless the thrust has changed by more
_ITERATIONS = 8

BRAKING = np.dtype([
    ('known', np.int64),  # 0: there is no burn yet
    ('burn', float, 6),  # as solved last
    ('left', float, 3),  # unit vector in moon: the normal of the track through the target
    ('solved_at', float), ('next', float),  # [s]
    ('range_past', float),  # [m] where a burn at planned thrust that starts now would end, past the gate
    ('expected_time', float), ('expected_range', float),  # [s], [m] of the burn, before it is predicted
    ('missed', float),  # [m] where the burn will end, past the gate, if the target is out of reach
    ('problem', PROBLEM),
])


@compiled
def expect(gd: np.void, perilune: float, apolune: float) -> float:
    """Return the angle [rad] from a start of braking at radius `perilune` [m] to the target."""
    b, problem = gd.braking, gd.braking.problem
    speed = math.sqrt(2.0 * constants.MOON_GM * apolune / (perilune * (perilune + apolune)))
    put(problem.position, (perilune, 0.0, 0.0))
    put(problem.velocity, (0.0, speed, 0.0))
    put(problem.target, (1.0, 0.0, 0.0))
    put(problem.left, (0.0, 0.0, 1.0))
    problem.mass, problem.scale = gd.mass, 1.0
    _guess(gd, speed)
    solve(problem, True, _ITERATIONS)
    b.expected_time, b.expected_range = problem.burn[TIME], problem.miss[RANGE]
    return b.expected_range / constants.MOON_RADIUS


@compiled
def coast(gd: np.void) -> None:
    """Predict the burn from time to time; demand the attitude in which it would start, no thrust."""
    now, b = gd.now, gd.braking
    if now.distance < _VIEW * constants.MOON_RADIUS and now.time >= b.next:
        put(b.left, unit(cross(now.up, gd.site.target)))
        _pose(gd, 1.0)
        if b.known:
            b.problem.burn[:] = b.burn
        else:
            _guess(gd, length(now.velocity))
        b.known = solve(b.problem, True, _ITERATIONS)
        b.range_past = b.problem.miss[RANGE] if b.known else -math.inf
        b.burn[:] = b.problem.burn
        wait = _NEARER * -b.range_past / max(now.speed, 1.0) if b.known else 0.0
        b.next = now.time + max(wait, gd.parameters.replan_period_s)
    b.solved_at = now.time
    _demand(gd, 0.0, math.radians(gd.parameters.coast_slew_deg_s), math.nan)


@compiled
def due(gd: np.void) -> bool:
    """Return whether a burn at planned thrust has to start now to end at the gate."""
    now, b = gd.now, gd.braking
    if not b.known and now.distance < _VIEW * constants.MOON_RADIUS:
        return now.distance < b.expected_range
    return b.range_past + 0.5 * now.dt * now.speed >= 0.0


@compiled
def burn(gd: np.void) -> None:
    """Solve the burn, the more often the nearer its end; demand its thrust and direction."""
    now, b = gd.now, gd.braking
    if not b.known:
        b.known, b.solved_at = 1, now.time
        put(b.left, unit(cross(now.up, gd.site.target)))
        _guess(gd, length(now.velocity))
        b.burn[:] = b.problem.burn
    to_go = time_to_go(b, now.time)
    other = abs(gd.scale.value - b.problem.scale) > _OTHER_THRUST * b.problem.scale
    if (now.time >= b.next or other) and to_go > _FREEZE:
        b.next = now.time + max(_SELDOM * to_go, gd.parameters.replan_period_s)
        _replan(gd)
    _demand(gd, b.burn[THRUST], math.radians(gd.parameters.slew_deg_s), time_to_go(b, now.time))


@compiled
def finished(gd: np.void) -> bool:
    """Return whether the gate is reached: the burn is over or the forward speed is gone."""
    now, b = gd.now, gd.braking
    if not b.known:
        return False
    forward = dot(now.drift, cross(b.left, now.up))
    return time_to_go(b, now.time) < 0.5 * now.dt or forward < gd.parameters.gate_forward_m_s


@compiled
def time_to_go(b: np.void, time: float) -> float:
    """Return the time to the end of the burn [s]."""
    return b.burn[TIME] - (time - b.solved_at)


@compiled
def propellant(gd: np.void) -> float:
    """Return the propellant [kg] that the rest of the burn, as last solved or expected, will use."""
    b = gd.braking
    if not b.known:
        return flow(gd.engines, gd.engines.planned) * b.expected_time
    left = limited(time_to_go(b, gd.now.time), 0.0, b.burn[TIME])
    return flow(gd.engines, b.burn[THRUST]) * left


@compiled
def _replan(gd: np.void) -> None:
    b, problem, engines = gd.braking, gd.braking.problem, gd.engines
    _pose(gd, gd.scale.value)
    _shift(b, gd.now.time)
    solved = solve(problem, False, _ITERATIONS)
    thrust = limited(problem.burn[THRUST], engines.low, engines.limit)
    if not solved or thrust != problem.burn[THRUST]:
        # The target is out of reach, short or long: end at the gate's height and speed all the same.
        _shift(b, gd.now.time)
        if solved:
            problem.burn[THRUST] = thrust
        solved = solve(problem, True, _ITERATIONS)
    if solved:
        b.missed = problem.miss[RANGE]
        b.burn[:] = problem.burn
        b.solved_at = gd.now.time


@compiled
def _shift(b: np.void, time: float) -> None:
    """Guess the rest of the last burn, as seen from `time` [s]."""
    guess = b.problem.burn
    guess[:] = b.burn
    guess[TIME] = max(time_to_go(b, time), 1.0)
    share = 1.0 - guess[TIME] / b.burn[TIME]
    guess[UP_NOW] += share * (guess[UP_NOW + 1] - guess[UP_NOW])
    guess[LEFT_NOW] += share * (guess[LEFT_NOW + 1] - guess[LEFT_NOW])


@compiled
def _pose(gd: np.void, thrust_scale: float) -> None:
    """Set the problem: from here to the gate."""
    now, problem = gd.now, gd.braking.problem
    put(problem.position, now.position)
    put(problem.velocity, now.velocity)
    put(problem.target, gd.site.target)
    put(problem.left, gd.braking.left)
    problem.mass, problem.scale = gd.mass, thrust_scale


@compiled
def _guess(gd: np.void, speed: float) -> None:
    thrust = gd.engines.planned
    spent = 1.0 - math.exp(-1.05 * speed / exhaust_velocity(gd.engines, thrust))
    time = gd.mass / flow(gd.engines, thrust) * spent
    guess = gd.braking.problem.burn
    guess[:] = 0.0
    guess[UP_NOW], guess[UP_NOW + 1], guess[TIME], guess[THRUST] = 0.1, 0.6, max(time, 10.0), thrust


@compiled
def _demand(gd: np.void, thrust: float, slew: float, to_go: float) -> None:
    now, b = gd.now, gd.braking
    if b.known:
        direction = steering(b.burn, now.time - b.solved_at, now.position, b.left)
    else:
        direction = scale(-1.0 / max(length(now.velocity), 1e-9), now.velocity)
    demand(gd.demand, direction, thrust, slew, to_go)

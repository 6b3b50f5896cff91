"""Approach and vertical descent: a sink-rate profile over the height, and a way to the target.

Down: the sink rate follows pieces of `sqrt(v1^2 + 2 a (h - h1))` over the believed altitude h, never
faster than the lowest credible altitude allows. Across: the quadratic law (Klumpp 1974)
`12 x / T^2 - 6 v / T` brings position, speed and tilt to zero in T; written as `6 / T (2 x / T - v)`, its
wanted speed `2 x / T` is kept to what can still be stopped in time. With T held at its smallest value it
is a damped spring.
"""

import math
from dataclasses import dataclass

import numpy as np

from lander_common.compiled import compiled
from lander_common.rotations import norm
from lander_guidance.demand import Demand
from lander_guidance.parameters import GuidanceParameters
from lander_guidance.propulsion import Propulsion
from lander_guidance.situation import Situation

_SINK_GAIN = 0.6  # [1/s] of the sink-rate error
_SHORTEST = 24.0  # [s] least T of the law across
_USED = 0.6  # of the acceleration across that stopping counts on
_SETTLING = 8.0  # [s] in which a jump of the navigated position is taken over
_HOLD = 4.0  # [s] time constant of nulling the speed near the ground
_HIGH_TILT = math.radians(60.0)  # at twice the height from which the range finder must see


@dataclass(frozen=True, slots=True)
class SinkBounds:
    """How fast the lander may sink now."""

    limit: float  # [m/s] highest sink rate
    slope: float  # [1/s] of the limit over the altitude
    contact: float  # [m/s] sink rate for contact


class Approach:
    """Flies from the gate to contact."""

    def __init__(self, parameters: GuidanceParameters, propulsion: Propulsion) -> None:
        """Respect the thrust limits of `propulsion`."""
        p = parameters
        self._numbers = np.array([
            p.approach_deceleration_m_s2, p.soft_height_m, p.terminal_height_m, p.terminal_sink_m_s,
            p.gate_height_m, p.gate_sink_m_s, p.hold_height_m, p.range_see_height_m,
            math.radians(p.range_see_tilt_deg), math.radians(p.touchdown_tilt_deg)])
        self._propulsion, self._slew = propulsion, math.radians(p.slew_deg_s)
        self._way: np.ndarray | None = None

    def step(self, situation: Situation, bounds: SinkBounds, mass: float, scale: float) -> Demand:
        """Return thrust and direction that keep the sink rate within `bounds`."""
        s = situation
        self._follow(s)
        strength = scale / mass
        acceleration, time_to_go = _demand(
            s.altitude, s.lower, s.sink, bounds.contact, bounds.limit, bounds.slope, s.gravity, s.up, s.drift,
            self._way, self._numbers, self._propulsion.floor * strength, self._propulsion.limit * strength)
        size = norm(acceleration)
        return Demand(acceleration / size, size / strength, self._slew, time_to_go)

    def _follow(self, s: Situation) -> None:
        """Move the way to the target with the speed, and only slowly with jumps of navigation."""
        if self._way is None:
            self._way = s.to_target
        way = self._way - s.dt * s.drift
        self._way = way + (s.to_target - way) * (s.dt / (s.dt + _SETTLING))

    def propellant(self, altitude: float, sink: float, contact: float, mass: float, gravity: float) -> float:
        """Return the propellant [kg] from `altitude` [m] at `sink` [m/s] to contact, by its duration."""
        time = time_down(altitude, sink, self._numbers) * (altitude > self._numbers[2])
        time += time_vertical(altitude, contact, self._numbers)
        speed = max(gravity * time + sink - contact, 0.0)
        exhaust = self._propulsion.exhaust_velocity(max(mass * gravity, self._propulsion.floor))
        return mass * (1.0 - math.exp(-speed / exhaust))


@compiled
def profile(altitude: float, contact: float, numbers: np.ndarray) -> tuple[float, float]:
    """Return the wanted sink rate [m/s] at `altitude` [m] and its slope over the altitude [1/s].

    From the ground up: the contact speed, a gentle slope to the start of the vertical descent, the slope
    of the approach, the constant speed of the approach, and above the gate its slope again.
    """
    steep, soft, terminal, terminal_sink, gate, gate_sink = numbers[:6]
    if altitude <= soft:
        return contact, 0.0
    if altitude <= terminal:
        gentle = 0.5 * max(terminal_sink**2 - contact**2, 0.0) / max(terminal - soft, 1.0)
        sink = math.sqrt(contact * contact + 2.0 * gentle * (altitude - soft))
        return sink, gentle / sink
    sink = math.sqrt(terminal_sink * terminal_sink + 2.0 * steep * (altitude - terminal))
    if sink <= gate_sink:
        return sink, steep / sink
    if altitude <= gate:
        return gate_sink, 0.0
    sink = min(math.sqrt(gate_sink * gate_sink + 2.0 * steep * (altitude - gate)), sink)
    return sink, steep / sink


@compiled
def time_down(altitude: float, sink: float, numbers: np.ndarray) -> float:
    """Return the time [s] to the start of the vertical descent: constant speed, then the slope."""
    steep, _, terminal, slow = numbers[:4]
    fast = max(sink, slow)
    braking = (fast * fast - slow * slow) / (2.0 * steep)
    return max(altitude - terminal - braking, 0.0) / fast + (fast - slow) / steep


@compiled
def time_vertical(altitude: float, contact: float, numbers: np.ndarray) -> float:
    """Return the time [s] from the start of the vertical descent, or from `altitude` [m], to contact."""
    soft, terminal = numbers[1:3]
    start = min(altitude, terminal)
    sink = profile(start, contact, numbers)[0]
    return max(start - soft, 0.0) / (0.5 * (sink + contact)) + max(min(start, soft), 0.0) / contact


@compiled
def largest_tilt(lower: float, numbers: np.ndarray) -> float:
    """Return the largest tilt [rad] at the lowest credible altitude `lower` [m]."""
    heights = np.array([0.0, numbers[6], numbers[2], numbers[7], 2.0 * numbers[7]])
    low, see = numbers[9], numbers[8]
    tilts = np.array([low, max(low, 0.25 * see), 0.7 * see, see, max(see, _HIGH_TILT)])
    return np.interp(lower, heights, tilts)


@compiled
def _demand(altitude, lower, sink, contact, limit, limit_slope, gravity, up, drift, to_target, numbers,
            least, most):
    wanted, slope = profile(altitude, contact, numbers)
    if wanted > limit:
        wanted, slope = limit, limit_slope
    vertical = gravity + slope * sink + _SINK_GAIN * (sink - wanted)
    vertical = min(max(vertical, least), most)
    room = math.sqrt(max(most * most - vertical * vertical, 0.0))
    room = min(max(room, 0.03 * vertical), vertical * math.tan(largest_tilt(lower, numbers)))
    time = time_down(altitude, sink, numbers)
    if lower < numbers[6]:
        across = -drift / _HOLD
    else:
        span = max(time, _SHORTEST)
        towards = to_target * (2.0 / span)
        size = norm(towards)
        vertical_time = time_vertical(lower, contact, numbers) - time_vertical(numbers[6], contact, numbers)
        gentle = min(room, vertical * math.tan(largest_tilt(numbers[6], numbers)))
        fastest = _USED * (room * time + gentle * vertical_time)
        if size > fastest:
            towards = towards * (fastest / size)
        across = (towards - drift) * (6.0 / span)
    size = norm(across)
    if size > room:
        across = across * (room / size)
    return across + vertical * up, time

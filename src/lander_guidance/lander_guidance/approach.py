"""Approach and vertical descent: a sink-rate profile over the height, and a way to the target.

Down: the sink rate follows `profile` over the believed altitude, never faster than the lowest credible
altitude allows. Across: the quadratic law (Klumpp 1974) `12 x / T^2 - 6 v / T` brings position, speed and
tilt to zero in T; written as `6 / T (2 x / T - v)`, its wanted speed `2 x / T` is kept to what can still be
stopped in time. With T held at its smallest value it is a damped spring.

A range that comes late moves the navigated position by hundreds of metres, because along the track its error
goes with that of the altitude. If it then takes too long to come well within the limit of the vehicle, the
lander sinks more slowly, for as long as propellant is left over.
"""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.vectors import add_scaled, length, limited, put, scale, shortened, subtract
from lander_guidance.demand import demand
from lander_guidance.profile import largest_tilt, profile, time_down, time_vertical
from lander_guidance.propulsion import exhaust_velocity, flow
from lander_guidance.sink_limit import is_unseen
from lander_guidance.situation import gravity_at_rest

_SINK_GAIN = 0.6  # [1/s] of the sink-rate error
_SHORTEST = 24.0  # [s] least T of the law across
_USED = 0.6  # of the acceleration across that stopping counts on
_BRAKE = 0.85  # the same where time can still be taken later, if it was not enough
_SETTLING = 8.0  # [s] in which a jump of the navigated position is taken over
_STILL = 0.2  # [m/s] across: no matter at contact
_SLOWEST = 0.5  # of the sink rate for contact, while the speed across is nulled near the ground
_HOLD = 4.0  # [s] time constant of nulling the speed near the ground
_MEAN_SINK = 0.6  # of the sink rate now: the mean down to the lowest credible ground
_KEPT = 3.0  # of the propellant reserve, that is not spent on the way across: three sigmas of what was loaded
_WELL_WITHIN = 0.5  # of the vehicle's limit: what is nearer costs more propellant than it is worth
_EASE = 2.0  # [s] so that the sink rate does not jump at the start of the vertical descent
_HELD = 0.75  # of the weight: most thrust for the way across while the sink rate grows
_SEEN = 0.2  # [s] since the ground was last known well; it is looked at ten times a second

APPROACH = np.dtype([
    ('begun', np.int64),
    ('way', float, 3),  # [m] horizontal way to the target, moon, without jumps
    ('missed', float),  # [m] of it that cannot be flown any more
])


@compiled
def fly(gd: np.void) -> None:
    """Demand thrust and direction that keep the sink rate within its bounds."""
    now, p, engines = gd.now, gd.parameters, gd.engines
    _follow(gd.approach, now)
    strength = gd.scale.value / gd.mass
    least, most = engines.floor * strength, gd.most_thrust * strength
    contact, sink, lowest = gd.sink.contact, now.sink, gd.sink.lowest
    fast = p.gate_sink_m_s if is_unseen(gd) else p.approach_sink_m_s
    wanted, slope = profile(p, now.altitude, contact, fast)
    soonest, room_at_weight = time_down(p, now.altitude, sink), _room(gd, least, most)
    time = _time(gd, soonest, room_at_weight)
    if time > soonest:
        share = (soonest + _EASE) / (time + _EASE)
        wanted, slope = wanted * share, slope * share
    haste = gd.outlook.haste if wanted < gd.sink.limit else 1.0
    wanted += haste * (gd.sink.limit - wanted)
    slope += haste * (gd.sink.slope - slope)
    if lowest < p.hold_height_m:
        # What is left of the speed across has to go before contact.
        across_for = 2.0 * max(now.speed - _STILL, 0.0) / (now.gravity * math.tan(largest_tilt(p, lowest)))
        if wanted * across_for > max(lowest, 0.0):
            wanted, slope = max(max(lowest, 0.0) / across_for, _SLOWEST * contact), 0.0
    vertical = limited(now.gravity + slope * sink + _SINK_GAIN * (sink - wanted), least, most)
    weight, lean = limited(now.gravity, least, most), math.tan(largest_tilt(p, lowest))
    held = max(vertical, weight)
    room = math.sqrt(max(most * most - held * held, 0.0))
    room = min(max(room, 0.03 * held), held * lean)
    drift = now.drift
    gd.approach.missed = _missed(gd, time, room_at_weight)
    if lowest < p.hold_height_m:
        across = scale(-1.0 / _HOLD, drift)
    else:
        span = max(time, _SHORTEST)
        low = room_at_weight[2]
        gentle = min(room, held * math.tan(largest_tilt(p, p.hold_height_m)))
        # Where the ground may already be, the tilt is small: no way is made by then.
        until = (lowest - p.hold_height_m) / max(_MEAN_SINK * sink, contact)
        if lowest > p.terminal_height_m:
            fastest = _USED * (room * min(time, until) + gentle * min(low, max(until - time, 0.0)))
        else:  # the room shrinks with the height
            fastest = _USED * 0.5 * (room + gentle) * until
        # No way is made to a target that is out of reach, and none at the end of the propellant.
        chase = 1.0 - gd.outlook.haste if gd.approach.missed < gd.body.near else 0.0
        towards = scale(chase, shortened(scale(2.0 / span, gd.approach.way), fastest))
        across = scale(6.0 / span, subtract(towards, drift))
    across = shortened(across, room)
    vertical = max(vertical, min(length(across) / lean, _HELD * weight))
    acceleration = add_scaled(shortened(across, vertical * lean), vertical, now.up)
    size = length(acceleration)
    demand(gd.demand, scale(1.0 / size, acceleration), size / strength, math.radians(p.slew_deg_s), time)


@compiled
def _room(gd: np.void, least: float, most: float) -> tuple[float, float, float]:
    """Return the acceleration across [m/s^2] before and in the vertical descent, and the time [s] in that.

    At the weight on average.
    """
    now, p, contact, lowest = gd.now, gd.parameters, gd.sink.contact, gd.sink.lowest
    weight = limited(now.gravity, least, most)
    room = min(math.sqrt(most * most - weight * weight), weight * math.tan(largest_tilt(p, lowest)))
    gentle = min(room, weight * math.tan(largest_tilt(p, p.hold_height_m)))
    low = time_vertical(p, lowest, contact) - time_vertical(p, p.hold_height_m, contact)
    return room, gentle, low


@compiled
def _time(gd: np.void, soonest: float, room_at_weight: tuple[float, float, float]) -> float:
    """Return the time [s] to the start of the vertical descent, at least `soonest`: longer for a long way."""
    now, p = gd.now, gd.parameters
    seen = now.altitude < p.range_see_height_m and now.time - gd.sink.silent_since < _SEEN
    if now.lower < p.hold_height_m or not seen or gd.outlook.haste > 0.0:
        return soonest
    room, gentle, low = room_at_weight
    # Stop, then fly and stop again; the vertical descent does the last of it.
    brake = _BRAKE * max(room, 1e-3)
    rest = length(add_scaled(gd.approach.way, -now.speed / (2.0 * brake), now.drift))
    rest = max(rest - 0.25 * _BRAKE * gentle * low * low - _WELL_WITHIN * gd.body.near, 0.0)
    if now.lower < p.terminal_height_m:
        rest = 0.0
    needed = max(now.speed - _BRAKE * gentle * low, 0.0) / brake + 2.0 * math.sqrt(rest / brake)
    spare = gd.propellant_margin - _KEPT * gd.body.reserve
    time = min(needed, soonest + max(spare, 0.0) / flow(gd.engines, gd.mass * now.gravity / gd.scale.value))
    worth = rest == 0.0 or _missed(gd, time, room_at_weight) < gd.body.near
    return max(time, soonest) if worth else soonest


@compiled
def _missed(gd: np.void, time: float, room_at_weight: tuple[float, float, float]) -> float:
    """Return how far from the target [m] the lander comes down, `time` [s] before the vertical descent."""
    way = length(gd.approach.way)
    if gd.sink.lowest < gd.parameters.hold_height_m:
        return way
    room, gentle, low = room_at_weight
    return max(way - 0.5 * max(time, _SHORTEST) * _USED * (room * time + gentle * low), 0.0)


@compiled
def _follow(approach: np.void, now: np.void) -> None:
    """Move the way to the target with the speed, and only slowly with jumps of navigation."""
    if not approach.begun:
        approach.begun = 1
        put(approach.way, now.to_target)
    way = add_scaled(approach.way, -now.dt, now.drift)
    put(approach.way, add_scaled(way, now.dt / (now.dt + _SETTLING), subtract(now.to_target, way)))


@compiled
def propellant(gd: np.void, altitude: float, sink: float, contact: float, mass: float) -> float:
    """Return the propellant [kg] from `altitude` [m] at `sink` [m/s] to contact, by its duration."""
    p, gravity = gd.parameters, gravity_at_rest(gd.now)
    time = time_vertical(p, altitude, contact)
    if altitude > p.terminal_height_m:
        time += time_down(p, altitude, sink)
    speed = max(gravity * time + sink - contact, 0.0)
    thrust = max(mass * gravity, gd.engines.floor)
    return mass * (1.0 - math.exp(-speed / exhaust_velocity(gd.engines, thrust)))

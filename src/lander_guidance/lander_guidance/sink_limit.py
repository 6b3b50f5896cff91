"""The fastest sink rate from which the lander can still stop above the lowest credible ground."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_guidance import blind
from lander_guidance.blind import BAND, WIDEST
from lander_guidance.propulsion import flow, spent_for
from lander_guidance.situation import tilt

_REACTION = 1.0  # [s] before thrust begins to turn the descent
_UNSEEN, _UNSEEN_SHARE = 30.0, 0.05  # [m], of the altitude: a wider half interval means ground unseen
_MEAN_SHARE = 0.6  # of the sink rate now: the mean of the rest of the way

SINK = np.dtype([
    ('limit', float),  # [m/s] highest sink rate now
    ('slope', float),  # [1/s] of the limit over the altitude
    ('lowest', float),  # [m] altitude above which it holds: lowest credible or, short of propellant, likely
    ('contact', float),  # [m/s] sink rate for contact
    ('silent_since', float),  # [s] the range finder should see the ground, and does not
    ('searching', np.int64),  # 1: coming down on ground that nobody has seen
    ('waiting', np.int64),  # 1: hovering above it, because the range finder may still wake up
    ('band', BAND),
])


@compiled
def allowed_sink(lower: float, touchdown: float, deceleration: float, reaction: float) -> tuple[float, float]:
    """Return the highest allowed sink rate [m/s], positive down, and its slope over `lower` [1/s].

    Args:
        lower: lowest credible altitude [m]; at or below zero only the touchdown speed is allowed.
        touchdown: sink rate that is good for contact [m/s].
        deceleration: what upright thrust less gravity surely gives [m/s^2].
        reaction: time until the thrust points up [s].
    """
    a = max(deceleration, 0.02)
    # Solves lower = v * reaction + v^2 / (2 a) for the speed v above the touchdown speed.
    root = math.sqrt((a * reaction) ** 2 + 2.0 * a * max(lower, 0.0))
    return touchdown + root - a * reaction, a / root if lower > 0.0 else 0.0


@compiled
def lowest(altitude: float, lower: float, spread: float, half: float) -> float:
    """Return the altitude [m] that the limit counts from: the lowest credible one, or what is kept of it.

    Short of propellant the least likely heights of ground that nobody has seen are given up. What lies lower
    than the credible interval is wide is no such spread: ground that was seen, or another explanation of the
    ranges. It is kept.

    Args:
        altitude: believed [m].
        lower: lowest credible altitude [m].
        spread: how much higher the altitude may be [m].
        half: half width of the heights that are kept, at most WIDEST [sigma].
    """
    return max(lower, min(lower, altitude - spread) + (1.0 - half / WIDEST) * spread)


@compiled
def is_unseen(gd: np.void) -> bool:
    """Return whether no range tells where the ground is: the altitude is only believed."""
    return gd.ground.above > _UNSEEN + _UNSEEN_SHARE * gd.now.altitude


@compiled
def reaction_time(gd: np.void) -> float:
    """Return the time [s] until the thrust points up and the descent turns."""
    return _REACTION + tilt(gd.now) / math.radians(gd.parameters.slew_deg_s)


@compiled
def search(gd: np.void) -> None:
    """Plan for which heights of the ground the propellant is kept; looked at ten times a second."""
    now, p, s, engines = gd.now, gd.parameters, gd.sink, gd.engines
    sigma = gd.ground.above / WIDEST
    silent = now.altitude < p.range_see_height_m and is_unseen(gd)
    if not silent:
        s.silent_since = now.time
    if now.altitude > p.range_see_height_m:
        # Too early to give up the least likely heights.
        s.band.half, s.band.sink = WIDEST, p.touchdown_sink_m_s
        s.searching = s.waiting = 0
        return
    hover = gd.mass * max(now.gravity, 0.1) / gd.scale.value
    left = gd.propellant - gd.body.reserve - _way_down(gd, now.altitude - s.band.half * sigma)
    time = left / flow(engines, hover)
    blind.plan(s.band, now.altitude, sigma, time, p.touchdown_sink_m_s, gd.body.good, gd.body.bearable)
    above = now.altitude > s.band.half * sigma
    s.searching = silent and (s.searching or not above)
    s.waiting = silent and above and blind.is_worth_waiting(s.band, p.wake_chance, p.wake_time_s,
                                                            now.time - s.silent_since)


@compiled
def _way_down(gd: np.void, height: float) -> float:
    """Return the propellant [kg] to come down by `height` [m] and to slow down there."""
    if height <= 0.0:
        return 0.0
    sink, edge = gd.now.sink, gd.body.bearable
    time = height / max(_MEAN_SHARE * sink, edge)
    speed = max(gd.now.gravity * time + sink - edge, 0.0)
    return spent_for(gd.engines, max(gd.mass * gd.now.gravity, gd.engines.floor), gd.mass, speed)


@compiled
def bound(gd: np.void) -> None:
    """Write how fast the lander may sink now."""
    now, s = gd.now, gd.sink
    s.contact = s.band.sink
    spare = gd.most_thrust * gd.scale.value / gd.mass - now.gravity
    s.lowest = lowest(now.altitude, now.lower, gd.ground.above, s.band.half)
    s.limit, s.slope = allowed_sink(s.lowest - gd.parameters.soft_height_m, 0.0 if s.waiting else s.contact,
                                    gd.parameters.sink_margin * spare, reaction_time(gd))

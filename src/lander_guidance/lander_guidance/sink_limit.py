"""The fastest sink rate from which the lander can still stop above the lowest credible ground."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_guidance.propulsion import flow
from lander_guidance.situation import tilt

_REACTION = 1.0  # [s] before thrust begins to turn the descent

SINK = np.dtype([
    ('limit', float),  # [m/s] highest sink rate now
    ('slope', float),  # [1/s] of the limit over the altitude
    ('contact', float),  # [m/s] sink rate for contact
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
def contact_speed(upper: float, endurance: float, good: float, bearable: float) -> float:
    """Return the sink rate for contact [m/s]: faster than `good` only if the propellant is short.

    Args:
        upper: highest credible altitude [m].
        endurance: time for which the propellant holds the sink rate constant [s].
        good: wanted sink rate at contact [m/s].
        bearable: highest sink rate that the legs bear [m/s].
    """
    return min(max(upper / max(endurance, 1.0), good), bearable)


@compiled
def bound(gd: np.void) -> None:
    """Write how fast the lander may sink now."""
    now, p = gd.now, gd.parameters
    hover = gd.mass * max(now.gravity, 0.1) / gd.scale.value
    contact = contact_speed(now.upper, gd.propellant / flow(gd.engines, hover), p.touchdown_sink_m_s,
                            gd.body.bearable)
    spare = gd.engines.limit * gd.scale.value / gd.mass - now.gravity
    reaction = _REACTION + tilt(now) / math.radians(p.slew_deg_s)
    limit, slope = allowed_sink(now.lower - p.soft_height_m, contact, p.sink_margin * spare, reaction)
    gd.sink.limit, gd.sink.slope, gd.sink.contact = limit, slope, contact

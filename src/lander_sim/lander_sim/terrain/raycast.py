"""Where a ray meets the ground: safe steps while it may pass over a crest, then the secant."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_common.vectors import Vector, add_scaled, dot, length
from lander_sim.terrain.surface import Landscape, height, normal

_STEPS = 5000
_SECANTS = 20
_CLOSE = 1e-3  # [m] this near is a hit
_SHORTEST = 0.02  # [m] smallest step: thinner spikes may be missed


@compiled
def _clearance(origin: Vector, direction: Vector, s: float, land: Landscape) -> float:
    p = add_scaled(origin, s, direction)
    return length(p) - MOON_RADIUS - height(p, land, 0.0)


@compiled
def _shell(origin: Vector, direction: Vector, radius: float) -> tuple[float, float]:
    """Return where a ray is inside a sphere about the Moon's centre [m]; (1, 0) if nowhere."""
    b = dot(origin, direction)
    d = b * b - (length(origin) - radius) * (length(origin) + radius)
    if d <= 0.0:
        return 1.0, 0.0
    return max(-b - np.sqrt(d), 0.0), -b + np.sqrt(d)


@compiled
def cast(origin: Vector, direction: Vector, max_range: float, land: Landscape) -> tuple[float, float]:
    """Return range [m] and cosine of incidence of the first hit.

    `origin` [m] and `direction`, a unit vector, are in moon. Returns (-1, 0) without a hit within
    `max_range` [m], (NaN, 0) where the terrain has no data.
    """
    s, end = _shell(origin, direction, MOON_RADIUS + land.surface.ceiling)
    end = min(end, max_range)
    last, before = s, 0.0
    for _ in range(_STEPS):
        if s > end:
            return -1.0, 0.0
        clearance = _clearance(origin, direction, s, land)
        if np.isnan(clearance):
            return np.nan, 0.0
        if clearance < _CLOSE:
            if clearance < 0.0:
                s = _meet(origin, direction, last, before, s, clearance, land)
            return s, _incidence(origin, direction, s, land)
        p = add_scaled(origin, s, direction)
        down = -dot(p, direction) / length(p)
        rise = land.surface.steepest * np.sqrt(max(1.0 - down * down, 0.0))
        if down > rise:
            s = _descend(origin, direction, s, clearance, down - rise, down + rise, land)
            if np.isnan(s):
                return np.nan, 0.0
            return (s, _incidence(origin, direction, s, land)) if s <= end else (-1.0, 0.0)
        closing = down + rise
        last, before = s, clearance
        # Looking steeply up, nothing below the bound of the slope can be met at all.
        s += max(clearance / closing, _SHORTEST + 1e-6 * s) if closing > 1e-3 else end + 1.0
    return -1.0, 0.0


@compiled
def _descend(origin: Vector, direction: Vector, s: float, clearance: float, slowest: float, fastest: float,
             land: Landscape) -> float:
    """Return where a ray that comes nearer to the ground all the way, at rates in these bounds, meets it.

    Secant, started at `s`, `clearance` [m] above the ground; NaN where the terrain has no data.
    """
    rate = 0.5 * (slowest + fastest)
    for k in range(_STEPS):
        way = clearance / rate
        s += way
        after = _clearance(origin, direction, s, land)
        if not abs(after) >= _CLOSE:
            break
        # It may run in circles, but the last steps never go too far.
        rate = fastest if k > _SECANTS else min(max((clearance - after) / way, slowest), fastest)
        clearance = after
    return np.nan if np.isnan(after) else s


@compiled
def _meet(origin: Vector, direction: Vector, low: float, above: float, high: float, below: float,
          land: Landscape) -> float:
    """Return where the ground is met between `low`, `above` [m] it, and `high`, `below` [m] (negative).

    False position after the Illinois rule: an end that stays counts half.
    """
    side = 0
    while high - low > 0.5 * _CLOSE:
        s = (low * below - high * above) / (below - above)
        # Kept off the ends, so that the bracket closes from both sides.
        s = min(max(s, low + 0.25 * _CLOSE), high - 0.25 * _CLOSE)
        clearance = _clearance(origin, direction, s, land)
        if clearance > 0.0:
            low, above = s, clearance
            below = 0.5 * below if side == 1 else below
            side = 1
        else:
            high, below = s, clearance
            above = 0.5 * above if side == -1 else above
            side = -1
    return high


@compiled
def _incidence(origin: Vector, direction: Vector, s: float, land: Landscape) -> float:
    return max(-dot(normal(add_scaled(origin, s, direction), land, 1.0), direction), 0.0)

"""Where a ray meets the ground: safe steps, then bisection."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_common.rotations import norm
from lander_sim.terrain.surface import Surface, height, normal

_STEPS = 5000
_CLOSE = 1e-3  # [m] this near is a hit
_SHORTEST = 0.02  # [m] smallest step: thinner spikes may be missed


@compiled
def _clearance(origin: np.ndarray, direction: np.ndarray, s: float, surface: Surface) -> float:
    p = origin + s * direction
    return norm(p) - MOON_RADIUS - height(p, surface, 0.0)


@compiled
def _shell(origin: np.ndarray, direction: np.ndarray, radius: float) -> tuple[float, float]:
    """Return where a ray is inside a sphere about the Moon's centre [m]; (1, 0) if nowhere."""
    b = origin[0] * direction[0] + origin[1] * direction[1] + origin[2] * direction[2]
    d = b * b - (norm(origin) - radius) * (norm(origin) + radius)
    if d <= 0.0:
        return 1.0, 0.0
    return max(-b - np.sqrt(d), 0.0), -b + np.sqrt(d)


@compiled
def cast(origin: np.ndarray, direction: np.ndarray, max_range: float,
         surface: Surface) -> tuple[float, float]:
    """Return range [m] and cosine of incidence of the first hit.

    `origin` [m] and `direction`, a unit vector, are in moon, shapes (3,). Returns (-1, 0) without a hit
    within `max_range` [m], (NaN, 0) where the terrain has no data.
    """
    s, end = _shell(origin, direction, MOON_RADIUS + surface.ceiling)
    end = min(end, max_range)
    last, before = s, 0.0
    for _ in range(_STEPS):
        if s > end:
            return -1.0, 0.0
        clearance = _clearance(origin, direction, s, surface)
        if np.isnan(clearance):
            return np.nan, 0.0
        if clearance < _CLOSE:
            if clearance < 0.0:
                s = _meet(origin, direction, last, before, s, clearance, surface)
            return s, _incidence(origin, direction, s, surface)
        p = origin + s * direction
        down = -(p[0] * direction[0] + p[1] * direction[1] + p[2] * direction[2]) / norm(p)
        closing = down + surface.steepest * np.sqrt(max(1.0 - down * down, 0.0))
        last, before = s, clearance
        # Looking steeply up, nothing below the bound of the slope can be met at all.
        s += max(clearance / closing, _SHORTEST + 1e-6 * s) if closing > 1e-3 else end + 1.0
    return -1.0, 0.0


@compiled
def _meet(origin: np.ndarray, direction: np.ndarray, low: float, above: float, high: float, below: float,
          surface: Surface) -> float:
    """Return where the ground is met between `low`, `above` [m] it, and `high`, `below` [m] (negative).

    False position after the Illinois rule: an end that stays counts half.
    """
    side = 0
    while high - low > 0.5 * _CLOSE:
        s = (low * below - high * above) / (below - above)
        # Kept off the ends, so that the bracket closes from both sides.
        s = min(max(s, low + 0.25 * _CLOSE), high - 0.25 * _CLOSE)
        clearance = _clearance(origin, direction, s, surface)
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
def _incidence(origin: np.ndarray, direction: np.ndarray, s: float, surface: Surface) -> float:
    n = normal(origin + s * direction, surface, 1.0)
    return max(-(n[0] * direction[0] + n[1] * direction[1] + n[2] * direction[2]), 0.0)

"""Where a ray meets the ground: safe steps, then bisection."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_common.rotations import norm
from lander_sim.terrain.surface import Surface, height, plane

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
    last = s
    for _ in range(_STEPS):
        if s > end:
            return -1.0, 0.0
        clearance = _clearance(origin, direction, s, surface)
        if np.isnan(clearance):
            return np.nan, 0.0
        if clearance < _CLOSE:
            if clearance < 0.0:
                s = _bisect(origin, direction, last, s, surface)
            return s, _incidence(origin, direction, s, surface)
        p = origin + s * direction
        down = -(p[0] * direction[0] + p[1] * direction[1] + p[2] * direction[2]) / norm(p)
        closing = down + surface.steepest * np.sqrt(max(1.0 - down * down, 0.0))
        last = s
        # Looking steeply up, nothing below the bound of the slope can be met at all.
        s += max(clearance / closing, _SHORTEST + 1e-6 * s) if closing > 1e-3 else end + 1.0
    return -1.0, 0.0


@compiled
def _bisect(origin: np.ndarray, direction: np.ndarray, low: float, high: float, surface: Surface) -> float:
    while high - low > 0.5 * _CLOSE:
        middle = 0.5 * (low + high)
        if _clearance(origin, direction, middle, surface) > 0.0:
            low = middle
        else:
            high = middle
    return high


@compiled
def _incidence(origin: np.ndarray, direction: np.ndarray, s: float, surface: Surface) -> float:
    _, n = plane(origin + s * direction, surface, 1.0)
    return max(-(n[0] * direction[0] + n[1] * direction[1] + n[2] * direction[2]), 0.0)

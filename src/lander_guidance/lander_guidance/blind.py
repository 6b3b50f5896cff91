"""How fast to come down on ground that nobody has seen; the derivation is in docs/blind_descent.md.

The height of the ground is normally distributed with the credible interval as its three sigmas, `z` counts
from the believed ground downwards in sigmas. A contact above the limit of the vehicle that its legs still
bear counts as a part of a loss: so the likely heights are searched slowly, less likely ones faster.
"""

import math

import numpy as np

from lander_common.compiled import compiled

WIDEST = 3.0  # sigmas: the credible interval
_BELOW = 0.9  # of the limit of the vehicle, for the sink rate at contact
_FAULT = 0.2  # of a loss: contact above that limit; assumed
_HALVINGS = 24

BAND = np.dtype([
    ('half', float),  # [sigma] half width of the heights at which the ground is expected; 3: all of them
    ('core', float),  # [sigma] half width of those within the limit of the vehicle
    ('sink', float),  # [m/s] sink rate for contact here
    ('risk', float),  # [-] expected loss
    ('price', float),  # [1/s] by how much a second of hovering raises it
])


@compiled
def core(half: float, slow: float, fast: float) -> float:
    """Return for which half width [sigma] `slow` pays in a band of `half` [sigma] at `fast`, both [m/s]."""
    ratio = (1.0 - _FAULT) / _FAULT * (fast / slow - 1.0)
    return math.sqrt(max(half * half - 2.0 * math.log(max(ratio, 1.0)), 0.0))


@compiled
def duration(begin: float, half: float, slow: float, fast: float) -> float:
    """Return the time [s] from `begin` to the end of a band, both in sigmas, if a sigma is 1 m."""
    inner = core(half, slow, fast)
    slowly = inner - min(max(begin, -inner), inner)
    return slowly / slow + (half - min(max(begin, -half), half) - slowly) / fast


@compiled
def plan(band: np.void, altitude: float, sigma: float, time: float, good: float, limit: float,
         bearable: float) -> None:
    """Write the band that the propellant can search, and the sink rate in it.

    Args:
        band: record of BAND.
        altitude: believed height above the ground [m].
        sigma: standard deviation of it [m].
        time: for which the propellant holds the sink rate constant [s].
        good: wanted sink rate at contact [m/s].
        limit: of the vehicle, for the sink rate at contact [m/s].
        bearable: highest sink rate that the legs bear [m/s].
    """
    sigma = max(sigma, 1e-3)
    begin, scaled = -altitude / sigma, max(time, 0.0) / sigma
    slow = min(_BELOW * limit, bearable)
    band.half, haste = WIDEST, 1.0
    whole = duration(begin, WIDEST, slow, bearable)
    if whole <= scaled:
        haste = whole / max(scaled, 1e-9)
    else:
        low, high = 0.0, WIDEST
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            if duration(begin, middle, slow, bearable) > scaled:
                high = middle
            else:
                low = middle
        band.half = low
    band.core = core(band.half, slow, bearable)
    band.sink = min(max(haste * (slow if abs(begin) <= band.core else bearable), good), bearable)
    density = math.exp(-0.5 * band.half**2) / math.sqrt(2.0 * math.pi) / sigma
    band.price = density * bearable * (1.0 - _FAULT) if band.half < WIDEST else 0.0
    outside, inside = math.erfc(band.half / math.sqrt(2.0)), math.erf(band.core / math.sqrt(2.0))
    band.risk = outside + _FAULT * (1.0 - outside - inside) if haste * bearable > limit else outside


@compiled
def is_worth_waiting(band: np.void, chance: float, mean: float, blind: float) -> bool:
    """Return whether to hover in the hope that the range finder wakes up.

    `chance` is the probability that it works at all, `mean` [s] the mean time until it wakes if it does,
    `blind` [s] for how long it has been silent.
    """
    silent = chance * math.exp(-blind / mean)
    return band.price > 0.0 and band.risk * silent / (silent + 1.0 - chance) / mean > band.price

"""How fast to come down on ground that nobody has seen; the derivation is in docs/blind_descent.md.

The height of the ground is normally distributed with the credible interval as its three sigmas, `z` counts
from the believed ground downwards in sigmas. The law is good against a loss that grows with a high power of
the sink rate at contact, up to a sure loss at the limit of the vehicle, or, if the propellant is not enough
for the likely heights, at what its legs still bear.
"""

import math

import numpy as np

from lander_common.compiled import compiled

POWER = 30.0  # of the sink rate in the loss: nearly a step
EDGE_SHARE = (1.0 + POWER) ** (-1.0 / POWER)  # 0.89: of the sink rate of sure loss, at the edges of the band
_SPREAD = 2.0 * (1.0 + POWER)
WIDEST = 3.0  # sigmas: the credible interval
_LIKELY = 1.0  # sigmas: heights worth a contact above the vehicle's limit, if that counts a fifth of a loss
_HALVINGS = 24

BAND = np.dtype([
    ('half', float),  # [sigma] half width of the heights at which the ground is expected; 3: all of them
    ('edge', float),  # [m/s] sink rate at its edges
    ('sink', float),  # [m/s] sink rate for contact here
    ('risk', float),  # [-] expected loss
    ('price', float),  # [1/s] by how much a second of hovering raises it
])


@compiled
def duration(begin: float, half: float) -> float:
    """Return the time from `begin` to the end of a band, both in sigmas, for 1 sigma per s at its edges."""
    root = math.sqrt(_SPREAD)
    width = math.erf(half / root) - math.erf(min(max(begin, -half), half) / root)
    return math.exp(half * half / _SPREAD) * 0.5 * math.sqrt(math.pi) * root * width


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
    time = max(time, 0.0)
    begin = -altitude / sigma
    needed = sigma * duration(begin, _LIKELY) / max(time, 1e-6)
    band.half, band.edge = WIDEST, min(max(needed, min(EDGE_SHARE * limit, bearable)), bearable)
    scaled = time * band.edge / sigma
    whole = duration(begin, WIDEST)
    if whole <= scaled:
        band.edge *= whole / max(scaled, 1e-9)
    else:
        low, high = 0.0, WIDEST
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            if duration(begin, middle) > scaled:
                high = middle
            else:
                low = middle
        band.half = low
    z = min(max(begin, -band.half), band.half)
    band.sink = min(max(band.edge * math.exp((z * z - band.half**2) / _SPREAD), good), bearable)
    density = math.exp(-0.5 * band.half**2) / math.sqrt(2.0 * math.pi) / sigma
    band.price = density * band.edge * POWER / (1.0 + POWER) if band.half < WIDEST else 0.0
    band.risk = math.erfc(band.half / math.sqrt(2.0)) + band.price * time / POWER


@compiled
def is_worth_waiting(band: np.void, chance: float, mean: float, blind: float) -> bool:
    """Return whether to hover in the hope that the range finder wakes up.

    `chance` is the probability that it works at all, `mean` [s] the mean time until it wakes if it does,
    `blind` [s] for how long it has been silent.
    """
    silent = chance * math.exp(-blind / mean)
    return band.price > 0.0 and band.risk * silent / (silent + 1.0 - chance) / mean > band.price

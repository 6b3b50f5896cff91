"""Simple craters: Pike's relations for fresh ones, small and old ones shallower, one hash per cell.

Sizes are sorted into classes, each twice as wide as the one before. Every class has its own unbounded grid of
cells; a hash decides whether a cell holds a crater, where, how wide and how deep.
"""

import numpy as np

from lander_common.compiled import compiled
from lander_sim.terrain.noise import lattice_hash

_REACH = 3.0  # [-] ejecta end at this many rim radii
_CELL = 2.0 * _REACH / 2.0  # [-] cell width over the smallest diameter of the class: its widest reach
_SHALLOWEST = 0.1  # [-] depth of the oldest craters over that of fresh ones, assumed
# The regolith is soft: depth over diameter of fresh craters falls from 0.2 to 0.1 below 1 km (Sun et al.,
# Icarus 309, 2018); that it is 0.1 at 10 m is assumed.
_SOFT = 0.15  # [-] power of the diameter
_UNIT = 1.0 / 65536.0
_MASK = np.uint64(0xFFFF)


@compiled
def _exp(x: float) -> float:
    """Return e^x for |x| < 0.1, to 1e-10: powers near 1 would be half of the time that heights take."""
    return 1.0 + x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0))))


@compiled
def softness(size: float) -> float:
    """Return the depth of a fresh crater over that of Pike's relation; `size`: log of its diameter [km]."""
    return 1.0 if size >= 0.0 else np.exp(_SOFT * size)


@compiled
def profile(distance: float, diameter: float, freshness: float) -> float:
    """Return the height [m] of a crater relative to its surroundings.

    Depth 0.196 D^1.010 and rim 0.036 D^1.014 in km (Pike 1977), less below 1 km, scaled by `freshness` [-];
    parabolic bowl; ejecta falling with the third power of the distance [m] from the centre.
    """
    radius = 0.5 * diameter
    q = distance / radius
    if q >= _REACH:
        return 0.0
    km = 1e-3 * diameter
    size = np.log(km)
    share = freshness * softness(size)
    depth = share * 196.0 * km * _exp(0.010 * size)
    rim = share * 36.0 * km * _exp(0.014 * size)
    bowl = rim + depth * (q * q - 1.0)
    if q < 0.6:
        return bowl
    fade = (_REACH - max(q, 1.0)) / (_REACH - 1.0)
    ejecta = rim / (q * q * q) * fade * fade * (3.0 - 2.0 * fade)
    # The lower of both, rounded over a quarter of the rim height: a sharp crest has no slope.
    width = 0.5 * rim
    mix = min(max(0.5 + 0.5 * (ejecta - bowl) / width, 0.0), 1.0)
    return ejecta + mix * (bowl - ejecta) - width * mix * (1.0 - mix)


@compiled
def craters(x: float, y: float, seed: int, classes: np.ndarray, finest: float, coarsest: float) -> float:
    """Return the summed height [m] of all craters at x, y [m].

    `classes` comes from `crater_table`; those below `finest` and above `coarsest` [m] are left out.
    """
    total = 0.0
    for k in range(classes.shape[0]):
        smallest = classes[k, 0]
        if not finest <= smallest <= coarsest:
            continue
        cell = _CELL * smallest
        ci = int(np.floor(x / cell))
        cj = int(np.floor(y / cell))
        for i in range(ci - 1, ci + 2):
            for j in range(cj - 1, cj + 2):
                bits = lattice_hash(i, j, seed + 1000 + k)
                if float(bits & _MASK) * _UNIT < classes[k, 1]:
                    total += _crater(x, y, i, j, cell, smallest, bits)
    return total


@compiled
def _crater(x: float, y: float, i: int, j: int, cell: float, smallest: float, bits: np.uint64) -> float:
    dx = x - (i + float((bits >> np.uint64(16)) & _MASK) * _UNIT) * cell
    dy = y - (j + float((bits >> np.uint64(32)) & _MASK) * _UNIT) * cell
    size = float(bits >> np.uint64(48)) * _UNIT
    square, share = dx * dx + dy * dy, 1.0 - 0.75 * size
    if square * share >= (0.5 * _REACH * smallest) ** 2:  # most are too far, so the roots come later
        return 0.0
    diameter = smallest / np.sqrt(share)  # cumulative number ~ diameter^-2
    distance = np.sqrt(square)
    again = lattice_hash(j, i, int(bits >> np.uint64(1)))
    return profile(distance, diameter, 1.0 / (1.0 + (1.0 / _SHALLOWEST - 1.0) * float(again & _MASK) * _UNIT))


def crater_table(density: float, knee: float, smallest: float = 5.0, largest: float = 5120.0) -> np.ndarray:
    """Return size classes, shape (n, 2): smallest diameter [m], chance of a crater in a cell.

    `density` [-] craters wider than D lie in an area of D squared, for every D well below `knee`: as many as
    wear away. Above, all are there that ever formed: their cumulative number falls with the power 3.5 of D
    instead of the second (Neukum's production function between 0.2 and 1 km). Diameters are in metres.
    """
    n = round(np.log2(largest / smallest)) if density > 0.0 else 0
    diameter = smallest * 2.0 ** np.arange(n)
    expected = 0.75 * density * _CELL**2 / (1.0 + (diameter / knee)**1.5)
    return np.column_stack([diameter, np.minimum(expected, 1.0)])

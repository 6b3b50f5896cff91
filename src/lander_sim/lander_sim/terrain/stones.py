"""Stones and dust relief for pictures, too small to matter to a landing leg and not part of the terrain."""

import numpy as np

from lander_common.compiled import compiled
from lander_sim.terrain.noise import lattice_hash
from lander_sim.terrain.surface import Surface, local_coordinates

_CLASSES = 3  # each twice as wide as the one before
_SMALLEST = 0.02  # [m] diameter
_CELL = 4.0  # [-] cell width over the largest diameter of the class
_CHANCE = 0.35  # [-] of a stone in a cell: 1 % of the ground under the stones of each class
_FLATNESS = 0.4  # [-] height over diameter
_MASK = np.uint64(0xFFFF)
_UNIT = 1.0 / 65536.0


@compiled
def stone_heights(directions: np.ndarray, surface: Surface, finest: np.ndarray) -> np.ndarray:
    """Return how far stones stick out [m] in many directions, unit vectors in `moon`, (n, 3) to (n,).

    Stones smaller than `finest` [m], (n,), are left out.
    """
    result = np.zeros(directions.shape[0])
    for n in range(directions.shape[0]):
        x, y = local_coordinates(directions[n], surface.axes)
        for k in range(_CLASSES):
            if _SMALLEST * 2.0**k >= finest[n]:
                result[n] = max(result[n], _stone(x, y, k, surface.seed))
    return result


@compiled
def _stone(x: float, y: float, k: int, seed: int) -> float:
    """Return the height of the stone of class k here; it lies within its cell, so that one cell is enough."""
    smallest = _SMALLEST * 2.0**k
    cell = 2.0 * _CELL * smallest
    i = int(np.floor(x / cell))
    j = int(np.floor(y / cell))
    bits = lattice_hash(i, j, seed + 2000 + k)
    if float(bits & _MASK) * _UNIT > _CHANCE:
        return 0.0
    diameter = smallest * (1.0 + float(bits >> np.uint64(48)) * _UNIT)
    radius = 0.5 * diameter
    cx = i * cell + radius + (cell - diameter) * float((bits >> np.uint64(16)) & _MASK) * _UNIT
    cy = j * cell + radius + (cell - diameter) * float((bits >> np.uint64(32)) & _MASK) * _UNIT
    dx = (x - cx) / radius
    dy = (y - cy) / radius
    q = dx * dx + dy * dy
    if q >= 1.0:
        return 0.0
    height = np.sqrt(1.0 - q)
    for facet in range(3):  # a dome with its sides cut off
        bits = lattice_hash(i, j, int(bits >> np.uint64(1)) + facet)
        ax = 2.0 * float(bits & _MASK) * _UNIT - 1.0
        ay = 2.0 * float((bits >> np.uint64(16)) & _MASK) * _UNIT - 1.0
        height = min(height, 0.7 + ax * dx + ay * dy)
    return _FLATNESS * diameter * max(height, 0.0)


def textured(surface: Surface) -> Surface:
    """Return the surface with its octaves and craters carried on to a few centimetres."""
    last = surface.octaves[-1]
    before = surface.octaves[-2, 1]
    fall = 0.8 * last[1] / before if before > 0.0 else 0.0  # a little smoother than the power law
    more = np.array([last * [0.5**k, fall**k, 1, 1, 1, 1, 1] for k in (1, 2, 3, 4, 5)])
    more[:, 2] = more[:, 1]
    craters = surface.craters
    if len(craters):
        small = craters[0] * [[0.5**k, 1.0] for k in (5, 4, 3, 2, 1)]
        craters = np.ascontiguousarray(np.vstack([small, craters]))
    return surface._replace(octaves=np.ascontiguousarray(np.vstack([surface.octaves, more])), craters=craters,
                            coarsest_crater_on_grid=max(surface.coarsest_crater_on_grid, 4.0))

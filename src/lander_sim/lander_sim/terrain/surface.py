"""The ground as one compiled function of position: raster, fractal relief, craters and a scarp, summed."""

from typing import NamedTuple

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_common.vectors import Vector, add_scaled, cross, divide, length
from lander_sim.terrain.craters import craters
from lander_sim.terrain.grid import GRID, NONE, Grid, interpolate, pixel, weight
from lander_sim.terrain.noise import fractal


class Surface(NamedTuple):
    """All that is to know of a terrain. What is absent has amplitude zero.

    Local coordinates x east, y north [m] are azimuthal equidistant about the site: arc length on the
    reference sphere and direction as seen from the site. They serve up to the antipode.
    """

    axes: np.ndarray  # (3, 3) rows: east, north, up of the site, in moon
    mean: float  # [m] height about which the synthetic relief lies
    seed: int
    octaves: np.ndarray  # (n, 7), see noise.octave_table
    craters: np.ndarray  # (n, 2), see craters.crater_table
    coarsest_crater_on_grid: float  # [m] over the raster only craters below this diameter are added
    scarp: np.ndarray  # (5,) height [m], width [m], distance of the middle [m], flight direction x, y
    grid: Grid
    ceiling: float  # [m] nothing is higher
    steepest: float  # [-] slope that bounds the steps of ray casting


_MOST = 32  # octaves and classes of craters

SURFACE = np.dtype([
    ('axes', float, (3, 3)), ('mean', float), ('seed', np.int64),
    ('octaves', float, (_MOST, 7)),  # behind the last: of amplitude zero
    ('craters', float, (_MOST, 2)),  # behind the last: infinitely wide, so left out
    ('coarsest_crater_on_grid', float), ('scarp', float, 5), ('grid', GRID),
    ('ceiling', float), ('steepest', float),
])
"""A surface for kernels: of one size for all, and without references that each call would have to count."""


class Landscape(NamedTuple):
    """A surface as kernels take it. From Python the record comes as an array of one, to be taken out."""

    surface: np.void  # of SURFACE
    raster: np.ndarray  # (rows, columns) float32 [m], values of the grid


def landscape(surface: Surface) -> Landscape:
    """Return a surface for kernels.

    Raises:
        ValueError: it has more octaves or classes of craters than the record holds.
    """
    record = np.zeros(1, SURFACE)
    for name in SURFACE.names:
        value, field = getattr(surface, name), record[name][0, ...]
        if name in ('octaves', 'craters'):
            if len(value) > _MOST:
                raise ValueError(f'{len(value)} {name}; allowed are {_MOST}')
            field[len(value):, 0] = np.inf
            field[:len(value)] = value
        else:
            field[...] = value[1:] if name == 'grid' else value
    return Landscape(record, surface.grid.values)


@compiled
def local_coordinates(u: Vector, axes: np.ndarray) -> tuple[float, float]:
    """Return x, y [m] of the direction u, a unit vector in `moon`."""
    e = axes[0, 0] * u[0] + axes[0, 1] * u[1] + axes[0, 2] * u[2]
    n = axes[1, 0] * u[0] + axes[1, 1] * u[1] + axes[1, 2] * u[2]
    c = axes[2, 0] * u[0] + axes[2, 1] * u[1] + axes[2, 2] * u[2]
    s = np.sqrt(e * e + n * n)
    k = MOON_RADIUS if s < 1e-12 else MOON_RADIUS * np.arctan2(s, c) / s
    return k * e, k * n


@compiled
def synthetic_height(x: float, y: float, surface: Surface | np.void, finest: float) -> float:
    """Return the height [m] of the synthetic ground at local x, y [m], without raster."""
    height = surface.mean + fractal(x, y, surface.seed, surface.octaves, 1, finest)
    height += craters(x, y, surface.seed, surface.craters, finest, 1e9)
    if surface.scarp[0] != 0.0:
        along = x * surface.scarp[3] + y * surface.scarp[4]
        t = min(max(0.5 - (along + surface.scarp[2]) / surface.scarp[1], 0.0), 1.0)
        height += surface.scarp[0] * t * t * t * (t * (6.0 * t - 15.0) + 10.0)
    return height


@compiled
def height(position: Vector, land: Landscape, finest: float) -> float:
    """Return the height [m] of the ground in the direction of `position`, moon; NaN without data.

    Relief with a wavelength below `finest` [m] is left out.
    """
    surface = land.surface
    grid = surface.grid
    u = divide(position, length(position))
    x, y = local_coordinates(u, surface.axes)
    if grid.georeference[0] == NONE:
        return synthetic_height(x, y, surface, finest)
    column, row = pixel(u, grid)
    w = weight(column, row, grid, land.raster)
    total = 0.0
    if w > 0.0:
        total = interpolate(column, row, grid.wraps, land.raster)
        total += fractal(x, y, surface.seed, surface.octaves, 2, finest)
        total += craters(x, y, surface.seed, surface.craters, finest, surface.coarsest_crater_on_grid)
        total *= w
    elif grid.edge <= 0.0:
        return np.nan
    if w < 1.0:
        total += (1.0 - w) * synthetic_height(x, y, surface, finest)
    return total


@compiled
def heights(positions: np.ndarray, land: Landscape, finest: np.ndarray) -> np.ndarray:
    """Return `height` of many positions, shapes (n, 3) and (n,) to (n,); called from Python."""
    land = Landscape(land.surface[0], land.raster)
    result = np.empty(positions.shape[0])
    for k in range(positions.shape[0]):
        position = positions[k, 0], positions[k, 1], positions[k, 2]
        result[k] = height(position, land, finest[k])
    return result


@compiled
def normal(position: Vector, land: Landscape, baseline: float) -> Vector:
    """Return the upward unit normal, moon, from differences over `baseline` [m]."""
    u = divide(position, length(position))
    a = cross((0.0, 0.0, 1.0) if abs(u[2]) < 0.7 else (1.0, 0.0, 0.0), u)
    a = divide(a, length(a))
    b = cross(u, a)
    d = 0.5 * baseline / MOON_RADIUS
    da = _rise(u, a, d, land) / baseline
    db = _rise(u, b, d, land) / baseline
    upward = add_scaled(add_scaled(u, -da, a), -db, b)
    return divide(upward, length(upward))


@compiled
def _rise(u: Vector, a: Vector, d: float, land: Landscape) -> float:
    """Return how much higher [m] the ground is in the direction u + d a than in u - d a."""
    return height(add_scaled(u, d, a), land, 0.0) - height(add_scaled(u, -d, a), land, 0.0)


@compiled
def plane(position: Vector, land: Landscape, baseline: float) -> tuple[float, Vector]:
    """Return height [m] and upward unit normal, moon, from differences over `baseline` [m]."""
    return height(position, land, 0.0), normal(position, land, baseline)

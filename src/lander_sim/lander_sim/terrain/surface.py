"""The ground as one compiled function of position: raster, fractal relief, craters and a scarp, summed."""

from typing import NamedTuple

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_common.rotations import cross, norm
from lander_sim.terrain.craters import craters
from lander_sim.terrain.grid import NONE, Grid, interpolate, pixel, weight
from lander_sim.terrain.noise import fractal


class Surface(NamedTuple):
    """All that the kernels need to know of a terrain. What is absent has amplitude zero.

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


@compiled
def local_coordinates(u: np.ndarray, axes: np.ndarray) -> tuple[float, float]:
    """Return x, y [m] of the direction u, a unit vector in `moon`, shape (3,)."""
    e = axes[0, 0] * u[0] + axes[0, 1] * u[1] + axes[0, 2] * u[2]
    n = axes[1, 0] * u[0] + axes[1, 1] * u[1] + axes[1, 2] * u[2]
    c = axes[2, 0] * u[0] + axes[2, 1] * u[1] + axes[2, 2] * u[2]
    s = np.sqrt(e * e + n * n)
    k = MOON_RADIUS if s < 1e-12 else MOON_RADIUS * np.arctan2(s, c) / s
    return k * e, k * n


@compiled
def synthetic_height(x: float, y: float, surface: Surface, finest: float) -> float:
    """Return the height [m] of the synthetic ground at local x, y [m], without raster."""
    height = surface.mean + fractal(x, y, surface.seed, surface.octaves, 1, finest)
    height += craters(x, y, surface.seed, surface.craters, finest, 1e9)
    if surface.scarp[0] != 0.0:
        along = x * surface.scarp[3] + y * surface.scarp[4]
        t = min(max(0.5 - (along + surface.scarp[2]) / surface.scarp[1], 0.0), 1.0)
        height += surface.scarp[0] * t * t * t * (t * (6.0 * t - 15.0) + 10.0)
    return height


@compiled
def height(position: np.ndarray, surface: Surface, finest: float) -> float:
    """Return the height [m] of the ground in the direction of `position`, moon, (3,); NaN without data.

    Relief with a wavelength below `finest` [m] is left out.
    """
    u = position / norm(position)
    x, y = local_coordinates(u, surface.axes)
    grid = surface.grid
    if grid.georeference[0] == NONE:
        return synthetic_height(x, y, surface, finest)
    column, row = pixel(u, grid)
    w = weight(column, row, grid)
    total = 0.0
    if w > 0.0:
        total = interpolate(column, row, grid) + fractal(x, y, surface.seed, surface.octaves, 2, finest)
        total += craters(x, y, surface.seed, surface.craters, finest, surface.coarsest_crater_on_grid)
        total *= w
    elif grid.edge <= 0.0:
        return np.nan
    if w < 1.0:
        total += (1.0 - w) * synthetic_height(x, y, surface, finest)
    return total


@compiled
def heights(positions: np.ndarray, surface: Surface, finest: np.ndarray) -> np.ndarray:
    """Return `height` of many positions, shapes (n, 3) and (n,) to (n,)."""
    result = np.empty(positions.shape[0])
    for k in range(positions.shape[0]):
        result[k] = height(positions[k], surface, finest[k])
    return result


@compiled
def normal(position: np.ndarray, surface: Surface, baseline: float) -> np.ndarray:
    """Return the upward unit normal, moon, (3,), from differences over `baseline` [m]."""
    u = position / norm(position)
    a = cross(np.array([0.0, 0.0, 1.0]) if abs(u[2]) < 0.7 else np.array([1.0, 0.0, 0.0]), u)
    a = a / norm(a)
    b = cross(u, a)
    d = 0.5 * baseline / MOON_RADIUS
    da = (height(u + d * a, surface, 0.0) - height(u - d * a, surface, 0.0)) / baseline
    db = (height(u + d * b, surface, 0.0) - height(u - d * b, surface, 0.0)) / baseline
    upward = u - da * a - db * b
    return upward / norm(upward)


@compiled
def plane(position: np.ndarray, surface: Surface, baseline: float) -> tuple[float, np.ndarray]:
    """Return height [m] and upward unit normal, moon, (3,), from differences over `baseline` [m]."""
    return height(position, surface, 0.0), normal(position, surface, baseline)

"""Heights from a raster in memory: projection and bicubic interpolation, compiled."""

from typing import NamedTuple

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_common.vectors import Vector

NONE, CYLINDRICAL, POLAR = range(3)
_TURN = 2.0 * np.pi


class Grid(NamedTuple):
    """A raster and where its pixels lie; row 0 is the first of the file, NaN is no data.

    `georeference`, (8,): kind, a, b, c, d, e, f, central longitude [rad]; column = a x + b y + c and
    row = d x + e y + f, counted from the centre of the first pixel.
    Cylindrical: x is the east longitude from the central one, in [-pi, pi), y the latitude [rad].
    Polar: x, y [m] of the stereographic projection, true at the pole; x points 90 deg east of the central
    longitude, y away from it (north pole) or along it (south pole).
    """

    values: np.ndarray  # (rows, columns) float32 [m]
    georeference: np.ndarray  # (8,)
    south: bool  # which pole, if polar
    wraps: bool  # the columns go once round the Moon
    edge: float  # [pixels] width over which the raster fades into what surrounds it; 0: no data outside


GRID = np.dtype([('georeference', float, 8), ('south', bool), ('wraps', bool), ('edge', float)])
"""A grid for kernels; the values are handed to them beside it."""


def empty() -> Grid:
    """Return a grid that holds nothing."""
    return Grid(np.zeros((1, 1), np.float32), np.zeros(8), False, False, 1.0)


@compiled
def pixel(u: Vector, grid: Grid | np.void) -> tuple[float, float]:
    """Return fractional column and row of a direction u, a unit vector in `moon`."""
    g = grid.georeference
    if g[0] == CYLINDRICAL:
        x = np.arctan2(u[1], u[0]) - g[7]
        x -= _TURN * np.floor((x + np.pi) / _TURN)
        y = np.arcsin(min(max(u[2], -1.0), 1.0))
    else:
        z = -u[2] if grid.south else u[2]
        k = 2.0 * MOON_RADIUS / (1.0 + z)
        c, s = np.cos(g[7]), np.sin(g[7])
        x = k * (c * u[1] - s * u[0])
        y = k * (c * u[0] + s * u[1])
        y = y if grid.south else -y
    return g[1] * x + g[2] * y + g[3], g[4] * x + g[5] * y + g[6]


@compiled
def weight(column: float, row: float, grid: np.void, values: np.ndarray) -> float:
    """Return how much the raster counts here: 1 inside, 0 outside, smooth over `edge` pixels."""
    rows, columns = values.shape
    inside = min(row + 0.5, rows - 0.5 - row)
    if not grid.wraps:
        inside = min(inside, min(column + 0.5, columns - 0.5 - column))
    if grid.edge <= 0.0:
        return 1.0 if inside >= 0.0 else 0.0
    t = min(max(inside / grid.edge, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


@compiled
def _cubic(p0: float, p1: float, p2: float, p3: float, t: float) -> float:
    a = 2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3
    b = 3.0 * (p1 - p2) + p3 - p0
    return p1 + 0.5 * t * (p2 - p0 + t * (a + t * b))


@compiled
def _value(row: int, column: int, wraps: bool, values: np.ndarray) -> float:
    rows, columns = values.shape
    column = column % columns if wraps else min(max(column, 0), columns - 1)
    return np.float64(values[min(max(row, 0), rows - 1), column])


@compiled
def _line(row: int, column: int, t: float, wraps: bool, values: np.ndarray) -> float:
    return _cubic(_value(row, column - 1, wraps, values), _value(row, column, wraps, values),
                  _value(row, column + 1, wraps, values), _value(row, column + 2, wraps, values), t)


@compiled
def interpolate(column: float, row: float, wraps: bool, values: np.ndarray) -> float:
    """Return the height [m] by Catmull-Rom, exact at pixels, of continuous slope; NaN without data."""
    i, j = int(np.floor(row)), int(np.floor(column))
    t = column - j
    return _cubic(_line(i - 1, j, t, wraps, values), _line(i, j, t, wraps, values),
                  _line(i + 1, j, t, wraps, values), _line(i + 2, j, t, wraps, values), row - i)

"""The part of an elevation file that is kept in memory."""

import numpy as np

from lander_common.constants import MOON_RADIUS
from lander_common.site import Site
from lander_sim.terrain import grid
from lander_sim.terrain.raster_file import RasterFile

LARGEST = 50_000_000  # [pixels] in memory, 200 MB
_EDGE = 0.05  # [-] of the raster's smaller side, over which it fades into synthetic ground


def load_grid(file: RasterFile, site: Site) -> tuple[grid.Grid, str]:
    """Read the whole file, or the part about the site if it is large; say which in words."""
    whole = grid.Grid(np.zeros((1, 1), np.float32), file.georeference, file.south, file.wraps, 1.0)
    rows, columns, row, column, wraps = file.rows, file.columns, 0, 0, file.wraps
    if rows * columns > LARGEST:
        side = int(np.sqrt(LARGEST))
        rows = min(rows, max(side, LARGEST // columns))
        columns = min(columns, LARGEST // rows)
        x, y = grid.pixel(site.origin / MOON_RADIUS, whole)
        row = int(np.clip(y - rows // 2, 0, file.rows - rows))
        column = int(x) - columns // 2
        if not file.wraps:
            column = int(np.clip(column, 0, file.columns - columns))
        wraps = file.wraps and columns == file.columns
        column = 0 if wraps else column
    reference = file.georeference.copy()
    reference[3] -= column
    reference[6] -= row
    if file.wraps and not wraps:  # x counts from the middle of the part
        shift = (column + 0.5 * (columns - 1) - file.georeference[3]) / file.georeference[1]
        reference[7] += shift
        reference[3] += reference[1] * shift
    values = np.ascontiguousarray(_read_round(file, row, column, rows, columns))
    edge = max(_EDGE * min(rows, columns), 1.0)
    note = '' if rows * columns == file.rows * file.columns else ', the part about the site'
    return grid.Grid(values, reference, file.south, wraps, edge), note


def _read_round(file: RasterFile, row: int, column: int, rows: int, columns: int) -> np.ndarray:
    """Read a window; one that crosses the meridian where the file begins is read in two pieces."""
    pieces, start, left = [], column % file.columns if file.wraps else column, columns
    while left > 0:
        width = min(left, file.columns - start)
        pieces.append(file.read(row, start, rows, width))
        start, left = 0, left - width
    return np.hstack(pieces)


def steepest(data: grid.Grid, step: float) -> float:
    """Return a bound of the slope between pixels [-]."""
    rows, g = data.values.shape[0], data.georeference
    width = np.full(rows, step)
    if g[0] == grid.CYLINDRICAL:
        latitude = (np.arange(rows) - g[6]) / g[5]
        width = MOON_RADIUS / abs(g[1]) * np.maximum(np.cos(latitude), 0.05)
    across = np.nanmax(np.abs(np.diff(data.values, axis=1)) / width[:, None], initial=0.0)
    along = np.nanmax(np.abs(np.diff(data.values, axis=0)), initial=0.0) / step
    return min(1.3 * float(np.hypot(across, along)), 5.0)


def extent(data: grid.Grid) -> str:
    """Say in words where the data ends."""
    rows, columns = data.values.shape
    g = data.georeference
    if g[0] == grid.CYLINDRICAL and g[2] == 0.0 and g[4] == 0.0:
        north, south = (np.degrees((r - g[6]) / g[5]) for r in (-0.5, rows - 0.5))
        west, east = (np.degrees(g[7] + (c - g[3]) / g[1]) for c in (-0.5, columns - 0.5))
        return f'latitudes {south:.4f} to {north:.4f}, longitudes {west:.4f} to {east:.4f} deg'
    if g[0] == grid.POLAR:
        reach = 0.5 * min(rows, columns) / float(np.hypot(g[4], g[5]))
        latitude = 90.0 - 2.0 * np.degrees(np.arctan(0.5 * reach / MOON_RADIUS))
        around = 'square about the south' if data.south else 'square about the north'
        return f'a {around} pole that reaches latitude {-latitude if data.south else latitude:.4f} deg'
    return f'{columns} by {rows} pixels, turned against north'

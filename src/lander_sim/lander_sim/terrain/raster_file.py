"""What every elevation file looks like to the rest, whatever its format."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lander_common.constants import MOON_RADIUS
from lander_sim.terrain.grid import CYLINDRICAL
from lander_sim.terrain.terrain import TerrainError


@dataclass(frozen=True)
class RasterFile:
    """An opened elevation file."""

    path: Path
    rows: int
    columns: int
    georeference: np.ndarray  # (8,), see grid.Grid, for the whole file
    south: bool
    read: Callable[[int, int, int, int], np.ndarray]  # row, column, rows, columns: float32 [m], NaN no data

    @property
    def wraps(self) -> bool:
        """Whether the columns go once round the Moon."""
        g = self.georeference
        return g[0] == CYLINDRICAL and abs(self.columns - abs(g[1]) * 2.0 * np.pi) < 0.5

    @property
    def step(self) -> float:
        """Distance of two rows on the ground [m]; near the pole if polar."""
        g = self.georeference
        return (MOON_RADIUS if g[0] == CYLINDRICAL else 1.0) / float(np.hypot(g[4], g[5]))


def above_sphere(values: np.ndarray, unit: str = 'm') -> np.ndarray:
    """Turn planetary radii or heights, in m or km, into heights above the reference sphere [m], in place."""
    if unit.lower().startswith('k'):
        values *= 1e3
    middle = np.nanmedian(values) if np.isfinite(values).any() else 0.0
    if middle > 0.5 * MOON_RADIUS:
        values -= np.float32(MOON_RADIUS)
    return values


def unusable(path: Path, what: str) -> TerrainError:
    """Return the error for a file that cannot be used."""
    return TerrainError(f'{path}: {what}')

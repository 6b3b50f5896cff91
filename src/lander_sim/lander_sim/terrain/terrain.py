"""The terrain as the simulator sees it: heights, planes and rays in the frame `moon`."""

from typing import NamedTuple

import numpy as np

from lander_common.compiled import compiled
from lander_common.vectors import Vector
from lander_common.yaml_file import FileError
from lander_sim.terrain import surface as kernels
from lander_sim.terrain.raycast import cast
from lander_sim.terrain.surface import Landscape, Surface, landscape


class TerrainError(FileError):
    """Terrain data is missing, broken, or asked for where there is none. The text names the file."""


class RayHit(NamedTuple):
    """Where a ray met the ground."""

    range_m: float  # [m] along the ray; 0 if it starts below the ground
    cosine: float  # [-] of the angle between the ray and the ground's normal, 0 grazing, 1 perpendicular


class Terrain:
    """Ground heights above the reference sphere, lander_common.constants.MOON_RADIUS.

    Positions are in `moon` [m], float64, shape (3,); only their direction counts for heights. `source` says
    in words where the heights come from; `extent` where they end (empty: nowhere). `land` is for kernels.
    """

    def __init__(self, surface: Surface, source: str, extent: str = ''):
        """Wrap a surface; use `load_terrain` or `synthetic_terrain` to make one."""
        self.surface, self.source, self.extent = surface, source, extent
        self.land = landscape(surface)

    def height(self, latitude: np.ndarray | float, longitude: np.ndarray | float) -> np.ndarray | float:
        """Return heights [m] at planetocentric latitudes and east longitudes [rad], broadcast together.

        Raises:
            TerrainError: there is no data at one of the places.
        """
        lat, lon = np.broadcast_arrays(np.asarray(latitude, float), np.asarray(longitude, float))
        c = np.cos(lat)
        result = self.heights(np.stack([c * np.cos(lon), c * np.sin(lon), np.sin(lat)], axis=-1))
        return float(result) if result.ndim == 0 else result

    def heights(self, positions_moon: np.ndarray, finest: np.ndarray | float = 0.0) -> np.ndarray:
        """Return heights [m] in many directions, shape (..., 3); relief finer than `finest` [m] left out.

        Raises:
            TerrainError: there is no data at one of the places.
        """
        points = np.ascontiguousarray(positions_moon, dtype=np.float64).reshape(-1, 3)
        shape = positions_moon.shape[:-1]
        limits = np.ascontiguousarray(np.broadcast_to(np.asarray(finest, float), shape).ravel())
        result = kernels.heights(points, self.land, limits)
        missing = np.isnan(result)
        if missing.any():
            raise self._no_data(points[np.argmax(missing)])
        return result.reshape(shape)

    def height_at(self, position_moon: np.ndarray) -> float:
        """Return the height [m] of the ground below a position.

        Raises:
            TerrainError: there is no data.
        """
        height = _height(position_moon, self.land)
        if height != height:
            raise self._no_data(position_moon)
        return height

    def plane_at(self, position_moon: np.ndarray, baseline: float = 1.0) -> tuple[float, np.ndarray]:
        """Return height [m] and upward unit normal, moon, (3,), of the ground below, over `baseline` [m].

        Raises:
            TerrainError: there is no data.
        """
        height, normal = _plane(position_moon, self.land, baseline)
        if height != height or normal[0] != normal[0]:
            raise self._no_data(position_moon)
        return height, np.array(normal)

    def raycast(self, origin_moon: np.ndarray, direction_moon: np.ndarray, max_range: float) -> RayHit | None:
        """Return the first meeting of a ray with the ground within `max_range` [m], or None.

        The direction is a unit vector. Spikes thinner than 2 cm (and 1e-6 of the range) may be missed.

        Raises:
            TerrainError: the ray comes near the ground where there is no data.
        """
        distance, cosine = _cast(origin_moon, direction_moon, max_range, self.land)
        if distance >= 0.0:
            return RayHit(distance, cosine)
        if distance != distance:
            raise TerrainError(f'{self.source}: a ray leaves the data; it covers {self.extent}')
        return None

    def _no_data(self, position: np.ndarray) -> TerrainError:
        x, y, z = position
        return TerrainError(
            f'{self.source}: no data at latitude {np.degrees(np.arctan2(z, np.hypot(x, y))):.4f} deg, '
            f'longitude {np.degrees(np.arctan2(y, x)):.4f} deg; it covers {self.extent or "the whole Moon"}')


@compiled
def _vector(a: np.ndarray) -> Vector:
    return a[0], a[1], a[2]


@compiled
def _height(position: np.ndarray, land: Landscape) -> float:
    return kernels.height(_vector(position), Landscape(land.surface[0], land.raster), 0.0)


@compiled
def _plane(position: np.ndarray, land: Landscape, baseline: float) -> tuple[float, Vector]:
    return kernels.plane(_vector(position), Landscape(land.surface[0], land.raster), baseline)


@compiled
def _cast(origin: np.ndarray, direction: np.ndarray, max_range: float,
          land: Landscape) -> tuple[float, float]:
    return cast(_vector(origin), _vector(direction), max_range, Landscape(land.surface[0], land.raster))

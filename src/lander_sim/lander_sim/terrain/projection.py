"""From the projection of a file to the georeference of a Grid."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from lander_common.constants import MOON_RADIUS
from lander_sim.terrain.grid import CYLINDRICAL, POLAR


class ProjectionError(ValueError):
    """A map projection that this package does not know."""


@dataclass(frozen=True)
class Projection:
    """How file coordinates X, Y follow from the grid's x, y: X = scale_x x + x0, Y = scale_y y + y0."""

    kind: int
    scale_x: float
    scale_y: float
    x0: float
    y0: float
    longitude: float  # [rad] from which x counts (cylindrical), or which points down or up (polar)
    south: bool = False

    def georeference(self, inverse: tuple[float, ...]) -> np.ndarray:
        """Return Grid.georeference, given what turns X, Y into column and row of pixel edges, (6,)."""
        a, b, c, d, e, f = inverse[:6]
        return np.array([
            self.kind, a * self.scale_x, b * self.scale_y, a * self.x0 + b * self.y0 + c - 0.5,
            d * self.scale_x, e * self.scale_y, d * self.x0 + e * self.y0 + f - 0.5, self.longitude])


def cylindrical(longitude: float) -> Projection:
    """Return the projection of a file in degrees whose middle is at `longitude` [deg]."""
    degrees = math.degrees(1.0)
    return Projection(CYLINDRICAL, degrees, degrees, longitude, 0.0, math.radians(longitude))


def polar(longitude: float, south: bool) -> Projection:
    """Return the stereographic projection in metres, true at the pole; lower meridian (north) in degrees."""
    return Projection(POLAR, 1.0, 1.0, 0.0, 0.0, math.radians(longitude), south)


def from_proj(proj: dict[str, Any], middle: float) -> Projection:
    """Return the projection that PROJ parameters describe; `middle` is the X of the middle of the file.

    Raises:
        ProjectionError: neither geographic, equirectangular nor polar stereographic.
    """
    name = proj.get('proj')
    if name == 'longlat':
        return cylindrical(middle)
    radius = float(proj.get('R', proj.get('a', 0.0)))
    if abs(radius - MOON_RADIUS) > 1e3 or proj.get('units', 'm') != 'm':
        raise ProjectionError(f'projected for a radius of {radius:.0f} {proj.get("units", "m")}; '
                              f'wanted is {MOON_RADIUS:.0f} m')
    x0, y0, lon_0, lat_0 = (float(proj.get(key, 0.0)) for key in ('x_0', 'y_0', 'lon_0', 'lat_0'))
    if name == 'eqc':
        scale = radius * math.cos(math.radians(float(proj.get('lat_ts', 0.0))))
        longitude = math.radians(lon_0) + (middle - x0) / scale
        return Projection(CYLINDRICAL, scale, radius, middle, y0 - radius * math.radians(lat_0), longitude)
    if name == 'stere' and abs(lat_0) == 90.0:
        scale = float(proj.get('k', proj.get('k_0', 1.0))) * radius / MOON_RADIUS
        if 'lat_ts' in proj:
            scale *= 0.5 * (1.0 + abs(math.sin(math.radians(float(proj['lat_ts'])))))
        return Projection(POLAR, scale, scale, x0, y0, math.radians(lon_0), lat_0 < 0.0)
    raise ProjectionError(f'projection {name or "missing"}; known are geographic (degrees), '
                          'equirectangular and polar stereographic')

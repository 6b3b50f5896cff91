"""The landing site, and the frame `map`: east-north-up, origin at the site on the reference sphere."""

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from lander_common import moon, rotations
from lander_common.constants import MOON_RADIUS
from lander_common.parameters import Parameters, parameter
from lander_common.yaml_file import load


@dataclass(frozen=True)
class Site(Parameters):
    """Where to land, and what is known of the ground there before the flight."""

    name: str = parameter('mare_frigoris', doc='Name of the site')
    latitude_deg: float = parameter(60.5, unit='deg', minimum=-90, maximum=90, doc='Planetocentric')
    longitude_deg: float = parameter(-4.6, unit='deg', minimum=-180, maximum=360, doc='East')
    ground_height_m: float = parameter(
        -2451.0, unit='m', minimum=-10e3, maximum=11e3, doc='Map height above the reference sphere')
    ground_height_sigma_m: float = parameter(
        100.0, unit='m', minimum=0.1, maximum=5e3, doc='Standard deviation of that height')
    slope_sigma: float = parameter(
        0.03, minimum=1e-4, maximum=1.0, doc='RMS slope along the approach, for the terrain state')
    approach_heading_deg: float = parameter(
        0.0, unit='deg', minimum=-180, maximum=360, doc='Ground track at the site, clockwise from north')

    @cached_property
    def rotation(self) -> np.ndarray:
        """Rotation matrix from `map` to `moon`, shape (3, 3)."""
        lat, lon = math.radians(self.latitude_deg), math.radians(self.longitude_deg)
        up = moon.direction(lat, lon)
        east = np.array([-math.sin(lon), math.cos(lon), 0.0])
        return np.column_stack([east, rotations.cross(up, east), up])

    @cached_property
    def quaternion(self) -> np.ndarray:
        """Rotation from `map` to `moon` as a quaternion x, y, z, w, shape (4,)."""
        return rotations.from_matrix(np.ascontiguousarray(self.rotation))

    @cached_property
    def origin(self) -> np.ndarray:
        """Origin of `map` in `moon` [m], shape (3,)."""
        return MOON_RADIUS * self.rotation[:, 2]

    def to_moon(self, position_map: np.ndarray) -> np.ndarray:
        """Turn a position in `map` into one in `moon` [m], shape (3,)."""
        return self.origin + self.rotation @ position_map

    def to_map(self, position_moon: np.ndarray) -> np.ndarray:
        """Turn a position in `moon` into one in `map` [m], shape (3,)."""
        return self.rotation.T @ (position_moon - self.origin)


def load_site(path: str | Path) -> Site:
    """Read a site file; errors name the file, the field and the allowed range."""
    return load(path, Site)

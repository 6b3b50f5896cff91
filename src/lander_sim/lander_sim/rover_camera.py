"""What the rover's camera sees: sunlit ground under a black sky.

Heights are sampled on a fan of azimuths and growing ranges. The highest elevation so far along an azimuth
tells by bisection which ground a pixel shows. Stones and relief of centimetres are drawn that the terrain
does not have.
"""

import math
from dataclasses import dataclass

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_common.parameters import Parameters, parameter
from lander_common.site import Site
from lander_sim.terrain import Terrain
from lander_sim.terrain import surface as kernels
from lander_sim.terrain.stones import stone_heights, textured

_FINER = 2  # [-] rays per pixel in both directions
_LIMB = 0.6  # [-] share of Lommel-Seeliger in the lunar-Lambert law, about 60 deg of phase
_LEVEL = 0.4  # [-] of full white: sunlit level ground
_MARGIN = math.radians(30.0)  # of the fan on both sides of the image, for what casts shadows into it


@dataclass(frozen=True)
class CameraParameters(Parameters):
    """The camera and the light."""

    width: int = parameter(320, minimum=16, maximum=2048, doc='Pixels')
    height: int = parameter(240, minimum=16, maximum=2048, doc='Pixels')
    field_of_view_deg: float = parameter(60.0, unit='deg', minimum=5, maximum=100, doc='Horizontal; assumed')
    eye_height_m: float = parameter(0.26, unit='m', minimum=0.05, maximum=100, doc='Height of Tenacious')
    pitch_deg: float = parameter(10.0, unit='deg', minimum=-30, maximum=60, doc='Downward; assumed')
    sun_azimuth_deg: float = parameter(120.0, unit='deg', doc='Clockwise from north; assumed')
    sun_elevation_deg: float = parameter(20.0, unit='deg', minimum=0.5, maximum=90, doc='Assumed')
    nearest_m: float = parameter(0.3, unit='m', minimum=0.05, maximum=10, doc='Start of the sampled ground')
    farthest_m: float = parameter(6e3, unit='m', minimum=100, maximum=1e5, doc='End of the sampled ground')
    ranges: int = parameter(480, minimum=50, maximum=5000, doc='Samples along an azimuth')


def render(terrain: Terrain, site: Site, position_map: np.ndarray, heading: float,
           parameters: CameraParameters | None = None) -> np.ndarray:
    """Return the grey image, uint8 (height, width), of a level camera at `position_map` [m] on the ground.

    `heading` [rad] is counter-clockwise from east. The same arguments give the same picture.

    Raises:
        TerrainError: there is no data below the camera.
    """
    p = parameters or CameraParameters()
    fov = math.radians(p.field_of_view_deg)
    azimuths = np.arange(-0.5 * fov - _MARGIN, 0.5 * fov + _MARGIN, fov / p.width)
    ranges = np.geomspace(p.nearest_m, p.farthest_m, p.ranges)
    points = _fan(terrain, site, position_map, heading + azimuths, ranges)
    points[:, :, 2] -= p.eye_height_m
    sun = _direction(math.radians(90.0 - p.sun_azimuth_deg), math.radians(p.sun_elevation_deg))
    light = _shade(points, sun)
    sky = np.maximum.accumulate(points[:, :, 2] / np.hypot(points[:, :, 0], points[:, :, 1]), axis=1)
    image = _project(points, light, sky, azimuths[0], azimuths[1] - azimuths[0], heading,
                     sun, (_FINER * p.height, _FINER * p.width), fov, math.radians(p.pitch_deg))
    image = image.reshape(p.height, _FINER, p.width, _FINER).mean(axis=(1, 3))
    return np.clip(255.0 * image ** (1.0 / 1.8) + 0.5, 0.0, 255.0).astype(np.uint8)


def _fan(terrain: Terrain, site: Site, position_map: np.ndarray, headings: np.ndarray,
         ranges: np.ndarray) -> np.ndarray:
    """Return ground points relative to the ground below the camera, map axes, (azimuths, ranges, 3) [m]."""
    flat = np.zeros((len(headings), len(ranges), 3))
    flat[:, :, 0] = position_map[0] + np.cos(headings)[:, None] * ranges
    flat[:, :, 1] = position_map[1] + np.sin(headings)[:, None] * ranges
    flat[:, :, 2] = position_map[2]
    u = (site.origin + flat.reshape(-1, 3) @ site.rotation.T)
    u /= np.linalg.norm(u, axis=1)[:, None]
    finest = np.broadcast_to(ranges * (ranges[1] / ranges[0] - 1.0), flat.shape[:2]).ravel().copy()
    surface = textured(terrain.surface)
    land = kernels.landscape(surface)
    height = kernels.heights(u, land, finest) + stone_heights(u, surface, finest)
    below = site.to_moon(np.asarray(position_map, float))
    terrain.height_at(below)  # raises where there is no data
    foot = kernels.heights(below[None], land, np.zeros(1))[0]
    height = np.where(np.isnan(height), foot, height)  # beyond the data the picture ends on level ground
    ground = ((MOON_RADIUS + height)[:, None] * u - site.origin) @ site.rotation
    return (ground - site.to_map(below / np.linalg.norm(below) * (MOON_RADIUS + foot))).reshape(flat.shape)


def _direction(azimuth: float, elevation: float) -> np.ndarray:
    c = math.cos(elevation)
    return np.array([c * math.cos(azimuth), c * math.sin(azimuth), math.sin(elevation)])


def _shade(points: np.ndarray, sun: np.ndarray) -> np.ndarray:
    """Return the lunar-Lambert brightness of every point seen from the origin, level ground about _LEVEL."""
    across, along = np.gradient(points, axis=0), np.gradient(points, axis=1)
    normal = np.cross(along, across)
    normal /= np.linalg.norm(normal, axis=2)[:, :, None]
    incidence = np.maximum(normal @ sun, 0.0)
    view = -points / np.linalg.norm(points, axis=2)[:, :, None]
    emission = np.maximum(np.sum(normal * view, axis=2), 0.02)
    light = 2.0 * _LIMB * incidence / (incidence + emission) + (1.0 - _LIMB) * incidence
    level = 2.0 * _LIMB * sun[2] / (sun[2] + 0.2) + (1.0 - _LIMB) * sun[2]
    return _LEVEL * light / level


@compiled
def _project(points: np.ndarray, light: np.ndarray, sky: np.ndarray, first: float, step: float,
             heading: float, sun: np.ndarray, shape: tuple[int, int], fov: float, pitch: float) -> np.ndarray:
    """Return the brightness of every pixel; `shape` is height, width."""
    image = np.zeros(shape)
    height, width = shape
    focal = 0.5 * width / np.tan(0.5 * fov)
    for row in range(height):
        for column in range(width):
            right = (column + 0.5 - 0.5 * width) / focal
            down = (row + 0.5 - 0.5 * height) / focal
            forward = np.cos(pitch) - down * np.sin(pitch)
            slope = -(np.sin(pitch) + down * np.cos(pitch)) / np.sqrt(forward * forward + right * right)
            a = (-np.arctan2(right, forward) - first) / step
            k = int(a + 0.5)
            i = np.searchsorted(sky[k], slope)
            if i == sky.shape[1]:
                continue
            j = max(i - 1, 0)
            t = (slope - sky[k, j]) / (sky[k, i] - sky[k, j]) if sky[k, i] > sky[k, j] else 1.0
            image[row, column] = t * light[k, i] + (1.0 - t) * light[k, j]
            place = t * points[k, i] + (1.0 - t) * points[k, j]
            if _shadowed(place, points, first, step, heading, sun):
                image[row, column] *= 0.04  # light scattered by the ground around
    return image


@compiled
def _shadowed(p: np.ndarray, points: np.ndarray, first: float, step: float, heading: float,
              sun: np.ndarray) -> bool:
    """Return whether ground of the fan stands between a point and the sun."""
    r0 = np.sqrt(points[0, 0, 0] ** 2 + points[0, 0, 1] ** 2)
    ratio = np.log(np.sqrt(points[0, 1, 0] ** 2 + points[0, 1, 1] ** 2) / r0)
    r = np.sqrt(p[0] * p[0] + p[1] * p[1])
    s = 1.5 * r * ratio
    c, n = np.cos(heading), np.sin(heading)
    for _ in range(60):
        x, y, z = p[0] + s * sun[0], p[1] + s * sun[1], p[2] + s * sun[2]
        m = int((np.arctan2(c * y - n * x, c * x + n * y) - first) / step + 0.5)
        rho = np.sqrt(x * x + y * y)
        if rho < r0 or m < 0 or m >= points.shape[0]:
            return False
        t = np.log(rho / r0) / ratio
        j = int(t)
        if j + 1 >= points.shape[1]:
            return False
        t -= j
        if (1.0 - t) * points[m, j, 2] + t * points[m, j + 1, 2] > z:
            return True
        s *= 1.12
    return False

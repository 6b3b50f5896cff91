"""Synthetic ground with the slope statistics of mare or highlands."""

import math
from typing import NamedTuple

import numpy as np

from lander_common.site import Site
from lander_sim.terrain import grid
from lander_sim.terrain.craters import crater_table
from lander_sim.terrain.description import TerrainDescription
from lander_sim.terrain.noise import octave_table
from lander_sim.terrain.surface import Surface, synthetic_height
from lander_sim.terrain.terrain import Terrain

BASELINE = 17.0  # [m] of the median slopes below
_DIRECTIONAL = 0.67449 / 1.17741  # [-] median slope along any line over the steepest line's, Gaussian
SHORTEST = 0.5  # [m] wavelength
MAP_RESOLUTION = 400.0  # [m] relief longer than this is what the site's map height holds already
_CRATER_SLOPE = 1.0  # [-] steeper than the wall of a fresh crater, 4 * 0.2


class Relief(NamedTuple):
    """Slope statistics after Rosenburg et al. 2011 (JGR 116, E02001), and how they are reached."""

    slope_deg: float  # [deg] median over BASELINE of the bidirectional slope: along the steepest line
    hurst: float  # [-]
    longest: float  # [m] wavelength; highland slopes fall off beyond 3-30 km
    crater_density: float  # [-] small craters of every age wider than D per D^2, assumed; Trask 1966 has 0.08
    knee: float  # [m] wider craters are fewer; makes N(1 km) that of Neukum's chronology (Neukum et al. 2001)
    share: float  # [-] fractal part of the median slope; the craters add the rest


RELIEFS = {
    'mare': Relief(2.0, 0.76, 16384.0, 0.06, 170.0, 0.83),  # 3.4 Gyr: 0.004 craters over 1 km per km^2
    'highland': Relief(7.5, 0.95, 32768.0, 0.1, 1400.0, 0.86),  # 4.0 Gyr: 0.063 per km^2
}


def synthetic_surface(description: TerrainDescription, site: Site, seed: int,
                      raster_step: float = 0.0) -> Surface:
    """Make the ground about a site; `raster_step` [m] is the posting of a raster it is to refine."""
    relief = RELIEFS[description.relief]
    slope = description.roughness * relief.share * _DIRECTIONAL * math.tan(math.radians(relief.slope_deg))
    octaves = octave_table(relief.longest, SHORTEST, slope, BASELINE, relief.hurst,
                           raster_step if description.detail else 0.0)
    density = relief.crater_density if description.crater_density < 0.0 else description.crater_density
    heading = math.radians(site.approach_heading_deg)
    scarp = np.array([description.rim_height_m, description.rim_width_m, description.rim_distance_m,
                      math.sin(heading), math.cos(heading)])
    top = 1.1 * np.sum(octaves[:, 1]) + (500.0 if density > 0.0 else 0.0) + max(description.rim_height_m, 0.0)
    surface = Surface(
        axes=np.ascontiguousarray(site.rotation.T), mean=0.0, seed=int(seed), octaves=octaves,
        craters=crater_table(density, relief.knee),
        coarsest_crater_on_grid=raster_step if description.detail and raster_step > 0.0 else 0.0,
        scarp=scarp, grid=grid.empty(), ceiling=top,
        steepest=(_CRATER_SLOPE if density > 0.0 else 0.2) + 6.0 * slope
        + 1.9 * abs(description.rim_height_m) / description.rim_width_m)
    mean = site.ground_height_m + description.height_offset_m - _map_relief(surface)
    return surface._replace(mean=mean, ceiling=mean + top)


def synthetic_terrain(description: TerrainDescription, site: Site, seed: int) -> Terrain:
    """Make ground without end; the same seed gives the same ground."""
    surface = synthetic_surface(description, site, seed)
    text = f'synthetic {description.relief}, seed {seed}, about {site.name}'
    if description.rim_height_m != 0.0:
        text += (f', with a scarp of {description.rim_height_m:g} m '
                 f'{description.rim_distance_m / 1e3:g} km uprange')
    return Terrain(surface, text)


def _map_relief(surface: Surface) -> float:
    """Return how high the long relief happens to be at the site [m]."""
    flat = surface._replace(scarp=np.zeros(5))
    return synthetic_height(0.0, 0.0, flat, MAP_RESOLUTION)

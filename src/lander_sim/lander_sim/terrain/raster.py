"""Terrain from an elevation file, refined by synthetic relief, with synthetic ground beyond its edges."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lander_common.site import Site
from lander_common.yaml_file import load
from lander_sim.terrain.description import TerrainDescription
from lander_sim.terrain.pds3 import is_label, open_pds3
from lander_sim.terrain.raster_file import RasterFile, unusable
from lander_sim.terrain.raw_image import RawHeader, open_raw
from lander_sim.terrain.surface import heights, landscape
from lander_sim.terrain.synthetic import synthetic_surface
from lander_sim.terrain.terrain import Terrain
from lander_sim.terrain.window import extent, load_grid, steepest


def open_raster(path: Path, search: Sequence[Path] = ()) -> RasterFile:
    """Open an elevation file: YAML header, PDS3 label or image, or anything that GDAL reads.

    Raises:
        TerrainError: the file is broken, or a raw image has no header beside it.
        FileError, ParameterError: a YAML header is wrong.
    """
    if path.suffix.lower() in ('.yaml', '.yml'):
        header = load(path, RawHeader)
        name = header.file or path.with_suffix('.img').name
        places = [Path(folder) / name for folder in (path.parent, *search)]
        return open_raw(next((p for p in places if p.is_file()), places[0]), header)
    if is_label(path):
        return open_pds3(path)
    if path.suffix.lower() in ('.img', '.raw', '.bin'):
        for beside in sorted(path.parent.glob(path.stem + '.*')):
            if beside != path and beside.suffix.lower() in ('.lbl', '.yaml', '.yml'):
                return open_raster(beside, search)
    try:
        from lander_sim.terrain.geotiff import open_geotiff
    except ImportError as error:
        raise unusable(path, 'rasterio is not installed, which reads it') from error
    return open_geotiff(path)


def raster_terrain(path: Path, description: TerrainDescription, site: Site, seed: int,
                   search: Sequence[Path] = ()) -> Terrain:
    """Make the terrain of an elevation file about a site.

    Raises:
        TerrainError: as `open_raster`, or the site is not in the file.
    """
    file = open_raster(path, search)
    data, note = load_grid(file, site)
    step = file.step
    surface = synthetic_surface(description, site, seed, step)
    middle = float(np.nanmedian(data.values)) if np.isfinite(data.values).any() else 0.0
    outside = description.outside == 'synthetic'
    detail = 1.1 * float(np.sum(surface.octaves[:, 2])) + (0.05 * step if description.detail else 0.0)
    top = float(np.nanmax(data.values, initial=-1e4)) + detail + 0.1 * step
    if outside:
        top = max(top, middle + surface.ceiling - surface.mean)
    surface = surface._replace(
        grid=data if outside else data._replace(edge=0.0), mean=middle, scarp=np.zeros(5), ceiling=top,
        steepest=steepest(data, step) + (surface.steepest if outside or description.detail else 0.1))
    terrain = Terrain(surface, f'{path}{note}', '' if outside else extent(data))
    inside = landscape(surface._replace(grid=data._replace(edge=0.0)))
    if np.isnan(heights(site.origin[None], inside, np.zeros(1))[0]):
        raise unusable(path, f'the site {site.name} at latitude {site.latitude_deg:g}, longitude '
                            f'{site.longitude_deg:g} deg is not in the data; it covers {extent(data)}')
    if outside:
        terrain.source += ', synthetic ground beyond its edges'
    return terrain

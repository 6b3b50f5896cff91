"""GeoTIFF, and whatever else GDAL reads, through rasterio."""

from pathlib import Path

import numpy as np
import rasterio
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.windows import Window

from lander_sim.terrain.projection import ProjectionError, from_proj
from lander_sim.terrain.raster_file import RasterFile, above_sphere, unusable


def open_geotiff(path: Path) -> RasterFile:
    """Open a georeferenced raster; its first band holds heights or radii.

    Raises:
        TerrainError: the file is broken or without a known projection.
    """
    try:
        with rasterio.open(path) as data:
            if data.crs is None:
                raise unusable(path, 'the file does not say its projection')
            t = data.transform
            projection = from_proj(data.crs.to_dict(), t.c + 0.5 * (t.a * data.width + t.b * data.height))
            inverse = tuple(~t)
            rows, columns = data.height, data.width
    except (RasterioError, RasterioIOError) as error:
        raise unusable(path, f'not a readable raster: {error}') from error
    except ProjectionError as error:
        raise unusable(path, str(error)) from error
    return RasterFile(path, rows, columns, projection.georeference(inverse), projection.south,
                      lambda *window: _read(path, *window))


def _read(path: Path, row: int, column: int, rows: int, columns: int) -> np.ndarray:
    try:
        with rasterio.open(path) as data:
            band = data.read(1, window=Window(column, row, columns, rows), masked=True)
            scale, offset, unit = data.scales[0], data.offsets[0], data.units[0] or 'm'
    except (RasterioError, RasterioIOError) as error:
        raise unusable(path, f'broken data: {error}') from error
    values = band.astype(np.float64).filled(np.nan)
    return above_sphere(scale * values + offset, unit).astype(np.float32)

"""Headerless images, described by a YAML file or a PDS3 label."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lander_common.constants import MOON_RADIUS
from lander_common.parameters import Parameters, parameter
from lander_sim.terrain.projection import cylindrical, polar
from lander_sim.terrain.raster_file import RasterFile, above_sphere, unusable

PROJECTIONS = ('cylindrical', 'polar_north', 'polar_south')
SAMPLES = ('int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'float32', 'float64')


@dataclass(frozen=True)
class RawHeader(Parameters):
    """Layout and place of an image; value = scale * sample + offset is a height or a radius."""

    file: str = parameter('', doc='Image; empty: the name of the header with .img')
    lines: int = parameter(1, minimum=2, maximum=1_000_000, doc='Rows')
    samples: int = parameter(1, minimum=2, maximum=1_000_000, doc='Columns')
    sample_type: str = parameter('int16', choices=SAMPLES, doc='Of one sample')
    byte_order: str = parameter('little', choices=('little', 'big'), doc='Of one sample')
    header_bytes: int = parameter(0, minimum=0, doc='Before the first sample')
    scale: float = parameter(1.0, doc='Value of one count')
    offset: float = parameter(0.0, doc='Value of count 0')
    unit: str = parameter('m', choices=('m', 'km'), doc='Of the value')
    missing: list[float] = parameter([], doc='Counts that mean no data')
    projection: str = parameter('cylindrical', choices=PROJECTIONS, doc='Polar: pole in the middle')
    north_deg: float = parameter(90.0, unit='deg', minimum=-90, maximum=90, doc='Upper edge; cylindrical')
    west_deg: float = parameter(0.0, unit='deg', minimum=-360, maximum=360, doc='Left edge; cylindrical')
    pixels_per_degree: float = parameter(4.0, minimum=1e-3, maximum=1e5, doc='Cylindrical')
    metres_per_pixel: float = parameter(100.0, unit='m', minimum=1e-3, maximum=1e6, doc='At the pole; polar')
    central_longitude_deg: float = parameter(
        0.0, unit='deg', minimum=-360, maximum=360, doc='Down in the north, up in the south; polar')

    @property
    def dtype(self) -> np.dtype:
        """NumPy type of one sample."""
        return np.dtype(self.sample_type).newbyteorder('<' if self.byte_order == 'little' else '>')

    def georeference(self) -> np.ndarray:
        """Return Grid.georeference."""
        if self.projection == 'cylindrical':
            p = self.pixels_per_degree
            middle = self.west_deg + 0.5 * self.samples / p
            return cylindrical(middle).georeference((p, 0.0, -p * self.west_deg, 0.0, -p, p * self.north_deg))
        k = 1.0 / self.metres_per_pixel
        projection = polar(self.central_longitude_deg, self.projection == 'polar_south')
        return projection.georeference((k, 0.0, 0.5 * self.samples, 0.0, -k, 0.5 * self.lines))


def open_raw(image: Path, header: RawHeader) -> RasterFile:
    """Open an image whose layout is known.

    Raises:
        TerrainError: the image is missing, or shorter than its header says.
    """
    expected = header.header_bytes + header.lines * header.samples * header.dtype.itemsize
    try:
        size = image.stat().st_size
    except OSError as error:
        raise unusable(image, f'no such image: {error.strerror}') from error
    if size < expected:
        raise unusable(image, f'holds {size} bytes, its header asks for {expected}')
    _check_place(image, header)

    def read(row: int, column: int, rows: int, columns: int) -> np.ndarray:
        data = np.memmap(image, header.dtype, 'r', header.header_bytes, (header.lines, header.samples))
        counts = data[row:row + rows, column:column + columns].astype(np.float64)
        for value in header.missing:
            counts[np.abs(counts - value) <= 1e-6 * abs(value)] = np.nan
        return above_sphere(header.scale * counts + header.offset, header.unit).astype(np.float32)

    return RasterFile(image, header.lines, header.samples, header.georeference(),
                      header.projection == 'polar_south', read)


def _check_place(image: Path, header: RawHeader) -> None:
    if header.projection != 'cylindrical':
        edge = 0.5 * header.lines * header.metres_per_pixel / MOON_RADIUS
        good, what = edge < 2.0 * math.tan(math.radians(60.0)), 'reaches far beyond the equator'
    else:
        south = header.north_deg - header.lines / header.pixels_per_degree
        good, what = south > -90.001, f'ends at latitude {south:.3f} deg'
        if header.samples / header.pixels_per_degree > 360.001:
            good, what = False, 'goes more than once round the Moon'
    if not good:
        raise unusable(image, f'wrong header: the image {what}')

"""What terrain to fly over, as parameters: the terrain section of a scenario file."""

from dataclasses import dataclass

from lander_common.parameters import Parameters, parameter


@dataclass(frozen=True)
class TerrainDescription(Parameters):
    """Where the ground comes from and how rough it is."""

    kind: str = parameter('synthetic', choices=('synthetic', 'file'), doc='Source of the heights')
    file: str = parameter('', doc='GeoTIFF, PDS3 label or image, or YAML header of a raw image; kind file')
    fallback: bool = parameter(False, doc='Fly over synthetic ground if the file is not there')
    outside: str = parameter(
        'error', choices=('error', 'synthetic'), doc='What lies beyond the extent of the file')
    detail: bool = parameter(True, doc='Add fractal relief and craters too small for the file to hold')
    relief: str = parameter('mare', choices=('mare', 'highland'), doc='Statistics of the synthetic relief')
    height_offset_m: float = parameter(
        0.0, unit='m', minimum=-5e3, maximum=5e3, doc='Synthetic ground at the site minus its map height')
    roughness: float = parameter(1.0, minimum=0, maximum=10, doc='Factor on the fractal relief')
    crater_density: float = parameter(
        -1.0, minimum=-1, maximum=0.14, doc='Craters wider than D in an area of D squared; -1: of the relief')
    rim_height_m: float = parameter(
        0.0, unit='m', minimum=-1e4, maximum=1e4, doc='How much higher the ground is uprange of the scarp')
    rim_width_m: float = parameter(
        10e3, unit='m', minimum=1, maximum=1e6, doc='Width of the scarp; Atlas in GLD100')
    rim_distance_m: float = parameter(
        62e3, unit='m', minimum=-1e6, maximum=1e6,
        doc='Middle of the scarp, uprange of the site; Atlas in GLD100')

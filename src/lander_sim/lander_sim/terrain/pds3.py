"""Labels of the Planetary Data System, version 3, as they stand before or beside LOLA and SLDEM images.

GDAL's driver is not used: it relies on the projection offsets, which changed their meaning by one pixel
between releases of LOLA labels (DSMAP.CAT). The edges of a map, or the middle of a polar one, leave no doubt.
"""

import re
from pathlib import Path

from lander_sim.terrain.raster_file import RasterFile, unusable
from lander_sim.terrain.raw_image import RawHeader, open_raw

_LABEL_BYTES = 65536
_TYPES = {
    'LSB_INTEGER': ('int', 'little'), 'PC_INTEGER': ('int', 'little'), 'VAX_INTEGER': ('int', 'little'),
    'LSB_UNSIGNED_INTEGER': ('uint', 'little'), 'PC_UNSIGNED_INTEGER': ('uint', 'little'),
    'MSB_INTEGER': ('int', 'big'), 'INTEGER': ('int', 'big'), 'SUN_INTEGER': ('int', 'big'),
    'MSB_UNSIGNED_INTEGER': ('uint', 'big'), 'UNSIGNED_INTEGER': ('uint', 'big'),
    'PC_REAL': ('float', 'little'), 'IEEE_REAL': ('float', 'big'), 'REAL': ('float', 'big'),
}
_ENTRY = re.compile(
    r'^[ \t]*(\^?[A-Za-z][\w:]*)[ \t]*=\s*("[^"]*"|\([^)]*\)|\{[^}]*\}|[^\r\n]*)', re.MULTILINE)


def is_label(path: Path) -> bool:
    """Return whether a file starts with a PDS3 label."""
    with path.open('rb') as file:
        return b'PDS_VERSION_ID' in file.read(512)


def open_pds3(path: Path) -> RasterFile:
    """Open an image through its label, which is `path` itself or the start of it.

    Raises:
        TerrainError: the label lacks something, or the image is missing or short.
    """
    text = path.read_bytes()[:_LABEL_BYTES].decode('latin-1')
    end = re.search(r'^[ \t]*END[ \t]*\r?$', text, re.MULTILINE)
    body = re.sub(r'/\*.*?\*/', '', text[:end.start()] if end else text, flags=re.DOTALL)
    entries = {key.upper(): value.strip().strip('"') for key, value in _ENTRY.findall(body)}
    try:
        name, offset = _pointer(entries)
        header = RawHeader(**_header(entries), header_bytes=offset)
    except KeyError as error:
        raise unusable(path, f'the label does not say {error.args[0]}') from error
    except ValueError as error:
        raise unusable(path, f'the label cannot be used: {error}') from error
    image = path if name is None else _sibling(path, name)
    return open_raw(image, header)


def _number(entries: dict[str, str], key: str, default: float | None = None) -> float:
    if key not in entries and default is not None:
        return default
    return float(entries[key].split()[0].split('<')[0])


def _header(e: dict[str, str]) -> dict:
    kind, order = _TYPES.get(e['SAMPLE_TYPE'], (None, None))
    if kind is None:
        raise ValueError(f'SAMPLE_TYPE {e["SAMPLE_TYPE"]} is not one of {", ".join(_TYPES)}')
    radius = _number(e, 'A_AXIS_RADIUS', 1737.4)
    if abs(radius - 1737.4) > 1.0:
        raise ValueError(f'A_AXIS_RADIUS is {radius:g} km, not the Moon')
    header = {
        'lines': int(_number(e, 'LINES')), 'samples': int(_number(e, 'LINE_SAMPLES')),
        'sample_type': f'{kind}{int(_number(e, "SAMPLE_BITS"))}', 'byte_order': order,
        'scale': _number(e, 'SCALING_FACTOR', 1.0), 'offset': _number(e, 'OFFSET', 0.0),
        'unit': 'km' if e.get('UNIT', 'METER').upper().startswith('K') else 'm',
        'missing': [_number(e, key) for key in ('MISSING_CONSTANT', 'NULL', 'CORE_NULL')
                    if key in e and '#' not in e[key]]}
    projection = e['MAP_PROJECTION_TYPE'].upper().replace('_', ' ')
    if projection in ('SIMPLE CYLINDRICAL', 'EQUIRECTANGULAR'):
        return header | {
            'north_deg': _number(e, 'MAXIMUM_LATITUDE'), 'west_deg': _number(e, 'WESTERNMOST_LONGITUDE'),
            'pixels_per_degree': _number(e, 'MAP_RESOLUTION')}
    if projection == 'POLAR STEREOGRAPHIC':
        scale = _number(e, 'MAP_SCALE') * (1e3 if 'K' in e['MAP_SCALE'].upper() else 1.0)
        south = _number(e, 'CENTER_LATITUDE') < 0.0
        return header | {'projection': 'polar_south' if south else 'polar_north', 'metres_per_pixel': scale,
                         'central_longitude_deg': _number(e, 'CENTER_LONGITUDE', 0.0)}
    raise ValueError(f'projection {projection}; known are SIMPLE CYLINDRICAL and POLAR STEREOGRAPHIC')


def _pointer(e: dict[str, str]) -> tuple[str | None, int]:
    """Return the image's file name (None: the label's own) and its first byte."""
    value = e['^IMAGE']
    name = re.search(r'"?([\w./-]+\.\w+)"?', value)
    file = name.group(1) if name else None
    place = re.search(r'(\d+)\s*(<BYTES>)?', value.replace(file, '') if file else value)
    if place is None:
        return file, 0
    first = int(place.group(1)) - 1
    return file, first if place.group(2) else first * int(_number(e, 'RECORD_BYTES'))


def _sibling(label: Path, name: str) -> Path:
    """Return the file of that name beside the label, in whatever case."""
    beside = [p for p in label.parent.iterdir() if p.name.lower() == Path(name).name.lower()]
    return beside[0] if beside else label.parent / name

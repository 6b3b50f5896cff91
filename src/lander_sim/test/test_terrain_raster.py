"""Elevation files of every kind give back the heights that were written, and clear errors otherwise."""

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine, from_origin

from lander_common.constants import MOON_RADIUS
from lander_common.parameters import ParameterError
from lander_common.site import Site
from lander_sim.terrain import Terrain, TerrainDescription, TerrainError, load_terrain, window

SPHERE = f'+R={MOON_RADIUS} +no_defs'


def field(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    """Return smooth heights [m] of places in degrees; no symmetry that could hide a swapped axis."""
    return -1000.0 + 120.0 * (latitude - 60.0) + 45.0 * np.sin(np.radians(20.0 * longitude))


def site(latitude: float = 60.0, longitude: float = -4.6) -> Site:
    return Site(latitude_deg=latitude, longitude_deg=longitude)


def fly(path, where: Site | None = None, **values) -> Terrain:
    description = TerrainDescription(kind='file', file=path.name, **{'detail': False} | values)
    return load_terrain(description, where or site(), 1, [path.parent])


def at(terrain: Terrain, latitude: float, longitude: float) -> float:
    return terrain.height(np.radians(latitude), np.radians(longitude))


def write(path, values: np.ndarray, transform: Affine, crs: str, **profile) -> None:
    with rasterio.open(path, 'w', driver='GTiff', width=values.shape[1], height=values.shape[0], count=1,
                       dtype=values.dtype, transform=transform, crs=crs, **profile) as data:
        data.write(values, 1)


def grid(west: float, north: float, step: float, rows: int, columns: int) -> np.ndarray:
    latitude = north - step * (np.arange(rows) + 0.5)
    longitude = west + step * (np.arange(columns) + 0.5)
    return field(latitude[:, None], longitude[None, :]).astype(np.float32)


@pytest.fixture
def geographic(tmp_path):
    path = tmp_path / 'geographic.tif'
    write(path, grid(-10.0, 62.0, 0.05, 80, 200), from_origin(-10.0, 62.0, 0.05, 0.05),
          f'+proj=longlat {SPHERE}', nodata=-32768.0)
    return path


PLACES = [(60.0, -4.6), (59.013, -9.2), (61.7, -0.31), (60.0, 355.4)]


def test_geographic_geotiff(geographic):
    terrain = fly(geographic)
    for latitude, longitude in PLACES:
        assert at(terrain, latitude, longitude) == pytest.approx(field(latitude, longitude), abs=0.1)


@pytest.mark.parametrize('lat_ts', [0.0, 60.0])
def test_equirectangular_geotiff_in_metres(tmp_path, lat_ts):
    path, degree = tmp_path / 'eqc.tif', MOON_RADIUS * np.pi / 180.0
    across = degree * np.cos(np.radians(lat_ts))
    write(path, grid(-10.0, 62.0, 0.05, 80, 200),
          Affine(0.05 * across, 0.0, -190.0 * across, 0.0, -0.05 * degree, 62.0 * degree),
          f'+proj=eqc +lat_ts={lat_ts} +lon_0=180 +units=m {SPHERE}')
    terrain = fly(path)
    for latitude, longitude in PLACES:
        assert at(terrain, latitude, longitude) == pytest.approx(field(latitude, longitude), abs=0.1)


def polar_values(size: int, step: float, sign: int) -> np.ndarray:
    """Return the field on a stereographic square about a pole, upper row first."""
    x = step * (np.arange(size) + 0.5 - size / 2)
    y = x[::-1, None]
    rho = np.hypot(x, y)
    latitude = 90.0 - 2.0 * np.degrees(np.arctan(0.5 * rho / MOON_RADIUS))
    longitude = np.degrees(np.arctan2(x + 0.0 * y, -sign * y))
    return (200.0 * (latitude - 89.0) + 30.0 * np.sin(np.radians(longitude))
            * (90.0 - latitude) + 10.0 * np.cos(np.radians(longitude)) * (90.0 - latitude)).astype(np.float32)


@pytest.mark.parametrize('sign', [1, -1])
def test_polar_stereographic_geotiff(tmp_path, sign):
    path = tmp_path / 'polar.tif'
    write(path, polar_values(200, 500.0, sign), from_origin(-50e3, 50e3, 500.0, 500.0),
          f'+proj=stere +lat_0={90 * sign} +lon_0=0 +k=1 +units=m {SPHERE}')
    terrain = fly(path, site(89.0 * sign, 30.0))
    for colatitude, longitude in ((1.0, 30.0), (0.5, -100.0), (1.2, 170.0), (0.01, 0.0)):
        east, north = np.sin(np.radians(longitude)), np.cos(np.radians(longitude))
        expected = 200.0 * (1.0 - colatitude) + (30.0 * east + 10.0 * north) * colatitude
        assert at(terrain, sign * (90.0 - colatitude), longitude) == pytest.approx(expected, abs=0.5)


def test_integer_radii_with_scale_and_offset(tmp_path):
    path = tmp_path / 'radii.tif'
    counts = np.round(grid(-10.0, 62.0, 0.05, 80, 200) / 0.5).astype(np.int16)
    write(path, counts, from_origin(-10.0, 62.0, 0.05, 0.05), f'+proj=longlat {SPHERE}')
    with rasterio.open(path, 'r+') as data:
        data.scales, data.offsets = (0.5,), (MOON_RADIUS,)
    assert at(fly(path), 60.0, -4.6) == pytest.approx(field(60.0, -4.6), abs=0.6)


def test_slope_and_normal_are_continuous_across_pixels(geographic):
    terrain, where = fly(geographic), site()
    normals = np.array([terrain.plane_at(where.to_moon(np.array([e, 0.0, 0.0])))[1]
                        for e in np.linspace(-3000.0, 3000.0, 3001)])
    assert np.max(np.linalg.norm(np.diff(normals, axis=0), axis=1)) < 1e-4


def test_outside_the_extent_the_error_names_file_place_and_extent(geographic):
    said = (r'geographic.tif: no data at latitude 63.0000 deg, longitude -4.0000 deg; '
            r'it covers latitudes 58.0000 to 62.0000, longitudes -10.0000 to 0.0000')
    with pytest.raises(TerrainError, match=said):
        at(fly(geographic), 63.0, -4.0)
    terrain, where = fly(geographic), site()
    start = where.to_moon(np.array([0.0, 0.0, 3e4]))
    direction = where.rotation @ np.array([0.98, 0.0, -0.199])
    with pytest.raises(TerrainError, match='a ray leaves the data'):
        terrain.raycast(start, direction, 1e6)
    with pytest.raises(TerrainError, match='the site mare_frigoris at latitude 50'):
        fly(geographic, site(50.0))


def test_no_data_inside_is_an_error_not_a_height(tmp_path):
    path = tmp_path / 'hole.tif'
    values = grid(-10.0, 62.0, 0.05, 80, 200)
    values[10:20, 50:60] = -32768.0
    write(path, values, from_origin(-10.0, 62.0, 0.05, 0.05), f'+proj=longlat {SPHERE}', nodata=-32768.0)
    terrain = fly(path)
    assert at(terrain, 60.0, -4.6) == pytest.approx(field(60.0, -4.6), abs=0.1)
    with pytest.raises(TerrainError, match=r'no data at latitude 61\.25'):
        at(terrain, 61.25, -7.25)


def test_outside_can_be_synthetic_and_joins_without_a_step(geographic):
    terrain = fly(geographic, outside='synthetic')
    assert 'synthetic' in terrain.source
    line = terrain.height(np.radians(60.0), np.radians(np.linspace(-12.0, -8.0, 4001)))
    assert np.max(np.abs(np.diff(line))) < 15.0 * terrain.surface.steepest
    assert at(terrain, 60.0, -4.6) == pytest.approx(field(60.0, -4.6), abs=0.1)
    assert np.isfinite(at(terrain, -60.0, 170.0))


def test_detail_adds_metre_relief_that_averages_out(geographic):
    plain, rough, where = fly(geographic), fly(geographic, detail=True), site()
    east = np.random.default_rng(1).uniform(-4e4, 4e4, (4000, 2))
    points = np.column_stack([east, np.zeros(4000)]) @ where.rotation.T + where.origin
    added = rough.heights(points) - plain.heights(points)
    assert 1.0 < np.std(added) < 50.0
    assert abs(np.mean(added)) < 10.0
    cosines = [rough.plane_at(p)[1] @ p / np.linalg.norm(p) for p in points[:500]]
    assert 2.0 < np.median(np.degrees(np.arccos(np.minimum(cosines, 1.0)))) < 8.0


def label(image: str, sample_type: str, bits: int, more: str = '') -> str:
    return f'''PDS_VERSION_ID = "PDS3"
/* a comment with LINES = 7 */
RECORD_TYPE = FIXED_LENGTH
RECORD_BYTES = 400
^IMAGE = {image}
DESCRIPTION = "heights
  LINES = 9 in a text"
OBJECT = IMAGE
  LINES = 80
  LINE_SAMPLES = 200
  SAMPLE_TYPE = {sample_type}
  SAMPLE_BITS = {bits}
  {more}
END_OBJECT = IMAGE
OBJECT = IMAGE_MAP_PROJECTION
  MAP_PROJECTION_TYPE = "SIMPLE CYLINDRICAL"
  A_AXIS_RADIUS = 1737.4 <KM>
  MAP_RESOLUTION = 20.0 <PIXEL/DEGREE>
  MAXIMUM_LATITUDE = 62.0 <DEG>
  WESTERNMOST_LONGITUDE = 350.0 <DEG>
  LINE_PROJECTION_OFFSET = 1239.5
END_OBJECT = IMAGE_MAP_PROJECTION
END
'''


def test_pds3_with_detached_label_as_lola_writes_it(tmp_path):
    counts = np.round(grid(-10.0, 62.0, 0.05, 80, 200) / 0.5).astype('<i2')
    (tmp_path / 'LDEM_X.IMG').write_bytes(counts.tobytes())
    path = tmp_path / 'ldem_x.lbl'
    path.write_text(label('"ldem_x.img"', 'LSB_INTEGER', 16, 'SCALING_FACTOR = 0.5\r\n  OFFSET = 1737400.'))
    for latitude, longitude in PLACES:
        assert at(fly(path), latitude, longitude) == pytest.approx(field(latitude, longitude), abs=0.6)


def test_pds3_float_image_in_kilometres_found_through_its_image(tmp_path):
    values = (1e-3 * grid(-10.0, 62.0, 0.05, 80, 200)).astype('<f4')
    (tmp_path / 'SLDEM.IMG').write_bytes(values.tobytes())
    (tmp_path / 'SLDEM.LBL').write_text(
        label('"SLDEM.IMG"', 'PC_REAL', 32, 'UNIT = KILOMETER\n  OFFSET = 1737.4\n  SCALING_FACTOR = 1.0'))
    assert at(fly(tmp_path / 'SLDEM.IMG'), 60.0, -4.6) == pytest.approx(field(60.0, -4.6), abs=0.1)


def test_pds3_with_attached_label_big_endian_and_missing_values(tmp_path):
    counts = np.round(grid(-10.0, 62.0, 0.05, 80, 200)).astype('>i2')
    counts[10:20, 50:60] = -32768
    path = tmp_path / 'attached.img'
    text = label('5', 'MSB_INTEGER', 16, 'MISSING_CONSTANT = -32768')
    assert len(text) < 1600
    path.write_bytes(text.encode().ljust(1600) + counts.tobytes())
    assert at(fly(path), 60.0, -4.6) == pytest.approx(field(60.0, -4.6), abs=1.0)
    with pytest.raises(TerrainError, match='no data at'):
        at(fly(path), 61.25, -7.25)


@pytest.mark.parametrize(('broken', 'by', 'said'), [
    ('LSB_INTEGER', 'PACKED_NIBBLES', 'SAMPLE_TYPE PACKED_NIBBLES'), ('LINES = 80', 'ROWS = 80', 'say LINES'),
    ('SIMPLE CYLINDRICAL', 'SINUSOIDAL', 'SINUSOIDAL'), ('1737.4 <KM>', '3396.0 <KM>', 'not the Moon'),
    ('SAMPLE_BITS = 16', 'SAMPLE_BITS = 12', 'int12'), ('"ldem.img"', '"other.img"', 'no such image'),
    ('LINES = 80', 'LINES = 81', 'holds 32000 bytes')])
def test_label_that_cannot_be_used_is_named(tmp_path, broken, by, said):
    (tmp_path / 'ldem.img').write_bytes(bytes(32000))
    path = tmp_path / 'ldem.lbl'
    path.write_text(label('"ldem.img"', 'LSB_INTEGER', 16).replace(broken, by))
    with pytest.raises(TerrainError, match=said) as error:
        fly(path)
    assert str(tmp_path) in str(error.value)


def write_raw(path, values: np.ndarray, **header) -> None:
    path.with_suffix('.img').write_bytes(values.tobytes())
    path.write_text('\n'.join(f'{k}: {v}' for k, v in header.items()))


def test_raw_image_with_yaml_header_found_through_header_or_image(tmp_path):
    path = tmp_path / 'raw.yaml'
    write_raw(path, np.round(grid(-10.0, 62.0, 0.05, 80, 200)).astype('<i2'), lines=80, samples=200,
              sample_type='int16', north_deg=62, west_deg=-10, pixels_per_degree=20)
    for file in (path, path.with_suffix('.img')):
        assert at(fly(file), 60.0, -4.6) == pytest.approx(field(60.0, -4.6), abs=1.0)


def test_wrong_raw_header_is_refused(tmp_path):
    path = tmp_path / 'raw.yaml'
    write_raw(path, np.zeros((80, 200), '<i2'), lines=80, samples=200, sample_type='int17')
    with pytest.raises(ParameterError, match=r'raw\.yaml: sample_type'):
        fly(path)
    write_raw(path, np.zeros((80, 200), '<i2'), lines=80, samples=50, pixels_per_degree=0.25)
    with pytest.raises(TerrainError, match='ends at latitude -230'):
        fly(path)


def test_global_image_has_no_seam(tmp_path):
    path = tmp_path / 'moon.yaml'
    longitude = np.arange(0.5, 360.0)
    values = (100.0 * np.sin(np.radians(longitude + 40.0)) + np.zeros((180, 1))).astype('<f4')
    write_raw(path, values, lines=180, samples=360, sample_type='float32', pixels_per_degree=1)
    terrain = fly(path)
    for place in (-0.7, -0.2, 0.0, 0.3, 179.9, 180.3, 359.6):
        expected = 100.0 * np.sin(np.radians(place + 40.0))
        assert at(terrain, 10.0, place) == pytest.approx(expected, abs=0.02)
        assert at(terrain, 89.9, place) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize('longitude', [-0.4, 100.0])
def test_of_a_large_file_only_the_part_about_the_site_is_read(tmp_path, monkeypatch, longitude):
    path = tmp_path / 'moon.yaml'
    values = np.fromfunction(lambda r, c: 10.0 * np.sin(np.radians(c)) + r, (180, 360)).astype('<f4')
    write_raw(path, values, lines=180, samples=360, sample_type='float32', pixels_per_degree=1)
    whole = fly(path, site(60.0, longitude))
    monkeypatch.setattr(window, 'LARGEST', 2500)
    part = fly(path, site(60.0, longitude))
    assert part.surface.grid.values.size <= 2500
    for place in (longitude - 15.0, longitude, longitude + 15.0):
        assert at(part, 55.0, place) == pytest.approx(at(whole, 55.0, place), abs=1e-3)
    with pytest.raises(TerrainError, match='part about the site'):
        at(part, 60.0, longitude + 90.0)


def test_missing_file_is_an_error_or_a_reported_fallback(tmp_path):
    with pytest.raises(TerrainError, match=r'none.tif: no such terrain file in .*' + tmp_path.name):
        fly(tmp_path / 'none.tif')
    terrain = fly(tmp_path / 'none.tif', fallback=True, rim_height_m=3000.0)
    assert terrain.source.startswith('synthetic')
    assert 'scarp of 3000 m' in terrain.source
    assert 'none.tif: no such terrain file' in terrain.source


def test_corrupt_and_unprojected_files_are_errors(tmp_path, geographic):
    content = geographic.read_bytes()
    broken = {'text.tif': b'not a picture', 'cut.tif': content[:len(content) // 2], 'empty.tif': b''}
    for name, data in broken.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(TerrainError, match=name):
            fly(tmp_path / name)
    with pytest.warns(UserWarning, match='no geotransform'):
        write(tmp_path / 'nowhere.tif', np.zeros((8, 8), np.float32), Affine.identity(), None)
    with pytest.raises(TerrainError, match=r'nowhere.tif: .*projection'):
        fly(tmp_path / 'nowhere.tif')
    earth = from_origin(5e5, 6e6, 10.0, 10.0)
    write(tmp_path / 'earth.tif', np.zeros((8, 8), np.float32), earth, 'EPSG:32633')
    with pytest.raises(TerrainError, match=r'earth\.tif: projected for a radius'):
        fly(tmp_path / 'earth.tif')

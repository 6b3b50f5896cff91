"""Real elevation data of the Moon, where it is on the machine: spot heights, agreement of two instruments."""

import os
from pathlib import Path

import numpy as np
import pytest

from lander_common.site import Site
from lander_sim.terrain import Terrain, TerrainDescription, TerrainError, load_terrain

FOLDER = Path(os.environ.get('FRIGORIS_TERRAIN_DIR')
              or Path(__file__).resolve().parents[4] / 'shared' / 'data' / 'terrain')
FRIGORIS = Site()
ATLAS = Site(name='atlas_crater', latitude_deg=47.5, longitude_deg=44.4, approach_heading_deg=0.0)
LDEM_4 = '\n'.join(['file: ldem_4.img', 'lines: 720', 'samples: 1440', 'sample_type: int16', 'scale: 0.5',
                    'north_deg: 90', 'west_deg: 0', 'pixels_per_degree: 4'])

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f'no elevation data in {FOLDER}; set FRIGORIS_TERRAIN_DIR to have it tested')


def fly(name: str, site: Site, **values) -> Terrain:
    if not (FOLDER / name).is_file():
        pytest.skip(f'{name} is not in {FOLDER}')
    description = TerrainDescription(kind='file', file=name, **{'detail': False} | values)
    return load_terrain(description, site, 1, [FOLDER])


@pytest.fixture
def lola(tmp_path) -> Terrain:
    (tmp_path / 'ldem_4.yaml').write_text(LDEM_4)
    if not (FOLDER / 'ldem_4.img').is_file():
        pytest.skip(f'ldem_4.img is not in {FOLDER}')
    description = TerrainDescription(kind='file', file='ldem_4.yaml', detail=False)
    return load_terrain(description, FRIGORIS, 1, [tmp_path, FOLDER])


@pytest.mark.parametrize(('name', 'site', 'height'), [
    ('frigoris_gld100_64ppd.tif', FRIGORIS, -2451.0), ('atlas_gld100_256ppd.tif', ATLAS, -3138.0)])
def test_spot_heights(name, site, height):
    assert fly(name, site).height_at(site.origin) == pytest.approx(height, abs=3.0)


def test_two_grids_of_the_same_instrument_agree():
    coarse = fly('frigoris_gld100_64ppd.tif', FRIGORIS)
    fine = fly('frigoris_south_gld100_256ppd.tif', Site(latitude_deg=58.0))
    latitude = np.radians(np.linspace(55.5, 59.5, 100))[:, None]
    longitude = np.radians(np.linspace(-11.0, 3.0, 100))
    difference = fine.height(latitude, longitude) - coarse.height(latitude, longitude)
    assert np.median(np.abs(difference)) < 10.0
    assert np.std(difference) < 40.0


def test_laser_and_stereo_heights_agree(lola):
    stereo = fly('frigoris_gld100_64ppd.tif', FRIGORIS)
    latitude, longitude = np.radians(np.linspace(51, 71, 200))[:, None], np.radians(np.linspace(-29, 29, 200))
    laser, camera = lola.height(latitude, longitude), stereo.height(latitude, longitude)
    assert np.median(np.abs(laser - camera)) < 40.0
    assert np.corrcoef(laser.ravel(), camera.ravel())[0, 1] > 0.98


def test_highest_and_lowest_place_of_the_moon(lola):
    high = lola.height(np.radians(5.38), np.radians(201.38))
    low = lola.height(np.radians(-70.38), np.radians(187.63))
    assert high == pytest.approx(10_504.0, abs=20.0)
    assert low == pytest.approx(-8878.5, abs=20.0)


def test_rim_of_atlas_stands_some_3_km_above_its_floor_under_the_track():
    terrain = fly('atlas_gld100_256ppd.tif', ATLAS)
    latitude = np.radians(np.linspace(44.0, 47.5, 700))
    track = terrain.height(latitude, np.radians(44.4))
    assert 1500.0 < track.max() - track[-1] < 4500.0


def test_flight_beyond_the_file_stops_or_goes_on_over_synthetic_ground():
    name = 'atlas_gld100_256ppd.tif'
    with pytest.raises(TerrainError, match=name + r': no data at latitude 40.0000 .* 43.0000 to 52.0000'):
        fly(name, ATLAS).height(np.radians(40.0), np.radians(44.4))
    assert np.isfinite(fly(name, ATLAS, outside='synthetic').height(np.radians(-40.0), 0.0))


def test_detail_keeps_the_height_of_the_file():
    plain, rough = (fly('atlas_gld100_256ppd.tif', ATLAS, detail=d, relief='highland') for d in (False, True))
    latitude, longitude = np.radians(np.linspace(47, 48, 100))[:, None], np.radians(np.linspace(44, 45, 100))
    added = rough.height(latitude, longitude) - plain.height(latitude, longitude)
    assert 0.5 < np.std(added) < 30.0


def test_rays_from_orbit_meet_real_ground():
    terrain = fly('atlas_gld100_256ppd.tif', ATLAS, detail=True, relief='highland')
    start = ATLAS.to_moon(np.array([0.0, 0.0, 3e4]))
    for depression in (40.0, 60.0, 90.0):
        d = np.radians(depression)
        hit = terrain.raycast(start, ATLAS.rotation @ np.array([np.cos(d), 0.0, -np.sin(d)]), 1e5)
        point = start + hit.range_m * (ATLAS.rotation @ np.array([np.cos(d), 0.0, -np.sin(d)]))
        assert np.linalg.norm(point) - 1_737_400.0 == pytest.approx(terrain.height_at(point), abs=0.01)

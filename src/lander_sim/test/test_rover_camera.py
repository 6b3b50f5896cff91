"""Pictures of the rover's camera: black sky, sunlit ground, shadows on the side away from the sun."""

import numpy as np
import pytest

from lander_common.site import Site
from lander_sim.rover_camera import CameraParameters, render
from lander_sim.terrain import TerrainDescription, TerrainError, load_terrain, synthetic_terrain

SITE = Site()
MARE = synthetic_terrain(TerrainDescription(), SITE, 1)
PLACE = np.array([30.0, -12.0, SITE.ground_height_m])
SMALL = {'width': 80, 'height': 60, 'ranges': 200}


def test_picture_has_black_sky_above_lit_ground():
    image = render(MARE, SITE, PLACE, 2.0)
    assert image.shape == (240, 320)
    assert image.dtype == np.uint8
    assert np.all(image[:10] == 0)
    assert image[-60:].mean() > 60
    assert image[-60:].std() > 5


def test_same_arguments_same_picture_other_heading_other_picture():
    first, again, other = (render(MARE, SITE, PLACE, h, CameraParameters(**SMALL)) for h in (0.5, 0.5, 1.5))
    assert np.array_equal(first, again)
    assert np.mean(first != other) > 0.3


def test_horizon_moves_with_the_pitch():
    skies = [np.mean(render(MARE, SITE, PLACE, 2.0, CameraParameters(pitch_deg=p, **SMALL)) == 0)
             for p in (0.0, 10.0, 20.0)]
    assert skies[0] > skies[1] > skies[2]


def test_low_sun_casts_more_shadow():
    dark = [np.mean(render(MARE, SITE, PLACE, 0.0, CameraParameters(
        sun_elevation_deg=e, sun_azimuth_deg=0.0, **SMALL))[30:] < 40) for e in (3.0, 15.0, 60.0)]
    assert dark[0] > dark[1] > dark[2]


@pytest.mark.parametrize(('azimuth', 'brighter'), [(90.0, True), (270.0, False)])
def test_scarp_ahead_is_lit_from_the_right_side(azimuth, brighter):
    """A scarp that rises to the west: a camera looking west sees it bright with the sun in the east."""
    west = Site(approach_heading_deg=90.0)
    terrain = synthetic_terrain(TerrainDescription(
        rim_height_m=30.0, rim_width_m=100.0, rim_distance_m=80.0, roughness=0.0, crater_density=0.0),
        west, 1)
    image = render(terrain, west, np.array([0.0, 0.0, west.ground_height_m]), np.pi, CameraParameters(
        sun_azimuth_deg=azimuth, sun_elevation_deg=15.0, **SMALL))
    lit = np.mean(image[image.shape[0] // 5:image.shape[0] // 3, 20:60])
    assert (lit > 60.0) == brighter


def test_picture_ends_level_where_the_data_ends_and_needs_data_below(tmp_path):
    header = ['lines: 20', 'samples: 20', 'sample_type: int16', 'north_deg: 61', 'west_deg: -5.1',
              'pixels_per_degree: 20']
    (tmp_path / 'patch.yaml').write_text('\n'.join(header))
    (tmp_path / 'patch.img').write_bytes(np.full((20, 20), -2451, '<i2').tobytes())
    description = TerrainDescription(
        kind='file', file='patch.yaml', detail=False, roughness=0.0, crater_density=0.0)
    terrain = load_terrain(description, SITE, 1, [tmp_path])
    image = render(terrain, SITE, PLACE, 0.0, CameraParameters(farthest_m=5e4, **SMALL))
    assert np.all(image[:15] == 0)
    assert np.all(image[40:] > 0)
    with pytest.raises(TerrainError, match='no data'):
        render(terrain, SITE, np.array([5e5, 0.0, 0.0]), 0.0)

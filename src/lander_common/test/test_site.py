import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lander_common import moon
from lander_common.constants import MOON_RADIUS
from lander_common.rotations import to_matrix
from lander_common.site import Site, load_site

sites = st.builds(Site, latitude_deg=st.floats(-90, 90), longitude_deg=st.floats(-180, 360))
positions = st.tuples(*[st.floats(-2e6, 2e6)] * 3).map(np.array)


@given(sites, positions)
def test_round_trip(site, position):
    assert site.to_map(site.to_moon(position)) == pytest.approx(position, abs=1e-8)


@given(sites)
def test_rotation_is_one_and_its_quaternion_the_same(site):
    assert site.rotation.T @ site.rotation == pytest.approx(np.eye(3), abs=1e-14)
    assert np.linalg.det(site.rotation) == pytest.approx(1.0)
    assert to_matrix(site.quaternion) == pytest.approx(site.rotation, abs=1e-14)


@given(sites)
def test_origin_lies_on_the_sphere_below_the_site(site):
    assert moon.height(site.to_moon(np.zeros(3))) == pytest.approx(0.0, abs=1e-8)
    assert moon.height(site.to_moon(np.array([0.0, 0.0, 500.0]))) == pytest.approx(500.0, abs=1e-8)


@given(st.floats(-89, 89), st.floats(-179, 179))
def test_x_is_east_and_y_is_north(latitude, longitude):
    site = Site(latitude_deg=latitude, longitude_deg=longitude)
    lat, lon, step = np.radians(latitude), np.radians(longitude), 1e-5
    east = site.to_map(MOON_RADIUS * moon.direction(lat, lon + step))
    north = site.to_map(MOON_RADIUS * moon.direction(lat + step, lon))
    assert east[:2] / step / MOON_RADIUS == pytest.approx([np.cos(lat), 0.0], abs=1e-4)
    assert north[:2] / step / MOON_RADIUS == pytest.approx([0.0, 1.0], abs=1e-4)


def test_site_files_load_under_their_own_name(config):
    files = sorted((config / 'sites').glob('*.yaml'))
    assert files
    for file in files:
        assert load_site(file).name == file.stem

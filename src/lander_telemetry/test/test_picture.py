"""The picture of a flight, from a bag alone."""

import itertools

import matplotlib.image
import numpy as np
import pytest

from lander_common.yaml_file import FileError
from lander_telemetry.flight_data import read
from lander_telemetry.picture import draw, window

from . import made_flight


def test_whole_page(tmp_path):
    made_flight.write(tmp_path / 'bag')
    image = matplotlib.image.imread(draw(tmp_path / 'bag', tmp_path / 'flight.png'))
    assert image.shape[0] > 1000 and image.shape[1] > 1000
    assert np.ptp(image) > 0.5


def test_data(tmp_path):
    made_flight.write(tmp_path / 'bag')
    data = read(tmp_path / 'bag')
    assert [name for name, *_ in data.phases] == ['BRAKING', 'PITCH_UP', 'TERMINAL']
    assert data.result == 'landed'
    truth, nav = data.truth, data.navigation
    assert truth['height_m'][0] == pytest.approx(20e3 + 1.0 + made_flight.GROUND, abs=0.1)
    assert truth['arc_m'][0] == pytest.approx(450e3, rel=1e-6)
    np.testing.assert_allclose(truth['sink_m_s'], -nav['vertical_speed_m_s'], atol=1e-6)
    np.testing.assert_allclose(truth['speed_m_s'], nav['ground_speed_m_s'], atol=1e-5)
    np.testing.assert_allclose(truth['tilt_rad'], nav['tilt_rad'], atol=1e-6)
    begin = made_flight.T0
    assert window(data) == pytest.approx((begin, begin + made_flight.LENGTH - made_flight.STEP))


@pytest.mark.parametrize('missing', [*itertools.combinations(made_flight.TYPES, 1),
                                     tuple(made_flight.TYPES)[:3], tuple(made_flight.TYPES)[1:]])
def test_missing_topics_drop_panels_not_the_page(tmp_path, missing):
    made_flight.write(tmp_path / 'bag', leave_out=missing)
    if {'/truth/odometry', '/navigation_status', '/guidance_status'} <= set(missing):
        with pytest.raises(FileError, match='neither'):
            draw(tmp_path / 'bag', tmp_path / 'flight.png')
    else:
        assert draw(tmp_path / 'bag', tmp_path / 'flight.png').stat().st_size > 10_000


def test_cut_bag_says_what_helps(tmp_path):
    made_flight.write(tmp_path / 'bag', close=False)
    with pytest.raises(FileError, match='recover'):
        draw(tmp_path / 'bag', tmp_path / 'flight.png')


def test_no_bag(tmp_path):
    with pytest.raises(FileError, match='no bag there'):
        draw(tmp_path, tmp_path / 'flight.png')

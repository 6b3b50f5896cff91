"""config/sensors/hardware.yaml: every setting in it is one of a driver, with an allowed value."""

import pytest
import yaml

from lander_bringup import places
from lander_imu.parameters import ImuDriverParameters
from lander_rangefinder.parameters import RangefinderParameters
from lander_rover.parameters import RoverReleaseParameters
from lander_thrusters.parameters import ValveDriverParameters

DRIVERS = {'rangefinder': RangefinderParameters, 'imu_driver': ImuDriverParameters,
           'valve_driver': ValveDriverParameters, 'rover_release': RoverReleaseParameters}
FILE = places.launch_file('landing.launch.yaml').parents[1] / 'config' / 'sensors' / 'hardware.yaml'


@pytest.fixture(scope='module')
def content() -> dict:
    return yaml.safe_load(FILE.read_text(encoding='utf-8'))


def test_it_has_every_driver(content):
    assert content.keys() == DRIVERS.keys()


@pytest.mark.parametrize('node', DRIVERS)
def test_its_settings_are_allowed(content, node):
    given = content[node]['ros__parameters']
    assert given
    vehicle = {'vehicle_file': 'v.yaml'} if node == 'valve_driver' else {}
    settings = {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}
    DRIVERS[node](**vehicle, **settings)

"""Each vehicle that comes with the stack can be flown: it can brake, hover, land and turn every way."""

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import nnls

from lander_common.constants import MOON_GM, MOON_RADIUS, STANDARD_GRAVITY
from lander_common.vehicle import load_vehicle

FILES = sorted((Path(__file__).parents[3] / 'config' / 'vehicles').glob('*.yaml'))
GRAVITY = MOON_GM / MOON_RADIUS**2
LAST_SHARE = 0.05  # of the propellant: what is left at touchdown, at most
vehicles = pytest.mark.parametrize('vehicle', [load_vehicle(f) for f in FILES], ids=[f.stem for f in FILES])


def _engines(vehicle):
    return [vehicle.thrusters[i] for i in vehicle.group('main', 'assist')]


def _full_thrust(vehicle):
    return sum(t.thrust_n for t in _engines(vehicle))


def _least_thrust(vehicle):
    """Thrust of the engines below which they cannot burn steadily; pulsed ones can give any less."""
    mains = [t for t in _engines(vehicle) if t.group == 'main']
    return 0.0 if vehicle.group('assist') else sum(t.thrust_n * t.throttle_min for t in mains)


@vehicles
@pytest.mark.parametrize('full', [1.0, LAST_SHARE])
def test_the_jets_make_every_torque_and_all_thrusters_every_wrench(vehicle, full):
    b = vehicle.wrench_matrix(full * vehicle.mass.propellant_kg)
    assert np.linalg.matrix_rank(b / np.abs(b).max(axis=1, keepdims=True), tol=1e-3) == 6
    for axis in np.vstack([np.eye(6)[3:], -np.eye(6)[3:]]):
        assert nnls(b[:, vehicle.group('rcs')], axis)[1] < 1e-9  # and no force


@vehicles
@pytest.mark.parametrize('full', [1.0, LAST_SHARE])
def test_the_jets_can_hold_what_the_engines_do_to_attitude(vehicle, full):
    """Alignment to 0.2 deg and centre of mass to 6 mm, three times as much: what the allocator assumes.

    Assist engines help where there are some.
    """
    propellant = full * vehicle.mass.propellant_kg
    arm = max(abs(t.position_m[2] - vehicle.centre_of_mass(propellant)[2]) for t in _engines(vehicle))
    mains = max(t.thrust_n for t in _engines(vehicle))
    disturbance = 3.0 * np.hypot(mains * arm * np.radians(0.2), _full_thrust(vehicle) * 0.006)
    jets = vehicle.wrench_matrix(propellant)[3:, vehicle.group('rcs')]
    for axis in range(2):
        margin = 1.0 if vehicle.group('assist') else 1.3
        assert np.maximum(jets[axis], 0.0).sum() > margin * disturbance


@vehicles
def test_it_can_brake_hover_and_sink(vehicle):
    start = vehicle.mass.dry_kg + vehicle.mass.propellant_kg
    end = vehicle.mass.dry_kg + LAST_SHARE * vehicle.mass.propellant_kg
    assert 1.2 < _full_thrust(vehicle) / (start * GRAVITY) < 3.0
    assert 2.0 < _full_thrust(vehicle) / (end * GRAVITY) < 6.0
    assert _least_thrust(vehicle) < 0.9 * end * GRAVITY


@vehicles
def test_the_propellant_lasts_from_orbit_to_the_ground(vehicle):
    engines = _engines(vehicle)
    exhaust = STANDARD_GRAVITY * _full_thrust(vehicle) / sum(t.thrust_n / t.isp_s for t in engines)
    full = vehicle.mass.dry_kg + vehicle.mass.propellant_kg
    velocity = exhaust * np.log(full / (vehicle.mass.dry_kg + LAST_SHARE * vehicle.mass.propellant_kg))
    assert 1900.0 < velocity < 2600.0


@vehicles
def test_there_are_sensors_of_the_same_name(vehicle):
    assert (FILES[0].parents[1] / 'sensors' / f'{vehicle.name}.yaml').is_file()

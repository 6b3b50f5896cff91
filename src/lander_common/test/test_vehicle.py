import dataclasses
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common.mass import centre_of_mass, inertia, mass_table
from lander_common.parameters import ParameterError
from lander_common.vehicle import GROUPS, Legs, RangefinderMount, Thruster, load_vehicle
from lander_common.yaml_file import FileError

FILE = Path(__file__).parents[3] / 'config' / 'vehicles' / 'resilience.yaml'
propellants = st.floats(0.0, 420.0)


@pytest.fixture(scope='session')
def vehicle():
    return load_vehicle(FILE)


@pytest.fixture
def changed(tmp_path):
    """Write the vehicle file with one thing changed; return its path."""
    def change(edit):
        content = yaml.safe_load(FILE.read_text())
        edit(content)
        path = tmp_path / 'changed.yaml'
        path.write_text(yaml.safe_dump(content))
        return path
    return change


def test_vehicle_files_load_under_their_own_name(config):
    files = sorted((config / 'vehicles').glob('*.yaml'))
    assert files
    for file in files:
        assert load_vehicle(file).name == file.stem


@given(propellants)
def test_two_bodies_have_the_inertia_of_their_reduced_mass(vehicle, propellant):
    m = vehicle.mass
    offset = np.array(m.propellant_centre_m) - np.array(m.dry_centre_m)
    reduced = m.dry_kg * propellant / (m.dry_kg + propellant)
    expected = (np.diag(m.dry_inertia_kg_m2) + propellant * np.diag(m.propellant_gyration_m2)
                + reduced * (offset @ offset * np.eye(3) - np.outer(offset, offset)))
    assert vehicle.inertia(propellant) == pytest.approx(expected, abs=1e-9)


@given(propellants)
def test_centre_of_mass_balances(vehicle, propellant):
    m, c = vehicle.mass, vehicle.centre_of_mass(propellant)
    moment = m.dry_kg * (np.array(m.dry_centre_m) - c) + propellant * (np.array(m.propellant_centre_m) - c)
    assert moment == pytest.approx(np.zeros(3), abs=1e-10)


@settings(deadline=None)  # the first call compiles
@given(propellants, st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_kernels_give_the_mass_properties_of_the_vehicle(vehicle, propellant, x, y):
    lopsided = dataclasses.replace(vehicle, mass=dataclasses.replace(vehicle.mass, dry_centre_m=[x, y, 0.15]))
    table = mass_table(lopsided.mass)
    xx, yy, zz, xy, xz, yz = inertia(table, propellant)
    assert np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]) == pytest.approx(
        lopsided.inertia(propellant), rel=1e-12, abs=1e-9)
    assert centre_of_mass(table, propellant) == pytest.approx(lopsided.centre_of_mass(propellant), abs=1e-12)


@given(propellants)
def test_wrench_matrix_of_each_thruster(vehicle, propellant):
    b = vehicle.wrench_matrix(propellant)
    assert b.shape == (6, len(vehicle.thrusters))
    for column, t in zip(b.T, vehicle.thrusters):
        force = t.thrust_n * np.array(t.direction) / np.linalg.norm(t.direction)
        x, y, z = np.array(t.position_m) - vehicle.centre_of_mass(propellant)
        fx, fy, fz = force
        assert column[:3] == pytest.approx(force)
        assert column[3:] == pytest.approx([y * fz - z * fy, z * fx - x * fz, x * fy - y * fx], abs=1e-9)


def test_engines_push_up_and_rcs_turns_every_way(vehicle):
    b = vehicle.wrench_matrix(vehicle.mass.propellant_kg)
    engines, rcs = list(vehicle.group('main', 'assist')), list(vehicle.group('rcs'))
    assert b[:, engines].sum(axis=1) == pytest.approx([0, 0, b[2, engines].sum(), 0, 0, 0], abs=1e-9)
    assert b[2, engines].sum() > 0.0
    assert np.linalg.matrix_rank(b[3:, rcs]) == 3


def test_every_thruster_is_in_exactly_one_group(vehicle):
    members = [i for name in GROUPS for i in vehicle.group(name)]
    assert sorted(members) == list(range(len(vehicle.thrusters)))
    assert vehicle.group('main', 'rcs') == tuple(sorted(vehicle.group('main') + vehicle.group('rcs')))


def test_axes_are_unit_vectors():
    assert Thruster(direction=[0.0, 3.0, 4.0]).axis == pytest.approx([0.0, 0.6, 0.8])
    assert RangefinderMount(direction=[0.0, 0.0, -2.0]).axis == pytest.approx([0.0, 0.0, -1.0])


def test_only_an_engine_that_can_be_throttled_is():
    assert not Thruster().throttled
    assert Thruster(throttle_min=0.4, throttle_rate_s=2.0).throttled
    with pytest.raises(ParameterError, match=r'throttle_min = 0.0: allowed is a number from 0\.01 to 1'):
        Thruster(throttle_min=0.0)


def test_feet_stand_on_a_circle():
    feet = Legs(count=3, radius_m=2.0, foot_z_m=-1.5, first_angle_deg=90.0).feet
    assert feet[0] == pytest.approx([0.0, 2.0, -1.5])
    assert np.hypot(feet[:, 0], feet[:, 1]) == pytest.approx(np.full(3, 2.0))
    assert feet[:, :2].sum(axis=0) == pytest.approx([0.0, 0.0], abs=1e-12)


@pytest.mark.parametrize('edit, text', [
    (lambda c: c['mass'].update(dry_kg=-1.0),
     r'changed\.yaml: mass\.dry_kg = -1\.0: allowed is a number from 1 to 100000 \[kg\]'),
    (lambda c: c['thrusters'][3].update(group='warp'),
     r"thrusters\[3\]\.group = 'warp': allowed is one of main, assist, rcs"),
    (lambda c: c['thrusters'][0].update(thrust_kn=1.0),
     r'thrusters\[0\]\.thrust_kn .*no parameter of that name'),
    (lambda c: c.update(wheels={}), r'wheels = .*no section of that name; there are name, thrusters, mass'),
    (lambda c: c.update(thrusters=[]), r'thrusters = \[\]: allowed is a list of 1 to 32 thrusters'),
    (lambda c: c.update(thrusters=c['thrusters'] * 3), 'allowed is a list of 1 to 32 thrusters'),
    (lambda c: c.update(legs=[1]), r'legs = \[1\]: allowed is a mapping of names to values'),
])
def test_errors_name_file_field_value_and_what_is_allowed(changed, edit, text):
    with pytest.raises(ParameterError, match=text) as error:
        load_vehicle(changed(edit))
    assert 'changed.yaml' in str(error.value)


def test_missing_file_lists_its_neighbours():
    with pytest.raises(FileError, match=r'no such file; there are .*resilience.* in '):
        load_vehicle(FILE.with_name('resilience2.yaml'))


@pytest.mark.parametrize('edit, text', [
    (lambda c: c['mass'].update(dry_centre_m=[0.0, 0.0]), 'dry_centre_m'),
    (lambda c: c['thrusters'][0].update(direction=[0.0, 0.0, 0.0]), 'direction'),
    (lambda c: c['thrusters'][1].update(name='main'), 'name'),
])
def test_a_vehicle_that_cannot_be_is_refused(changed, edit, text):
    with pytest.raises(ParameterError, match=text):
        load_vehicle(changed(edit))

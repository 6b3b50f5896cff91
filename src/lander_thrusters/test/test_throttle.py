"""Engines that can be throttled: one main and jets, several mains, assist engines."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common.samples import Wrench
from lander_common.vehicle import Thruster, load_vehicle
from lander_thrusters.allocator import ThrusterAllocator
from lander_thrusters.parameters import AllocatorParameters
from lander_thrusters.status import AllocationStatus

CYCLE = 0.01
VEHICLES = Path(__file__).parents[3] / 'config' / 'vehicles'


@pytest.fixture(scope='module')
def nova_c():
    return load_vehicle(VEHICLES / 'nova_c.yaml')


@pytest.fixture(scope='module')
def apex_1():
    return load_vehicle(VEHICLES / 'apex_1.yaml')


class Flight:
    """An allocator under a constant wrench, leg after leg; keeps every command."""

    def __init__(self, vehicle, **parameters):
        self.vehicle = vehicle
        self.allocator = ThrusterAllocator(AllocatorParameters(detect_faults=False, **parameters), vehicle)
        self.matrix = vehicle.wrench_matrix(vehicle.mass.propellant_kg)
        self.commands = []

    def fly(self, seconds, force=(0.0, 0.0, 0.0), torque=(0.0, 0.0, 0.0)):
        """Return the mean wrench that was given, with throttles that move at once."""
        given, count = np.zeros(6), round(seconds / CYCLE)
        for _ in range(count):
            time = len(self.commands) * CYCLE
            command = self.allocator.step(Wrench(time, np.array(force), np.array(torque)))
            self.commands.append(command)
            given += self.matrix @ (np.minimum(command.on_time, CYCLE) * command.throttle)
        return given / (count * CYCLE)

    def throttles(self, i):
        """Return the throttle of thruster i while it was open."""
        return np.array([c.throttle[i] for c in self.commands if c.on_time[i] > 0.0])


def _thrifty(vehicle):
    """Hardly any propellant is used, so that the wrench matrix stays the same."""
    return dataclasses.replace(vehicle, thrusters=tuple(
        dataclasses.replace(t, isp_s=1000.0, throttle_rate_s=0.0) for t in vehicle.thrusters))


@pytest.mark.parametrize('share', [0.3, 0.5, 0.77, 1.0])
def test_one_throttled_engine_gives_the_force_steadily_and_the_jets_the_torque(apex_1, share):
    flight = Flight(_thrifty(apex_1))
    flight.fly(1.0, (0.0, 0.0, 2200.0 * share))
    given = flight.fly(10.0, (0.0, 0.0, 2200.0 * share), (6.0, -4.0, 3.0))
    assert given[2] == pytest.approx(2200.0 * share, abs=1.5)
    assert given[3:] == pytest.approx([6.0, -4.0, 3.0], abs=0.25)
    assert np.ptp(flight.throttles(0)[200:]) < 0.02  # it makes up for what the jets push along z
    assert all(c.on_time[0] >= CYCLE - 1e-9 for c in flight.commands)


def test_it_changes_no_faster_than_it_can_and_never_burns_below_its_least(nova_c):
    flight = Flight(nova_c)
    for force in (900.0, 3100.0, 800.0, 2000.0):
        flight.fly(2.0, (0.0, 0.0, force))
    engine, throttles = nova_c.thrusters[0], flight.throttles(0)
    assert len(throttles) == len(flight.commands)
    assert np.abs(np.diff(throttles)).max() <= engine.throttle_rate_s * 0.1 + 1e-9
    assert throttles.min() >= engine.throttle_min
    assert throttles.max() == pytest.approx(1.0)


def test_below_its_least_thrust_it_is_off_and_that_is_said(nova_c):
    flight = Flight(nova_c)
    flight.fly(2.0, (0.0, 0.0, 700.0))
    assert sum(c.on_time[0] for c in flight.commands) == 0.0
    status = flight.allocator.status()
    assert status.unachieved_force[2] == pytest.approx(700.0)
    flight.fly(2.0, (0.0, 0.0, 775.0))
    assert flight.commands[-1].throttle[0] == 0.25
    flight.fly(2.0, (0.0, 0.0, 720.0))  # hysteresis
    assert flight.commands[-1].on_time[0] > 0.0
    flight.fly(2.0, (0.0, 0.0, 690.0))
    assert flight.commands[-1].on_time[0] == 0.0


def test_full_throttle_is_reported_as_a_limit(nova_c):
    flight = Flight(nova_c)
    flight.fly(4.0, (0.0, 0.0, 5000.0))
    status = flight.allocator.status()
    assert status.saturation[0] == AllocationStatus.UPPER
    assert status.unachieved_force[2] == pytest.approx(1900.0)


def test_two_throttled_engines_share_evenly_and_differ_only_when_the_jets_are_at_their_limit(apex_1):
    main = apex_1.thrusters[0]
    pair = [dataclasses.replace(main, name=f'main_{k}', thrust_n=1100.0, position_m=[0.0, y, -0.9])
            for k, y in enumerate((0.5, -0.5))]
    flight = Flight(_thrifty(dataclasses.replace(apex_1, thrusters=(*pair, *apex_1.thrusters[1:]))))
    flight.fly(3.0, (0.0, 0.0, 1200.0), (10.0, 0.0, 0.0))
    assert flight.commands[-1].throttle[0] == pytest.approx(flight.commands[-1].throttle[1], abs=0.02)
    flight.fly(2.0, (0.0, 0.0, 1200.0))
    given = flight.fly(3.0, (0.0, 0.0, 1200.0), (200.0, 0.0, 0.0))
    assert given[[2, 3]] == pytest.approx([1200.0, 200.0], rel=0.02)
    assert flight.commands[-1].throttle[0] - flight.commands[-1].throttle[1] > 0.1
    flight.allocator.set_failed(1)
    flight.fly(2.0, (0.0, 0.0, 600.0))
    assert flight.commands[-1].on_time[0] == 0.0
    assert flight.commands[-1].on_time[1] > 0.0


def test_throttled_assist_engines_pulse_at_their_least_thrust_below_it(vehicle):
    able = dataclasses.replace(vehicle, thrusters=tuple(
        dataclasses.replace(t, throttle_min=0.5) if t.group == 'assist' else t for t in vehicle.thrusters))
    flight = Flight(_thrifty(able), failed_mask=1)
    high = flight.fly(5.0, (0.0, 0.0, 900.0))
    assert high[2] == pytest.approx(900.0, abs=3.0)
    assert flight.throttles(1) == pytest.approx(900.0 / 1290.0, abs=1e-3)
    flight = Flight(_thrifty(able), failed_mask=1)
    low = flight.fly(10.0, (0.0, 0.0, 400.0))
    assert low[2] == pytest.approx(400.0, abs=6.0)
    assert set(flight.throttles(1)) == {0.5}
    open_share = np.mean([min(c.on_time[1], CYCLE) / CYCLE for c in flight.commands])
    assert open_share == pytest.approx(400.0 / 645.0, abs=0.02)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(700, 2200), st.tuples(*[st.floats(-30, 30)] * 3), st.integers(1, 10)),
                min_size=1, max_size=15))
def test_impulse_error_moves_by_less_than_one_shortest_pulse_of_the_jets(apex_1, legs):
    vehicle = _thrifty(apex_1)
    flight = Flight(vehicle)
    jets = list(vehicle.group('rcs'))
    bound = np.abs(flight.matrix[:, jets]) @ [vehicle.thrusters[i].min_on_time_s for i in jets] + 1e-6
    owed, low, high = np.zeros(6), np.zeros(6), np.zeros(6)
    for force, torque, windows in legs:
        for _ in range(windows):
            given = flight.fly(0.1, (0.0, 0.0, force), torque)
            status = flight.allocator.status()
            missing = np.concatenate([status.unachieved_force, status.unachieved_torque])
            owed += 0.1 * (np.array([0.0, 0.0, force, *torque]) - missing - given)
            low, high = np.minimum(low, owed), np.maximum(high, owed)
            assert (high - low <= bound).all()


@pytest.mark.parametrize('name', ['blue_ghost', 'nova_c', 'apex_1'])
def test_every_vehicle_is_flown_around_any_failed_jet(name):
    vehicle = _thrifty(load_vehicle(VEHICLES / f'{name}.yaml'))
    force = 0.6 * sum(vehicle.thrusters[i].thrust_n for i in vehicle.group('main', 'assist'))
    for failed in vehicle.group('rcs'):
        flight = Flight(vehicle, failed_mask=1 << failed)
        flight.fly(1.0, (0.0, 0.0, force))
        given = flight.fly(5.0, (0.0, 0.0, force), (4.0, -4.0, 2.0))
        assert given[2:] == pytest.approx([force, 4.0, -4.0, 2.0], abs=0.01 * force), failed
        assert given[3:] == pytest.approx([4.0, -4.0, 2.0], abs=1.0), failed


def test_an_engine_of_the_file_without_throttle_is_on_or_off(vehicle):
    assert not Thruster().throttled
    flight = Flight(vehicle)
    flight.fly(2.0, (0.0, 0.0, 800.0), (5.0, 0.0, 0.0))
    assert all((c.throttle == 1.0).all() for c in flight.commands)

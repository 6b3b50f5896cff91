"""Thruster faults in closed loop with the simulated vehicle: found, named, flown around; none in vain."""

import dataclasses

import numpy as np
import pytest

from lander_common.samples import ThrusterCommand

NAMES = ['main', *(f'assist_{i}' for i in range(1, 7)), *(f'rcs_{i}' for i in range(1, 9))]
CYCLE = 0.01
KINDS = {'stuck_off': ('stuck off', 0.0), 'weak': ('weak', 0.6), 'stuck_on': ('stuck on', 0.0)}
WARM_UP = 1.5  # [s]


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('name', NAMES)
def test_every_fault_is_found_and_named_in_time(make_ride, name, kind):
    # The main engine cannot be seen to be stuck on while it is wanted.
    ride = make_ride(force_z=350.0 if name == 'main' and kind == 'stuck_on' else 900.0)
    ride.run(WARM_UP)
    ride.break_thruster(name, kind, KINDS[kind][1])
    ride.run(4.0)
    assert list(ride.found) == [f'{name} {KINDS[kind][0]}']
    assert min(ride.found.values()) - WARM_UP <= (2.0 if name.startswith('rcs') else 0.5)
    assert ride.allocator.status().failed_mask == 1 << NAMES.index(name)


@pytest.mark.parametrize('force_z', [0.0, 300.0, 1000.0])
def test_what_differs_from_the_vehicle_file_is_no_fault(make_ride, force_z):
    for seed in range(10, 15):
        ride = make_ride(seed, force_z)
        ride.run(12.0)
        assert ride.found == {}, seed
        assert ride.allocator.status().trouble == '', seed


def test_a_thruster_that_lacks_little_is_no_fault(make_ride):
    ride = make_ride()
    ride.run(WARM_UP)
    ride.break_thruster('assist_2', 'weak', 0.9)
    ride.run(8.0)
    assert ride.found == {}


def test_the_faulty_thruster_is_replaced_in_the_cycle_in_which_it_is_found(make_ride):
    ride = make_ride()
    ride.run(WARM_UP)
    ride.break_thruster('assist_1', 'stuck_off')
    while not ride.found:
        ride.run(CYCLE)
    status = ride.allocator.status()
    assert any(c[1] > 0.0 for c in ride.commands[-11:-1])
    assert ride.commands[-1][1] == status.duty[1] == 0.0
    assert abs(status.unachieved_force[2]) < 1.0


def test_what_a_stuck_valve_does_is_made_up_for(make_ride):
    ride = make_ride()
    ride.stir = 0.0
    ride.run(WARM_UP)
    ride.break_thruster('rcs_3', 'stuck_on')
    ride.run(3.0)
    assert list(ride.found) == ['rcs_3 stuck on']
    assert ride.allocator.status().duty[NAMES.index('rcs_3')] == 1.0
    assert np.abs(ride.rate).max() < np.radians(2.0)
    before = ride.allocator.status().propellant_kg
    ride.run(2.0)
    # The allocation knows that the jet burns: it is in the account of the propellant, and in the balance.
    assert before - ride.allocator.status().propellant_kg > 2.0 * 20.0 / (225.0 * 9.81)
    assert np.abs(ride.allocator.status().unachieved_torque).max() < 3.0


def test_a_stuck_valve_that_closes_after_all_is_not_made_up_for_any_longer(make_ride):
    ride = make_ride()
    ride.run(WARM_UP)
    ride.break_thruster('rcs_3', 'stuck_on')
    ride.run(2.0)
    ride.repair('rcs_3')
    ride.run(2.0)
    assert list(ride.found) == ['rcs_3 stuck on', 'rcs_3 stuck off']
    assert ride.allocator.status().duty[NAMES.index('rcs_3')] == 0.0


def test_faults_can_be_cleared_and_are_found_again_only_if_they_are_there(make_ride):
    ride = make_ride()
    ride.run(WARM_UP)
    ride.break_thruster('rcs_2', 'stuck_off')
    ride.run(2.0)
    assert list(ride.found) == ['rcs_2 stuck off']
    ride.allocator.clear_faults()
    assert ride.allocator.status().failed_mask == 0
    ride.found.clear()
    ride.run(3.0)
    assert list(ride.found) == ['rcs_2 stuck off']
    ride.repair('rcs_2')
    ride.allocator.clear_faults()
    ride.found.clear()
    ride.run(3.0)
    assert ride.found == {}
    assert ride.commands[-1].size and max(c[8] for c in ride.commands[-250:]) > 0.0


@pytest.mark.parametrize('leap', [5.0, 50.0, np.nan, np.inf])
def test_a_leap_of_the_imu_is_nobodys_fault(make_ride, leap):
    ride = make_ride()
    ride.run(WARM_UP)
    ride.disturb = lambda sample: dataclasses.replace(
        sample, specific_force=sample.specific_force + leap)
    ride.run(0.3)
    assert 'no single thruster' in ride.allocator.status().trouble
    ride.disturb = lambda sample: sample
    ride.run(3.0)
    assert ride.found == {}
    assert ride.allocator.status().trouble == ''


def test_silence_of_the_imu_is_reported(make_ride):
    ride = make_ride()
    ride.run(WARM_UP)
    ride.deliver = lambda sample: None
    ride.run(3.0)
    assert 'no IMU samples' in ride.allocator.status().trouble
    assert ride.found == {}


def test_lost_samples_are_no_fault(make_ride):
    ride, rng = make_ride(), np.random.default_rng(4)
    ride.deliver = lambda sample: ride.allocator.add_imu(sample) if rng.random() < 0.9 else None
    ride.run(10.0)
    assert ride.found == {}


def test_order_of_arrival_does_not_matter(make_ride):
    """A sample may come after the wrench that follows from it, and again."""
    early, late = make_ride(), make_ride()
    held = []

    def one_cycle_late(sample):
        held.append(sample)
        if len(held) > 1:
            late.allocator.add_imu(held[0])
            late.allocator.add_imu(held.pop(0))
    late.deliver = one_cycle_late
    for ride in (early, late):
        ride.run(WARM_UP)
        ride.break_thruster('rcs_5', 'stuck_off')
        ride.run(2.0)
    assert early.found == late.found != {}
    assert all((a == b).all() for a, b in zip(early.commands, late.commands))


def test_valves_that_a_watchdog_holds_closed_are_no_faults_once_that_is_known(make_ride):
    for known in (True, False):
        ride = make_ride(force_z=430.0)  # of the main engine alone: it would explain it
        ride.stir = 0.0
        ride.run(1.0)
        ride.closed = True
        ride.run(0.1)
        for _ in range(3):
            if known:
                ride.allocator.excuse()
            ride.run(0.1)
        ride.closed = False
        ride.run(2.0)
        assert bool(ride.found) is not known, ride.found
    ride = make_ride()
    ride.run(1.0)
    ride.allocator.excuse()
    ride.break_thruster('assist_2', 'stuck_off')
    ride.run(1.5)
    assert list(ride.found) == ['assist_2 stuck off'], 'it looks on'


def test_wrenches_that_are_far_behind_the_samples_are_excused_too(make_ride):
    """The ring stands still for half a second, then all its wrenches come at once."""
    for known in (True, False):
        ride, waiting = make_ride(force_z=430.0), []
        ride.stir = 0.0
        step = ride.allocator.step
        ride.run(1.0)
        closed = ThrusterCommand(ride.time, np.zeros(len(NAMES)))
        ride.allocator.step = lambda wrench, waiting=waiting, closed=closed: waiting.append(wrench) or closed
        ride.run(0.5)
        if known:
            ride.allocator.excuse()
        for wrench in waiting:
            step(wrench)
        ride.allocator.step = step
        ride.run(2.0)
        assert bool(ride.found) is not known, ride.found

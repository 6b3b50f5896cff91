"""What must hold for any sequence of wrenches: pulses that valves can make, and no impulse lost."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common.samples import Wrench
from lander_thrusters.allocator import ThrusterAllocator
from lander_thrusters.parameters import AllocatorParameters


def _demand(force_z):
    torque = st.floats(-60, 60) | st.floats(-2, 2) | st.just(0.0)
    lateral = st.just(0.0) | st.floats(-20, 20)
    return st.tuples(lateral, lateral, force_z, torque, torque, torque)


any_demand = _demand(st.just(0.0) | st.floats(0, 2500))
powered = _demand(st.floats(10, 1700))
nothing = st.just((0.0,) * 6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(any_demand, st.sampled_from([0.01, 0.02, 0.03, 0.1, 1.0]), st.integers(1, 25),
                          st.none() | st.integers(0, 14)), min_size=1, max_size=12))
def test_no_opening_is_shorter_than_the_valve_allows(vehicle, valve_bank, legs):
    """Not even when a thruster fails in the middle of a window; only its own valve closes at once."""
    allocator, valves = ThrusterAllocator(AllocatorParameters(), vehicle), valve_bank()
    time, failed = 0.0, 0
    for demand, cycle, count, fails in legs:
        if fails is not None:
            failed |= 1 << fails
            allocator.set_failed(failed)
        for _ in range(count):
            command = allocator.step(Wrench(time, np.array(demand[:3]), np.array(demand[3:])))
            assert (command.on_time >= 0.0).all()
            valves.command(command)
            time = round((time + cycle) * 1e9) * 1e-9
    valves.finish()
    for i, (thruster, openings) in enumerate(zip(vehicle.thrusters, valves.openings)):
        for start, end in openings[:-1] if failed >> i & 1 else openings:
            assert end - start >= thruster.min_on_time_s - 1e-6


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(powered | nothing, st.integers(1, 12)), min_size=1, max_size=25))
def test_impulse_error_moves_by_less_than_one_shortest_pulse_per_thruster(vehicle, legs):
    """Between any two ends of pulse windows, 10 s apart or not."""
    # Hardly any propellant is used, so that the wrench matrix stays the same.
    thrifty = dataclasses.replace(vehicle, thrusters=tuple(
        dataclasses.replace(t, isp_s=1000.0) for t in vehicle.thrusters))
    matrix = thrifty.wrench_matrix(thrifty.mass.propellant_kg)
    pulsed = list(thrifty.group('assist', 'rcs'))
    shortest = np.array([t.min_on_time_s for t in thrifty.thrusters])[pulsed]
    bound = np.abs(matrix[:, pulsed]) @ shortest + 1e-6
    allocator = ThrusterAllocator(AllocatorParameters(), thrifty)
    window, k, owed, low, high = 0.1, 0, np.zeros(6), np.zeros(6), np.zeros(6)
    for demand, windows in legs:
        demand = np.array(demand)
        for _ in range(windows):
            given = np.zeros(len(thrifty.thrusters))
            for _ in range(10):
                command = allocator.step(Wrench(k * 0.01, demand[:3], demand[3:]))
                given += np.minimum(command.on_time, 0.01)
                k += 1
            status = allocator.status()
            missing = np.concatenate([status.unachieved_force, status.unachieved_torque])
            owed += (demand - missing) * window - matrix @ given
            low, high = np.minimum(low, owed), np.maximum(high, owed)
            assert (high - low <= bound).all()


@settings(max_examples=40, deadline=None)
@given(cycle=st.sampled_from([0.02, 0.1, 0.5, 1.0]),
       demands=st.lists(_demand(st.just(0.0)), min_size=1, max_size=12))
def test_impulse_error_of_the_jets_moves_by_less_than_one_shortest_pulse_in_coast(vehicle, cycle, demands):
    """Also when the wrench comes seldom, and when at times nothing is asked."""
    matrix, jets = vehicle.wrench_matrix(vehicle.mass.propellant_kg), list(vehicle.group('rcs'))
    shortest = np.array([t.min_on_time_s for t in vehicle.thrusters])[jets]
    axes = [0, 1, 3, 4, 5]  # without engines nobody accounts for force z
    # A little propellant is used: the arms of the jets change by less than a hundredth.
    bound = 1.01 * (np.abs(matrix[:, jets]) @ shortest)[axes]
    allocator = ThrusterAllocator(AllocatorParameters(), vehicle)
    owed, low, high, k = np.zeros(6), np.zeros(6), np.zeros(6), 0
    for demand in (np.zeros(6), *demands):  # the first window does not know the cycle yet
        demand = np.array(demand)
        for _ in range(max(round(2.0 / cycle), 2)):
            command = allocator.step(Wrench(k * cycle, demand[:3], demand[3:]))
            status = allocator.status()
            missing = np.concatenate([status.unachieved_force, status.unachieved_torque])
            owed += (demand - missing) * cycle - matrix @ np.minimum(command.on_time, cycle)
            k += 1
            if cycle * k % 0.1 < 1e-9 or cycle >= 0.1:
                low, high = np.minimum(low, owed), np.maximum(high, owed)
                assert ((high - low)[axes] <= bound).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(powered, st.integers(1, 30)), min_size=1, max_size=10))
def test_two_allocators_give_the_same_bits(vehicle, legs):
    first, second = (ThrusterAllocator(AllocatorParameters(), vehicle) for _ in range(2))
    k = 0
    for demand, count in legs:
        for _ in range(count):
            wrench = Wrench(k * 0.01, np.array(demand[:3]), np.array(demand[3:]))
            assert (first.step(wrench).on_time == second.step(wrench).on_time).all()
            k += 1


@pytest.mark.parametrize('interval', [0.01, 0.02, 0.025, 0.03, 0.04, 0.07])
def test_full_thrust_leaves_no_gaps_at_any_cycle_time(vehicle, valves, interval):
    allocator = ThrusterAllocator(AllocatorParameters(), vehicle)
    for k in range(200):
        valves.command(allocator.step(Wrench(k * interval, np.array([0.0, 0.0, 3000.0]), np.zeros(3))))
    valves.finish()
    # The first window is opened before the interval is known.
    assert all(len(openings) <= 2 for openings in valves.openings[:7])

import dataclasses

import numpy as np
import pytest

from lander_common.parameters import ParameterError
from lander_common.samples import Wrench
from lander_thrusters.allocator import ThrusterAllocator
from lander_thrusters.parameters import AllocatorParameters
from lander_thrusters.status import AllocationStatus

CYCLE = 0.01
MAIN, ASSIST, RCS = slice(0, 1), slice(1, 7), slice(7, 15)


def wrench(time, force=(0, 0, 0), torque=(0, 0, 0)):
    return Wrench(time, np.array(force, float), np.array(torque, float))


@pytest.fixture
def allocator(vehicle):
    return ThrusterAllocator(AllocatorParameters(), vehicle)


@pytest.fixture
def fly(allocator, vehicle, valves):
    """Fly a constant wrench for a time; return the mean wrench that the valves gave."""
    clock = [0]

    def run(seconds, force=(0, 0, 0), torque=(0, 0, 0)):
        before = valves.on_time.copy()
        for _ in range(round(seconds / CYCLE)):
            valves.command(allocator.step(wrench(clock[0] * CYCLE, force, torque)))
            clock[0] += 1
        given = valves.on_time - before
        return vehicle.wrench_matrix(vehicle.mass.propellant_kg) @ given / seconds
    return run


@pytest.mark.parametrize('asked', [
    (0, 0, 600, 0, 0, 0), (0, 0, 100, 0, 0, 0), (0, 0, 1500, 5, -4, 3), (0, 0, 800, 25, 0, 0),
    (0, 0, 0, 1, 1, -1), (0, 0, 1600, 0, 0, 40), (5, 3, 800, 10, -7, 4), (0, 0, 1200, 45, 0, 0),
])
def test_mean_of_the_pulses_is_what_is_asked(fly, asked):
    given = fly(30.0, asked[:3], asked[3:])
    # Less than one shortest pulse over 30 s, and the centre of mass that moves with the propellant.
    assert given[2] == pytest.approx(asked[2], abs=3.0)
    assert given[:2] == pytest.approx(asked[:2], abs=0.3)
    assert given[3:] == pytest.approx(asked[3:], abs=0.2 + 0.01 * max(map(abs, asked[3:])))


def test_unreachable_wrench_gives_the_best_and_says_what_is_missing(fly, allocator):
    fly(1.0, (0, 0, 5000), (0, 0, 0))
    status = allocator.status()
    assert (status.saturation[:7] == AllocationStatus.UPPER).all()
    assert status.unachieved_force[2] == pytest.approx(5000 - 1710, abs=1.0)
    fly(1.0, (0, 0, -500), (0, 0, 0))
    status = allocator.status()
    assert (status.saturation[ASSIST] == AllocationStatus.LOWER).all()
    assert status.unachieved_force[2] < -440


def test_main_engine_carries_the_load_and_assist_the_rest(fly, allocator, valves):
    fly(3.0, (0, 0, 500))
    assert allocator.status().duty[0] == 1.0
    assert valves.on_time[1] == pytest.approx(3.0 * 80.0 / (6 * 215.0), abs=0.03)
    fly(2.0, (0, 0, 300))
    assert allocator.status().duty[0] == 0.0
    assert len(valves.openings[0]) == 1


def test_main_engine_that_gives_too_much_is_not_fought_by_the_rcs(fly, valves, allocator):
    fly(1.0, (0, 0, 430))
    before = valves.on_time[RCS].sum()
    fly(2.0, (0, 0, 390))
    assert allocator.status().duty[0] == 1.0
    assert valves.on_time[RCS].sum() == before
    assert allocator.status().unachieved_force[2] == pytest.approx(-30.0, abs=1e-6)


def test_rcs_turns_and_assist_engines_fire_evenly(fly, allocator):
    fly(1.0, (0, 0, 900), (10, 0, 0))
    duty = allocator.status().duty
    assert np.ptp(duty[ASSIST]) < 0.005
    assert duty[RCS].max() > 0.2


def test_throttling_makes_no_torque(allocator, valves):
    rng = np.random.default_rng(3)
    force = 0.0
    for k in range(6000):
        if k % 20 == 0:
            force = rng.uniform(10, 1700)
        valves.command(allocator.step(wrench(k * CYCLE, (0, 0, force))))
    valves.finish()
    first = np.array(valves.openings[1])
    assert len(first) > 50
    for other in valves.openings[2:7]:
        assert np.array(other) == pytest.approx(first, abs=2e-6)
    assert valves.on_time[RCS].sum() == 0.0


def test_assist_engines_are_together_again_after_a_torque_beyond_the_rcs(fly, valves):
    fly(3.0, (0, 0, 800), (60, 0, 0))
    assert np.ptp(valves.on_time[ASSIST]) > 0.1
    counts = [len(o) for o in valves.openings]
    fly(10.0, (0, 0, 500), (0, 0, 0))
    starts = [[s for s, _ in valves.openings[i][counts[i] + 1:]] for i in range(1, 7)]
    assert len(starts[0]) > 10
    for other in starts[1:]:
        assert other == pytest.approx(starts[0], abs=2e-6)


def test_torque_inside_the_dead_band_fires_nothing(fly, valves):
    rng = np.random.default_rng(1)
    for _ in range(2000):
        fly(CYCLE, rng.uniform(-1.9, 1.9, 3), rng.uniform(-0.29, 0.29, 3))
    assert valves.on_time.sum() == 0.0


def test_torque_noise_around_zero_does_not_make_opposite_thrusters_fight(fly, valves):
    rng = np.random.default_rng(2)
    for _ in range(600):
        fly(0.1, (0, 0, 0), (rng.choice([-0.5, 0.5]), 0, 0))
    # 300 positive windows of 0.05 N m s alone would be 21 pulses of 0.72 N m s, the negative as many.
    assert sum(len(o) for o in valves.openings[7:]) / 4 < 20


def test_engines_stay_off_in_coast_however_large_the_torque(fly, valves):
    fly(5.0, (0, 0, 800))
    before = valves.on_time[:7].copy()
    fly(0.2, (0, 0, 0), (0, 0, 0))
    cut = valves.on_time[:7].copy()
    assert (cut - before <= 0.1 + 1e-9).all()
    fly(5.0, (0, 0, 0), (100, 100, 50))
    assert (valves.on_time[:7] == cut).all()


def test_seldom_wrenches_make_windows_as_long_as_their_interval(vehicle, valves, allocator):
    for k in range(600):
        command = allocator.step(wrench(float(k), torque=(2.0, 0, 0)))
        assert (command.on_time <= 1.0).all()
        valves.command(command)
    given = vehicle.wrench_matrix(vehicle.mass.propellant_kg) @ valves.on_time / 600
    assert given[3] == pytest.approx(2.0, abs=0.03)


def test_dense_wrenches_after_a_coast_do_not_wait_for_the_long_window(allocator):
    for k in range(5):
        allocator.step(wrench(float(k), torque=(20.0, 0, 0)))
    for k in range(1, 11):
        command = allocator.step(wrench(4.0 + k * CYCLE, (0, 0, 900)))
    assert command.on_time[0] > 0.0


def test_a_failed_thruster_is_replaced_in_the_same_cycle(fly, allocator, vehicle, valves):
    fly(1.03, (0, 0, 900), (8, 0, 0))
    allocator.set_failed(1 << 7 | 1 << 1)
    fly(CYCLE, (0, 0, 900), (8, 0, 0))
    status = allocator.status()
    assert status.failed_mask == 0b10000010
    assert status.duty[1] == status.duty[7] == 0.0
    fly(2.0, (0, 0, 900), (8, 0, 0))
    before = valves.on_time[[1, 7]].copy()
    given = fly(20.0, (0, 0, 900), (8, 0, 0))
    assert (valves.on_time[[1, 7]] == before).all()
    assert given[2:] == pytest.approx([900, 8, 0, 0], abs=4.0)


def test_what_the_valve_boards_say_counts_in_the_same_cycle(fly, allocator):
    fly(2.0, (0, 0, 1200), (0, 0, 0))
    allocator.take_valves(1 << 8, 1 << 3)
    fly(0.01, (0, 0, 1200), (0, 0, 0))
    status = allocator.status()
    assert status.failed_mask == 1 << 8 | 1 << 3
    assert status.duty[3] == 0.0
    assert [text.partition(',')[0] for text in status.faults] == ['assist_3 stuck off', 'rcs_2 stuck on']
    allocator.take_valves(0, 0)  # what was found stays
    assert allocator.status().failed_mask == status.failed_mask
    allocator.clear_faults()
    assert allocator.status().failed_mask == 0


def test_without_the_main_engine_assist_takes_all(vehicle):
    allocator = ThrusterAllocator(AllocatorParameters(failed_mask=1), vehicle)
    allocator.step(wrench(0.0, (0, 0, 800)))
    assert allocator.status().duty[0] == 0.0
    assert np.abs(allocator.status().unachieved_force[2]) < 1.0


@pytest.mark.parametrize('bad', [np.nan, np.inf, -np.inf, 1e12])
def test_a_bad_wrench_is_bridged_then_all_valves_close(fly, allocator, bad):
    fly(2.0, (0, 0, 900))
    fly(0.4, (0, 0, bad))
    status = allocator.status()
    assert not status.wrench_valid
    assert status.duty[0] == 1.0
    fly(0.3, (0, 0, 900), (0, bad, 0))
    assert allocator.status().duty.sum() == 0.0
    command = allocator.step(wrench(2.71, (0, 0, bad)))
    assert command.on_time.sum() == 0.0
    assert np.isfinite(allocator.status().unachieved_force).all()
    fly_time = 2.72
    allocator.step(wrench(fly_time, (0, 0, 900)))
    assert allocator.status().wrench_valid


def test_time_must_increase(allocator):
    allocator.step(wrench(1.0))
    for time in (1.0, 0.5, float('nan')):
        with pytest.raises(ValueError, match='wrench at'):
            allocator.step(wrench(time))


def test_window_too_short_for_the_vehicle_is_refused(vehicle):
    with pytest.raises(ParameterError, match=r'window_s = 0.05.*at least 0.08 s.*resilience'):
        ThrusterAllocator(AllocatorParameters(window_s=0.05), vehicle)


def test_propellant_estimate_follows_the_commands(fly, allocator, vehicle):
    fly(10.0, (0, 0, 2000))
    flow = 420 / (318 * 9.80665) + 6 * 215 / (285 * 9.80665)
    used = vehicle.mass.propellant_kg - allocator.status().propellant_kg
    assert used == pytest.approx(10.0 * flow, rel=0.05)


def test_vehicle_without_main_engine_or_rcs(vehicle):
    for group in ('main', 'rcs', 'assist'):
        kept = tuple(t for t in vehicle.thrusters if t.group == group)
        allocator = ThrusterAllocator(AllocatorParameters(), dataclasses.replace(vehicle, thrusters=kept))
        command = allocator.step(wrench(0.0, (0, 0, 800)))
        assert command.on_time.shape == (len(kept),)
        assert command.on_time.any()

"""The kernels in a compiled loop and the class take turns on the same record, with the same bits."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.samples import ImuSample, Wrench
from lander_thrusters import step as kernels
from lander_thrusters.allocator import ThrusterAllocator
from lander_thrusters.parameters import AllocatorParameters


@compiled
def _fly(record, times, wrenches, motions):
    for k in range(len(times)):
        kernels.add_imu(record[0], times[k], motions[k, :3], motions[k, 3:])
        kernels.step(record[0], times[k], wrenches[k, :3], wrenches[k, 3:])


def test_python_and_compiled_loop_take_turns_with_the_same_bits(vehicle):
    rng = np.random.default_rng(5)
    times = np.cumsum(rng.choice([0.01, 0.01, 0.02, 0.5], 600))
    wrenches = rng.normal(size=(600, 6)) * [5, 5, 400, 10, 10, 10] + [0, 0, 800, 0, 0, 0]
    wrenches[200:230] = 0.0
    motions = rng.normal(size=(600, 6)) * [0.01] * 3 + [0, 0, 0, 0, 0, 1.2]
    alone, turns = (ThrusterAllocator(AllocatorParameters(detect_faults=True, false_alarm_h=1.0), vehicle)
                    for _ in range(2))
    for k in range(600):
        if k % 120 < 60:
            turns.add_imu(ImuSample(times[k], motions[k, :3], motions[k, 3:]))
            turns.step(Wrench(times[k], wrenches[k, :3], wrenches[k, 3:]))
        elif k % 120 == 60:
            _fly(turns.record, times[k:k + 60], wrenches[k:k + 60], motions[k:k + 60])
    _fly(alone.record, times, wrenches, motions)
    assert alone.record.tobytes() == turns.record.tobytes()
    assert alone.record[0]['on_time'].any()


def test_time_that_does_not_increase_changes_nothing(vehicle):
    allocator = ThrusterAllocator(AllocatorParameters(detect_faults=False), vehicle)
    allocator.step(Wrench(1.0, np.array([0.0, 0.0, 900.0]), np.zeros(3)))
    before = allocator.record.tobytes()
    _fly(allocator.record, np.array([1.0, 0.5, np.nan]), np.ones((3, 6)), np.ones((3, 6)))
    assert allocator.record.tobytes() == before

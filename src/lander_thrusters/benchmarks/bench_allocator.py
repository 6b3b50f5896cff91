"""Time whole cycles of the allocator: from Python, as the node runs it, and in a compiled loop.

    python benchmarks/bench_allocator.py [VEHICLE_FILE]

Every tenth cycle opens a pulse window, for a wrench that has nothing to do with the last one; in flight they
are alike, and cost less. The IMU is said to be so noisy that every window of evidence is judged and none
proves anything. In the loop the best of several rounds counts, in processor time; from Python the median.
"""

import sys
import time
from pathlib import Path

import numpy as np

from lander_common.compiled import compiled
from lander_common.figures import report
from lander_common.samples import ImuSample, Wrench
from lander_common.vehicle import Vehicle, load_vehicle
from lander_thrusters import step as kernels
from lander_thrusters.allocator import ThrusterAllocator
from lander_thrusters.parameters import AllocatorParameters

_DEFAULT = Path(__file__).parents[3] / 'config' / 'vehicles' / 'resilience.yaml'
_COUNT = 20000
_ROUNDS = 7
_WINDOW = 10  # cycles
_CYCLE = 0.01  # [s]


@compiled
def _fly(record, forces, torques, still):
    al = record[0]
    for k in range(len(forces)):
        time = k * _CYCLE
        kernels.add_imu(al, time, still, still)
        kernels.step(al, time, forces[k], torques[k])


def measure(vehicle: Vehicle, detect: bool) -> None:
    """Print the times of a cycle."""
    parameters = AllocatorParameters(detect_faults=detect, accel_noise_m_s_rt_s=1.0, gyro_noise_rad_rt_s=1.0)
    rng, still = np.random.default_rng(2), np.zeros(3)
    forces = np.column_stack([np.zeros((_COUNT, 2)), rng.uniform(500, 1600, _COUNT)])
    torques = 10.0 * rng.normal(size=(_COUNT, 3))
    best = np.inf
    for _ in range(_ROUNDS):
        record = ThrusterAllocator(parameters, vehicle).record
        _fly(record, forces[:1], torques[:1], still)
        start = time.process_time()
        _fly(record, forces, torques, still)
        best = min(best, 1e6 * (time.process_time() - start) / _COUNT)
    allocator, times = ThrusterAllocator(parameters, vehicle), np.empty(_COUNT)
    for k in range(_COUNT):
        wrench = Wrench(k * _CYCLE, forces[k], torques[k])
        sample = ImuSample(k * _CYCLE, still, still)
        start = time.perf_counter()
        if detect:
            allocator.add_imu(sample)
        allocator.step(wrench)
        times[k] = 1e6 * (time.perf_counter() - start)
    within = np.delete(times, np.s_[::_WINDOW])
    report(f'allocator, one call, compiled, {"with" if detect else "without"} fault detection', best, 'us')
    print(f'{"with" if detect else "without"} fault detection: in a compiled loop {best:.2f} us; from Python '
          f'{np.median(within):.1f} us, with a new window {np.median(times[::_WINDOW]):.1f} us (medians)')


if __name__ == '__main__':
    for look in (False, True):
        measure(load_vehicle(sys.argv[1] if len(sys.argv) > 1 else _DEFAULT), look)

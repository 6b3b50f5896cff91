"""Time whole cycles of the allocator, as the node runs them.

    python benchmarks/bench_allocator.py [VEHICLE_FILE]

Every tenth cycle opens a pulse window. p99 is that of the whole machine: leave it alone meanwhile.
"""

import sys
import time
from pathlib import Path

import numpy as np

from lander_common.samples import Wrench
from lander_common.vehicle import Vehicle, load_vehicle
from lander_thrusters.allocator import ThrusterAllocator
from lander_thrusters.parameters import AllocatorParameters

_DEFAULT = Path(__file__).parents[3] / 'config' / 'vehicles' / 'resilience.yaml'
_COUNT = 20000
_WINDOW = 10  # cycles


def whole_step(vehicle: Vehicle) -> None:
    """Print the time of a cycle of 0.01 s, with and without a new pulse window."""
    allocator = ThrusterAllocator(AllocatorParameters(), vehicle)
    rng, times = np.random.default_rng(2), np.empty(_COUNT)
    for k in range(_COUNT):
        wrench = Wrench(k * 0.01, np.array([0.0, 0.0, rng.uniform(500, 1600)]), rng.normal(size=3) * 10.0)
        start = time.perf_counter()
        allocator.step(wrench)
        times[k] = 1e6 * (time.perf_counter() - start)
    within = np.delete(times, np.s_[::_WINDOW])
    for name, chosen in (('with a new window', times[::_WINDOW]), ('within a window', within)):
        print(f'cycle {name:20s} {np.median(chosen):7.1f} us, p99 {np.percentile(chosen, 99):7.1f} us')


if __name__ == '__main__':
    whole_step(load_vehicle(sys.argv[1] if len(sys.argv) > 1 else _DEFAULT))

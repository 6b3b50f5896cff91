"""Times guidance: a powered descent is flown once, then its samples are flown again in one compiled loop.

Run: python benchmarks/bench_guidance.py [repetitions]. It says what a 100 Hz call costs inside a compiled
loop (mean over the flight, solutions of the burn included) and what `Guidance.step` costs from Python.
"""

import importlib.util
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from lander_common.compiled import compiled
from lander_common.figures import report
from lander_guidance import step
from lander_guidance.guidance import Guidance
from lander_guidance.parameters import GuidanceParameters

CONFTEST = Path(__file__).resolve().parents[1] / 'test' / 'conftest.py'
PHASES = ('BRAKING', 'PITCH_UP', 'TERMINAL')


@compiled
def fly(array, times, samples, grounds):
    """Fly samples (n, 13): position, attitude, velocity, rate; a belief comes with every tenth."""
    for i in range(times.size):
        if i % 10 == 0:
            step.set_ground(array[0], grounds[i])
        s = samples[i]
        step.step(array[0], times[i], s[:3], s[3:7], s[7:10], s[10:])


def record_flight():
    """Return world, samples, beliefs and phases of an ideal descent from perilune at 100 Hz."""
    spec = importlib.util.spec_from_file_location('conftest', CONFTEST)
    conftest = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(conftest)
    world, see = conftest.World(), conftest.seen_below(2500.0)
    navigations, grounds, phases = [], [], []

    def believe(moment, altitude, terrain):
        belief = see(moment, altitude, terrain)
        grounds.append((belief.time, belief.terrain_height_m, belief.altitude_m, belief.altitude_lower_m,
                        belief.altitude_upper_m))
        navigations.append(flight.navigation)
        phases.append(flight.guidance.phase.name)
        return belief

    flight = world.flight(world.perilune(), dt=0.01, belief=believe)
    flight.run()
    return world, navigations, np.array(grounds), np.array(phases)


def main(repetitions: int) -> None:
    """Print the figures."""
    world, navigations, grounds, phases = record_flight()
    times = np.array([n.time for n in navigations])
    samples = np.array([[*n.position_map, *n.q_map_body, *n.velocity_body, *n.angular_velocity]
                        for n in navigations])
    powered = int(np.flatnonzero(np.isin(phases, PHASES))[0])
    loops, calls = [], []
    for _ in range(repetitions):
        guidance = Guidance(GuidanceParameters(), world.vehicle, world.site)
        fly(guidance.record, times[:powered], samples[:powered], grounds[:powered])
        begin = time.perf_counter()
        fly(guidance.record, times[powered:], samples[powered:], grounds[powered:])
        loops.append((time.perf_counter() - begin) / (times.size - powered))
    guidance = Guidance(GuidanceParameters(), world.vehicle, world.site)
    for navigation in navigations:
        begin = time.perf_counter()
        guidance.step(navigation)
        calls.append(time.perf_counter() - begin)
    calls = np.array(calls[powered:])
    median = 1e6 * statistics.median(loops)
    middle, high = 1e6 * np.median(calls), 1e6 * np.percentile(calls, 99)
    print(f'{times.size - powered} powered calls at 100 Hz, {repetitions} repetitions')
    report('guidance, one call, compiled', median, 'us')
    report('Guidance.step from Python', middle, 'us')
    print(f'Guidance.step: {middle:.1f} us median, {high:.1f} us 99th percentile, {1e6 * calls.max():.0f} us '
          'longest')


if __name__ == '__main__':
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)

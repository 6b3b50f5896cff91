"""How many whole landings one core flies in a second: every core in the loop, compiled.

    python src/lander_campaign/benchmarks/bench_flights.py [FLIGHTS]

Times are processor times of this process; a landing goes from the start of braking to rest on the ground.
"""

import statistics
import sys
import time
from pathlib import Path

from lander_campaign.flight import Flight, files
from lander_common.figures import report
from lander_guidance.report import Phase

ROOT = Path(__file__).resolve().parents[3]


def fly(seed: int) -> tuple[float, float, float, int]:
    """Return the processor times [s] of set-up, orbit and landing, and the cycles of the landing."""
    began = time.process_time()
    flight = Flight(files(ROOT / 'config', seed=seed))
    ready = time.process_time()
    while flight.cores.guidance.phase < Phase.BRAKING:
        flight.burst(100)
    braking, cycles = time.process_time(), flight.simulation.record[0]['cycle']
    flight.run()
    landed = time.process_time()
    cycles = int(flight.simulation.record[0]['cycle'] - cycles)
    return ready - began, braking - ready, landed - braking, cycles


def main(count: int) -> None:
    """Fly and report the medians."""
    fly(1)  # compiles
    set_up, orbit, landing, cycles = (statistics.median(column) for column in zip(
        *(fly(seed) for seed in range(2, 2 + count))))
    report('whole landings, braking to rest, one core', 1.0 / landing, '1/s')
    report('one cycle of all cores and the world', 1e6 * landing / cycles, 'us')
    report('set-up of a flight', 1e3 * set_up, 'ms')
    report('orbit to braking', 1e3 * orbit, 'ms')


if __name__ == '__main__':
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)

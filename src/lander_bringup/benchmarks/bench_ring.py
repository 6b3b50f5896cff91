"""How fast the ring turns: nominal flights with one process per node, composed, and without ROS.

Run: make bench, or python3 src/lander_bringup/benchmarks/bench_ring.py. Leaves the machine to the flight.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lander_campaign.flight import Flight, files

ROOT = Path(__file__).resolve().parents[3]


def fly(*options: str) -> tuple[dict, float]:
    """Fly with `frigoris land`; return its summary and the wall time [s]."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        subprocess.run(['frigoris', 'land', '--flights', folder, *options],
                       check=True, stdout=subprocess.DEVNULL)
        took = time.monotonic() - began
        return json.loads((Path(folder) / 'latest' / 'summary.json').read_text(encoding='utf-8')), took


def fly_cores() -> tuple[float, float, str]:
    """Fly the cores in this process; return real-time factor from braking on, wall time [s], state hash."""
    flight = Flight(files(ROOT / 'config'))
    began = time.monotonic()
    braking: list[tuple[float, float]] = []

    def watch(f: Flight) -> None:
        if not braking and f.cores.guidance.phase.name == 'BRAKING':
            braking.append((f.simulation.time, time.monotonic()))

    report = flight.run(watch)
    end = time.monotonic()
    return (flight.simulation.time - braking[0][0]) / (end - braking[0][1]), end - began, report.state_hash


def main() -> None:
    """Fly and print a table."""
    print(f'{"flight":34}{"x real time":>12}{"wall":>9}{"latency median":>16}{"p99":>9}  state hash')
    for name, options in (('one process per node, recorded', ()),
                          ('one process per node', ('--no-record',)),
                          ('composed, recorded', ('--compose',)),
                          ('composed', ('--compose', '--no-record'))):
        summary, took = fly(*options)
        latency = summary['latency_range_to_thruster_ms']
        print(f'{name:34}{summary["realtime_factor"]:12.1f}{took:7.0f} s{latency["median"]:13.2f} ms'
              f'{latency["p99"]:6.2f} ms  {summary["state_hash"][:12]}', flush=True)
    factor, took, state_hash = fly_cores()
    print(f'{"cores in one process, no ROS":34}{factor:12.1f}{took:7.0f} s{"":27}  {state_hash[:12]}')


if __name__ == '__main__':
    sys.exit(main())

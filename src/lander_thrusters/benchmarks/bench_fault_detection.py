"""Break every thruster in every way in a flight in progress; count the false alarms of nominal flights.

    python benchmarks/bench_fault_detection.py             # one flight, broken in every way at five places
    python benchmarks/bench_fault_detection.py nominal 10  # flights without a fault, seeds 1 to 10

At each station the flight is forked; the branch breaks one thruster and flies on.
"""

import os
import pickle
import sys
from pathlib import Path

import numpy as np

from lander_campaign.flight import Flight, files
from lander_sim import verdict
from lander_sim.faults import How, When, make_fault

_CONFIG = Path(__file__).parents[3] / 'config'
_STATIONS = {'deorbit': ('DEORBIT', 10.0), 'braking': ('BRAKING', 60.0), 'late braking': ('BRAKING', 400.0),
             'pitch-up': ('PITCH_UP', 3.0), 'terminal': ('TERMINAL', 10.0)}  # phase, seconds in it
_KINDS = {'stuck_off': 0.0, 'weak': 0.5, 'stuck_on': 0.0}
_LONGEST = 10.0  # [s] a branch flies on


class WatchedFlight(Flight):
    """A flight that remembers the faults that its allocator finds."""

    def __init__(self, seed: int):
        """Set up the nominal flight with this seed."""
        super().__init__(files(_CONFIG, seed=seed))
        self.alarms: dict[str, None] = {}

    def step(self) -> None:
        """Run the ring once; remember every fault that is found."""
        super().step()
        if self.cores.allocator.health()[1]:
            for fault in self.cores.allocator.status().faults:
                self.alarms.setdefault(fault)


def branch(flight: WatchedFlight, index: int, kind: str) -> tuple[float, float, tuple[str, ...]]:
    """Break a thruster and fly on; return time to detection, its on-time until then [s], what was found."""
    thrusters = tuple(t.name for t in flight.simulation.vehicle.thrusters)
    start, used = flight.frame.time, 0.0
    fault = make_fault(When(time_s=start), 'thruster/' + thrusters[index], How(kind, _KINDS[kind]), thrusters)
    flight.simulation.timeline.add(fault, start)
    known, taken = set(flight.alarms), np.nan
    while flight.simulation.time < start + _LONGEST and flight.simulation.verdict.result == verdict.FLYING:
        flight.step()
        if flight.command is not None and np.isnan(taken):
            used += min(flight.command.on_time[index], flight.frame.dt)
        if np.isnan(taken) and set(flight.alarms) - known:
            taken = flight.command.time - start
    return taken, used, tuple(a for a in flight.alarms if a not in known)


def forked(flight: WatchedFlight, index: int, kind: str) -> tuple[float, float, tuple[str, ...]]:
    """Run `branch` in a copy of this process."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, pickle.dumps(branch(flight, index, kind)))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, 'rb') as pipe:
        result = pickle.loads(pipe.read())
    os.waitpid(child, 0)
    return result


def every_fault(seed: int) -> None:
    """Print the detection times of every thruster and kind at every station of one flight."""
    flight = WatchedFlight(seed)
    names = [t.name for t in flight.simulation.vehicle.thrusters]
    entered: dict[str, float] = {}
    waiting = dict(_STATIONS)

    def watch(_: Flight) -> None:
        entered.setdefault(flight.simulation.phase, flight.simulation.time)
        for station, (phase, seconds) in list(waiting.items()):
            if phase in entered and flight.simulation.time >= entered[phase] + seconds:
                del waiting[station]
                print(f'{station}, {flight.simulation.time:.2f} s')
                for index, name in enumerate(names):
                    for kind in _KINDS:
                        taken, used, found = forked(flight, index, kind)
                        print(f'  {name:10s} {kind:10s} {taken:7.2f} s, asked on {used:6.3f} s  '
                              f'{"; ".join(found)}', flush=True)
    report = flight.run(watch)
    print('false alarms:', list(flight.alarms), report.reason)


def nominal(count: int) -> None:
    """Print the alarms of flights without a fault."""
    for seed in range(1, count + 1):
        flight = WatchedFlight(seed)
        report = flight.run()
        found = flight.cores.allocator.status().faults
        print(f'seed {seed}: {report.reason}, alarms: {list(found)}', flush=True)


if __name__ == '__main__':
    if sys.argv[1:2] == ['nominal']:
        nominal(int(sys.argv[2]))
    else:
        every_fault(1)

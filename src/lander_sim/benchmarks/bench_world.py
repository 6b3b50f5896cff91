"""Time the compiled world alone: truth, sensors and range finder under a canned command.

    python benchmarks/bench_world.py

The lander hovers 1 km up on pulsed assist engines; nobody steers, so it is put back every 10 s of flight.
"""

import time
from pathlib import Path

import numpy as np

from lander_common.compiled import compiled
from lander_common.figures import report
from lander_rangefinder.parameters import RangefinderParameters
from lander_rangefinder.step import poll
from lander_sim.parameters import SimulatorParameters
from lander_sim.set_up import set_up
from lander_sim.simulation import Simulation
from lander_sim.terrain.surface import Landscape
from lander_sim.world_step import Streams, step

_CONFIG = Path(__file__).parents[3] / 'config'
_CYCLES, _RUNS = 1000, 60


@compiled
def fly(worlds: np.ndarray, land: Landscape, streams: Streams, on_time: np.ndarray, throttle: np.ndarray,
        cycles: int) -> int:
    """Fly `cycles` cycles, the driver polled in each; return how many asked for Python."""
    world, asked = worlds[0], 0
    ground = Landscape(land.surface[0], land.raster)
    for _ in range(cycles):
        poll(world.rangefinder, world.time)
        if step(world, ground, streams, on_time, throttle) != 0:
            asked += 1
    return asked


def make(scenario: str = 'nominal') -> Simulation:
    """Return a simulation without a range-finder link."""
    return set_up(SimulatorParameters(
        vehicle_file=str(_CONFIG / 'vehicles/resilience.yaml'),
        site_file=str(_CONFIG / 'sites/mare_frigoris.yaml'),
        scenario_file=str(_CONFIG / f'scenarios/{scenario}.yaml'),
        sensors_file=str(_CONFIG / 'sensors/resilience.yaml')), direct=RangefinderParameters())


def main() -> None:
    """Print the time of a cycle."""
    simulation = make()
    vehicle, site, land = simulation.vehicle, simulation.site, simulation.terrain.land
    assist = list(vehicle.group('assist'))
    weight = 1.62 * (vehicle.mass.dry_kg + 200.0)  # [N]
    on_time, throttle = np.zeros(len(vehicle.thrusters)), np.ones(len(vehicle.thrusters))
    on_time[assist] = 0.01 * weight / sum(vehicle.thrusters[i].thrust_n for i in assist)
    start = site.origin + (site.ground_height_m + 1000.0) * site.rotation[:, 2]
    taken = []
    for _ in range(_RUNS + 1):
        simulation.dynamics.set_state(start, np.zeros(3), site.quaternion, np.zeros(3), 200.0)
        began = time.process_time()
        asked = fly(simulation.record, land, simulation.streams, on_time, throttle, _CYCLES)
        taken.append((time.process_time() - began) / _CYCLES)
        assert asked == 0
    taken = 1e6 * np.array(taken[1:])  # the first one compiles
    report('world alone, one cycle with all sensors', np.median(taken), 'us')
    counts = simulation.record[0]['rangefinder']['counts']
    print(f'range finder: {counts[1]} valid of {counts.sum()} shots')


if __name__ == '__main__':
    main()

"""Compiles the kernels of the nodes into Numba's cache, by flying one coarse landing in this process."""

import tempfile
from pathlib import Path

import numpy as np

from lander_campaign.flight import Flight, files
from lander_sim.rover_camera import render
from lander_sim.rover_model import RoverModel

_COARSE = 'name: warm_up\nlimits: {step_s: 0.05}\n'


def main(config: Path) -> None:
    """Fly with the folder `config`, drive the rover, take its picture; only the cache is kept."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder) / 'warm_up.yaml'
        scenario.write_text(_COARSE, encoding='utf-8')
        parameters = files(config, scenario=str(scenario.with_suffix('')))
        flight = Flight(parameters, linked=True)
    flight.run(lambda f: None)
    simulation = flight.simulation
    rover = RoverModel(simulation.terrain, simulation.site, seed=1)
    position = simulation.site.to_map(simulation.dynamics.position)
    rover.release(position, np.array([0.0, 0.0, 0.0, 1.0]))
    for _ in range(1000):
        rover.drive(0.05, 0.0)
        rover.step(0.1)
    render(simulation.terrain, simulation.site, rover.pose().position_map, rover.pose().heading)

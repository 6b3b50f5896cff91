"""From the files that describe a flight to a simulation that is ready to fly."""

import dataclasses
from pathlib import Path

import numpy as np

from lander_common.parameters import ParameterError
from lander_common.site import Site, load_site
from lander_common.transport import Listener, TransportError, listen_transport
from lander_common.vehicle import load_vehicle
from lander_rangefinder.parameters import RangefinderParameters
from lander_sim.devices.parameters import EmulatorParameters
from lander_sim.parameters import SimulatorParameters
from lander_sim.scenario import Scenario, load_scenario
from lander_sim.sensor_file import load_sensors
from lander_sim.simulation import Simulation
from lander_sim.terrain import TerrainDescription, load_terrain

_MAP_ERROR = (8,)
"""Which child of the seed draws it; those of `Simulation` are before."""


def set_up(parameters: SimulatorParameters, direct: RangefinderParameters | None = None) -> Simulation:
    """Read every file of the flight and make its simulation.

    `direct`: there is no range-finder link; the driver, with these parameters, is `Simulation.rangefinder`.

    Raises:
        FileError, ParameterError, TerrainError: name the file, the field and what is allowed.
    """
    p = parameters
    for name in ('vehicle_file', 'site_file', 'scenario_file', 'sensors_file'):
        if not getattr(p, name):
            raise ParameterError(name, '', 'the path of such a file; it is required')
    if direct is None and p.rate == 0.0 and p.rangefinder_link.startswith(('pty:', 'udp:')):
        raise ParameterError('rate', p.rate, f'above 0, as the range finder on {p.rangefinder_link} does not '
                             'wait for the simulator; 1 is real time')
    vehicle, site = load_vehicle(p.vehicle_file), load_site(p.site_file)
    scenario = load_scenario(p.scenario_file, vehicle)
    limits = scenario.limits
    if p.fine_time or p.real_rates:
        limits = dataclasses.replace(limits, high_step_s=limits.step_s)
    if p.fine_time:
        limits = dataclasses.replace(limits, coast_step_s=limits.step_s)
    scenario = dataclasses.replace(scenario, limits=limits)
    sensors = load_sensors(p.sensors_file, scenario.sensors, p.scenario_file)
    if p.rangefinder_device not in ('', sensors.rangefinder_device.device):  # the file's times are not its
        sensors = dataclasses.replace(sensors, rangefinder_device=EmulatorParameters(p.rangefinder_device))
    folders = [Path(p.terrain_dir)] if p.terrain_dir else [Path(p.scenario_file).parent]
    terrain = load_terrain(true_ground(scenario, site, p.seed), site, p.seed, folders)
    link = _listen(p.rangefinder_link) if direct is None else None
    return Simulation(vehicle, site, scenario, sensors, terrain, link, p.seed,
                      direct or RangefinderParameters())


def true_ground(scenario: Scenario, site: Site, seed: int) -> TerrainDescription:
    """Return the ground of one flight: the map of the site is off by what the site file says of it.

    A file of elevations is map and ground in one.
    """
    if scenario.terrain.kind != 'synthetic':
        return scenario.terrain
    stream = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=_MAP_ERROR))
    error = scenario.uncertainty.map_error * site.ground_height_sigma_m * stream.standard_normal()
    offset = scenario.terrain.height_offset_m + float(error)
    return dataclasses.replace(scenario.terrain, height_offset_m=min(max(offset, -5e3), 5e3))


def _listen(url: str) -> Listener:
    try:
        return listen_transport(url)
    except TransportError as error:
        raise ParameterError('rangefinder_link', url, f'a link to listen on ({error})') from error

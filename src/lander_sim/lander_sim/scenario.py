"""Scenario files: where the flight starts, how it differs from the plan, and what breaks."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lander_common.parameters import ParameterError, Parameters, parameter
from lander_common.vehicle import Vehicle
from lander_common.yaml_file import read, section
from lander_sim.faults import Fault, read_fault
from lander_sim.terrain import TerrainDescription


@dataclass(frozen=True)
class Start(Parameters):
    """A circular orbit whose ground track crosses the site, and the time to act before it."""

    altitude_m: float = parameter(
        100e3, unit='m', minimum=5e3, maximum=1e6, doc='Of the circular orbit, above the sphere')
    angle_before_site_deg: float = parameter(
        205.0, unit='deg', minimum=1, maximum=350, doc='Along the orbit, from the start to the site')
    arrival_time_s: float = parameter(
        4250.0, unit='s', minimum=1, maximum=2e4,
        doc='When the track crosses the site: the Moon turns below the orbit until then')
    cross_track_m: float = parameter(
        0.0, unit='m', minimum=-5e4, maximum=5e4, doc='Site left of the track')


@dataclass(frozen=True)
class Uncertainty(Parameters):
    """One-sigma differences between truth and what the flight software is told."""

    position_m: float = parameter(30.0, unit='m', minimum=0, maximum=1e4, doc='Orbit, each axis')
    velocity_m_s: float = parameter(0.01, unit='m/s', minimum=0, maximum=100, doc='Orbit, each axis')
    attitude_deg: float = parameter(0.02, unit='deg', minimum=0, maximum=30, doc='Each axis')
    propellant_kg: float = parameter(2.0, unit='kg', minimum=0, maximum=100, doc='Loaded propellant')
    thrust_fraction: float = parameter(0.01, minimum=0, maximum=0.2, doc='Each thruster')
    isp_fraction: float = parameter(0.003, minimum=0, maximum=0.2, doc='Each thruster')
    misalignment_deg: float = parameter(0.1, unit='deg', minimum=0, maximum=5, doc='Each thruster')
    centre_of_mass_m: float = parameter(0.003, unit='m', minimum=0, maximum=0.5, doc='Each axis')
    map_error: float = parameter(
        1.0, minimum=0, maximum=10, doc='Of the site, in its ground_height_sigma_m; synthetic ground')


@dataclass(frozen=True)
class Limits(Parameters):
    """When the simulation gives up, and how long its steps are."""

    time_s: float = parameter(8000.0, unit='s', minimum=1, maximum=1e6, doc='Flight time')
    step_s: float = parameter(0.02, unit='s', minimum=1e-3, maximum=0.1, doc='Cycle in powered flight')
    high_step_s: float = parameter(
        0.1, unit='s', minimum=1e-3, maximum=0.1, doc='The same 3 km or more above the landing site')
    coast_step_s: float = parameter(
        1.0, unit='s', minimum=1e-3, maximum=2.0, doc='Cycle without engines, high above ground')

    @property
    def longest_powered_s(self) -> float:
        """Longest cycle in powered flight [s]: high up it is never shorter than near the ground."""
        return max(self.step_s, self.high_step_s)


@dataclass(frozen=True)
class Scenario:
    """One flight as it is to happen; immutable."""

    name: str
    description: str
    start: Start
    uncertainty: Uncertainty
    limits: Limits
    terrain: TerrainDescription
    sensors: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def load_scenario(path: str | Path, vehicle: Vehicle) -> Scenario:
    """Read a scenario file.

    Raises:
        FileError: the file is missing or not YAML.
        ParameterError: names the file, the field, its value and what is allowed.
    """
    content = read(path)
    parts = {'start': Start, 'uncertainty': Uncertainty, 'limits': Limits, 'terrain': TerrainDescription}
    known = (*parts, 'name', 'description', 'sensors', 'faults')
    for name, value in content.items():
        if name not in known:
            raise ParameterError(name, value, 'one of ' + ', '.join(known), str(path))
    faults, sensors = content.get('faults', []), content.get('sensors', {})
    if not isinstance(faults, list):
        raise ParameterError('faults', faults, 'a list of faults', str(path))
    if not isinstance(sensors, dict):
        raise ParameterError('sensors', sensors, 'a mapping of sensor names to parameters', str(path))
    thrusters = tuple(t.name for t in vehicle.thrusters)
    return Scenario(
        name=str(content.get('name', Path(path).stem)), description=str(content.get('description', '')),
        sensors=sensors,
        faults=tuple(read_fault(path, f, f'faults[{i}]', thrusters) for i, f in enumerate(faults)),
        **{key: section(path, cls, content.get(key, {}), f'{key}.') for key, cls in parts.items()})

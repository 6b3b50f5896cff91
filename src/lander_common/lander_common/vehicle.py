"""The vehicle as flight software and simulator know it, read from config/vehicles/NAME.yaml.

All positions are in base_link: x forward, y left, z up, main thrust along +z.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lander_common.parameters import ParameterError, Parameters, parameter
from lander_common.yaml_file import read, section

GROUPS = ('main', 'assist', 'rcs')
MOST = 32
"""Thrusters of a vehicle at most."""


@dataclass(frozen=True)
class MassModel(Parameters):
    """A rigid dry body and propellant that keeps its shape while it shrinks."""

    dry_kg: float = parameter(340.0, unit='kg', minimum=1, maximum=1e5, doc='Without propellant')
    propellant_kg: float = parameter(420.0, unit='kg', minimum=0, maximum=1e5, doc='At flight start')
    dry_centre_m: list[float] = parameter([0.0, 0.0, 0.15], length=3, unit='m', doc='Centre of dry mass')
    propellant_centre_m: list[float] = parameter(
        [0.0, 0.0, -0.1], length=3, unit='m', doc='Centre of propellant')
    dry_inertia_kg_m2: list[float] = parameter(
        [200.0, 200.0, 230.0], length=3, unit='kg m^2', minimum=1e-3,
        doc='About the dry centre, along x, y, z')
    propellant_gyration_m2: list[float] = parameter(
        [0.2, 0.2, 0.2], length=3, unit='m^2', minimum=0.0,
        doc='Inertia of propellant per mass, along x, y, z')


@dataclass(frozen=True)
class Thruster(Parameters):
    """One engine with its valve."""

    name: str = parameter('main', doc='Unique name')
    group: str = parameter('main', choices=GROUPS, doc='What it is for')
    position_m: list[float] = parameter([0.0, 0.0, 0.0], length=3, unit='m', doc='Nozzle')
    direction: list[float] = parameter([0.0, 0.0, 1.0], length=3, doc='Of the force on the vehicle')
    thrust_n: float = parameter(400.0, unit='N', minimum=1e-3, maximum=1e6, doc='Steady, in vacuum')
    isp_s: float = parameter(300.0, unit='s', minimum=10, maximum=1000, doc='Specific impulse')
    rise_time_s: float = parameter(0.02, unit='s', minimum=0, maximum=5, doc='Time constant of opening')
    fall_time_s: float = parameter(0.02, unit='s', minimum=0, maximum=5, doc='Time constant of closing')
    min_on_time_s: float = parameter(0.02, unit='s', minimum=0, maximum=10, doc='Shortest valve opening')
    throttle_min: float = parameter(
        1.0, minimum=0.01, maximum=1.0, doc='Least share of full thrust while open; 1: on or off only')
    throttle_rate_s: float = parameter(
        0.0, unit='1/s', minimum=0, maximum=1e3, doc='Change of that share per second; 0: at once')

    def __post_init__(self) -> None:
        """Check also that the force has a direction."""
        super().__post_init__()
        _check_direction(self.direction)

    @property
    def throttled(self) -> bool:
        """Whether its thrust can be set while it burns."""
        return self.throttle_min < 1.0

    @property
    def axis(self) -> np.ndarray:
        """Unit vector of the force on the vehicle, shape (3,)."""
        return _unit(self.direction)


@dataclass(frozen=True)
class Legs(Parameters):
    """Feet on a circle; each leg a spring and damper along the ground normal, with dry friction."""

    count: int = parameter(4, minimum=3, maximum=8, doc='Number of feet')
    radius_m: float = parameter(1.3, unit='m', minimum=0.1, maximum=20, doc='Of the circle of feet')
    foot_z_m: float = parameter(-1.0, unit='m', maximum=0, minimum=-20, doc='Foot pads below base_link')
    first_angle_deg: float = parameter(45.0, unit='deg', minimum=0, maximum=360, doc='Of foot 0 from +x')
    stiffness_n_m: float = parameter(36e3, unit='N/m', minimum=1, maximum=1e9, doc='Each leg')
    damping_n_s_m: float = parameter(2.5e3, unit='N s/m', minimum=0, maximum=1e9, doc='Each leg')
    friction: float = parameter(0.6, minimum=0, maximum=5, doc='Coefficient, foot on regolith')
    break_vertical_m_s: float = parameter(
        4.0, unit='m/s', minimum=0, maximum=100, doc='A faster first contact breaks the lander')
    break_horizontal_m_s: float = parameter(
        3.0, unit='m/s', minimum=0, maximum=100, doc='A faster first contact breaks the lander')

    @property
    def feet(self) -> np.ndarray:
        """Foot pads in base_link [m], shape (count, 3)."""
        angle = math.radians(self.first_angle_deg) + 2.0 * math.pi * np.arange(self.count) / self.count
        z = np.full(self.count, self.foot_z_m)
        return np.column_stack([self.radius_m * np.cos(angle), self.radius_m * np.sin(angle), z])


@dataclass(frozen=True)
class RangefinderMount(Parameters):
    """Where the range finder sits and looks."""

    position_m: list[float] = parameter([0.4, 0.0, -0.8], length=3, unit='m', doc='Of the aperture')
    direction: list[float] = parameter([0.0, 0.0, -1.0], length=3, doc='Of the beam')

    def __post_init__(self) -> None:
        """Check also that the beam has a direction."""
        super().__post_init__()
        _check_direction(self.direction)

    @property
    def axis(self) -> np.ndarray:
        """Unit vector of the beam, shape (3,)."""
        return _unit(self.direction)


@dataclass(frozen=True)
class TouchdownLimits(Parameters):
    """What counts as a good landing."""

    vertical_speed_m_s: float = parameter(2.0, unit='m/s', minimum=0, maximum=20, doc='At most')
    horizontal_speed_m_s: float = parameter(0.5, unit='m/s', minimum=0, maximum=20, doc='At most')
    tilt_deg: float = parameter(5.0, unit='deg', minimum=0, maximum=90, doc='At most, at the first contact')
    rate_deg_s: float = parameter(5.0, unit='deg/s', minimum=0, maximum=90, doc='At most')
    distance_from_target_m: float = parameter(500.0, unit='m', minimum=0, maximum=1e6, doc='At most')


@dataclass(frozen=True)
class Vehicle:
    """A whole vehicle; immutable."""

    name: str
    mass: MassModel
    thrusters: tuple[Thruster, ...]
    legs: Legs
    rangefinder: RangefinderMount
    limits: TouchdownLimits

    def group(self, *names: str) -> tuple[int, ...]:
        """Return the indices of the thrusters of these groups."""
        return tuple(i for i, t in enumerate(self.thrusters) if t.group in names)

    def centre_of_mass(self, propellant: float) -> np.ndarray:
        """Return the centre of mass [m] in base_link with `propellant` kg left, shape (3,)."""
        m = self.mass
        total = m.dry_kg + propellant
        return (m.dry_kg * np.array(m.dry_centre_m) + propellant * np.array(m.propellant_centre_m)) / total

    def inertia(self, propellant: float) -> np.ndarray:
        """Return the inertia [kg m^2] about the centre of mass, base_link axes, shape (3, 3)."""
        m = self.mass
        centre = self.centre_of_mass(propellant)
        return (np.diag(m.dry_inertia_kg_m2) + _steiner(m.dry_kg, np.array(m.dry_centre_m) - centre)
                + propellant * np.diag(m.propellant_gyration_m2)
                + _steiner(propellant, np.array(m.propellant_centre_m) - centre))

    def wrench_matrix(self, propellant: float) -> np.ndarray:
        """Return force and torque about the centre of mass per thruster at full thrust, (6, n).

        Rows: force x, y, z [N], torque x, y, z [N m]; columns in the order of `thrusters`.
        """
        centre = self.centre_of_mass(propellant)
        forces = np.array([t.thrust_n * t.axis for t in self.thrusters])
        arms = np.array([t.position_m for t in self.thrusters]) - centre
        return np.vstack([forces.T, np.cross(arms, forces).T])


def load_vehicle(path: str | Path) -> Vehicle:
    """Read a vehicle file.

    Raises:
        FileError: the file is missing or not YAML.
        ParameterError: names the file, the field, its value and what is allowed.
    """
    content = read(path)
    parts: dict[str, Any] = {'mass': MassModel, 'legs': Legs, 'rangefinder': RangefinderMount,
                             'limits': TouchdownLimits}
    for name, value in content.items():
        if name not in {*parts, 'name', 'thrusters'}:
            known = 'no section of that name; there are name, thrusters, ' + ', '.join(parts)
            raise ParameterError(name, value, known, str(path))
    thrusters = content.get('thrusters')
    if not isinstance(thrusters, list) or not 1 <= len(thrusters) <= MOST:
        raise ParameterError('thrusters', thrusters, f'a list of 1 to {MOST} thrusters', str(path))
    engines = tuple(section(path, Thruster, t, f'thrusters[{i}].') for i, t in enumerate(thrusters))
    names = [t.name for t in engines]
    for i, name in enumerate(names):
        if name in names[:i]:
            raise ParameterError(f'thrusters[{i}].name', name, 'a name that no other has', str(path))
    return Vehicle(
        name=str(content.get('name', Path(path).stem)), thrusters=engines,
        **{key: section(path, cls, content.get(key, {}), f'{key}.') for key, cls in parts.items()})


def _check_direction(direction: list[float]) -> None:
    if not any(direction):
        raise ParameterError('direction', direction, 'a list of 3 numbers that are not all zero')


def _unit(direction: list[float]) -> np.ndarray:
    d = np.array(direction)
    return d / math.sqrt(d @ d)


def _steiner(mass: float, offset: np.ndarray) -> np.ndarray:
    return mass * ((offset @ offset) * np.eye(3) - np.outer(offset, offset))

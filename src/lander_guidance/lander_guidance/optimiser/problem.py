"""What is asked of the optimiser: where the lander is, what it can do, where it has to go."""

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from lander_common import constants
from lander_common.parameters import ParameterError, Parameters, parameter


@dataclass(frozen=True)
class DescentProblem(Parameters):
    """A powered descent of a point mass, in the frame `map` (z up at its origin, right-handed, Moon-fixed).

    Vectors may be lists or arrays of shape (3,). Thrust points anywhere; a canted engine enters with the
    thrust along the sum of its nozzles and with the exhaust velocity lowered by the cosine.

    Raises:
        ParameterError: names the field, its value and what is allowed.
    """

    position_m: list[float] = parameter([0.0, 0.0, 0.0], unit='m', length=3, doc='Start')
    velocity_m_s: list[float] = parameter([0.0, 0.0, 0.0], unit='m/s', length=3, doc='Velocity at the start')
    mass_kg: float = parameter(1.0, unit='kg', minimum=1e-3, maximum=1e6, doc='Mass at the start')
    dry_mass_kg: float = parameter(0.5, unit='kg', minimum=1e-3, maximum=1e6, doc='Mass without propellant')
    thrust_min_n: float = parameter(0.0, unit='N', minimum=0.0, maximum=1e8, doc='Lowest thrust; never off')
    thrust_max_n: float = parameter(10.0, unit='N', minimum=1e-3, maximum=1e8, doc='Highest thrust')
    exhaust_velocity_m_s: float = parameter(3000.0, unit='m/s', minimum=100.0, maximum=1e5,
                                            doc='Thrust over propellant flow')
    target_position_m: list[float] = parameter([0.0, 0.0, 0.0], unit='m', length=3, doc='Landing point')
    target_velocity_m_s: list[float] = parameter([0.0, 0.0, 0.0], unit='m/s', length=3, doc='Velocity there')
    gravity_m_s2: float = parameter(1.622, unit='m/s^2', minimum=0.0, maximum=30.0, doc='At map height 0')
    radius_m: float = parameter(0.0, unit='m', minimum=0.0, maximum=1e9,
                                doc='Of the sphere at map height 0; 0: flat, gravity the same everywhere')
    spin_rad_s: list[float] = parameter([0.0, 0.0, 0.0], unit='rad/s', length=3, doc='Rotation of map')
    ground: bool = parameter(True, doc='Whether heights below the target are forbidden')
    clearance_m: float = parameter(0.0, unit='m', minimum=0.0, maximum=1e4,
                                   doc='Kept above the ground; shrinks with the square of the time to go '
                                       'in the last clearance_time_s')
    clearance_time_s: float = parameter(20.0, unit='s', minimum=0.1, maximum=1e4, doc='See clearance_m')
    glide_angle_deg: float = parameter(0.0, unit='deg', minimum=0.0, maximum=85.0,
                                       doc='Elevation above which the landing point sees the lander')
    tilt_limit_deg: float = parameter(180.0, unit='deg', minimum=0.0, maximum=180.0,
                                      doc='Largest angle of the thrust from the vertical; 180: any')
    tilt_time_s: float = parameter(1e4, unit='s', minimum=0.0, maximum=1e4,
                                   doc='The tilt limit holds so long before the end')
    thrust_axis: list[float] = parameter([0.0, 0.0, 0.0], unit='-', length=3,
                                         doc='Where the thrust points at the start; zero: anywhere')
    slew_deg_s: float = parameter(0.0, unit='deg/s', minimum=0.0, maximum=180.0,
                                  doc='Fastest turn, from thrust_axis and into the tilt limit; 0: any')
    speed_limit_m_s: float = parameter(0.0, unit='m/s', minimum=0.0, maximum=1e5, doc='Highest speed; 0: any')

    def __post_init__(self) -> None:
        """Take NumPy's numbers and arrays too; check each field, and fields against each other."""
        for field in fields(self):
            object.__setattr__(self, field.name, _plain(getattr(self, field.name)))
        super().__post_init__()
        self._check('dry_mass_kg', self.dry_mass_kg < self.mass_kg, f'below mass_kg, {self.mass_kg:g} kg')
        self._check('thrust_min_n', self.thrust_min_n < self.thrust_max_n,
                    f'below thrust_max_n, {self.thrust_max_n:g} N')
        self._check('gravity_m_s2', not self.curved or self.gravity_m_s2 > 0.0, 'above 0 on a sphere')
        self._check('spin_rad_s', self.curved or not any(self.spin_rad_s), 'zero on flat ground')

    @property
    def curved(self) -> bool:
        """Whether the ground is a sphere."""
        return self.radius_m > 0.0

    @property
    def glide_slope(self) -> float:
        """Tangent of the glide angle."""
        return math.tan(math.radians(self.glide_angle_deg))

    def _check(self, name: str, good: bool, allowed: str) -> None:
        if not good:
            raise ParameterError(name, getattr(self, name), allowed)


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def on_the_moon(latitude_rad: float, height_m: float = 0.0) -> dict[str, float | list[float]]:
    """Return `gravity_m_s2`, `radius_m` and `spin_rad_s` of a DescentProblem on the round, rotating Moon.

    The frame is `map`: x east, y north, z up at the target, `height_m` above the reference sphere.
    """
    radius = constants.MOON_RADIUS + height_m
    spin = constants.MOON_RATE
    return {'gravity_m_s2': constants.MOON_GM / radius**2, 'radius_m': radius,
            'spin_rad_s': [0.0, spin * math.cos(latitude_rad), spin * math.sin(latitude_rad)]}

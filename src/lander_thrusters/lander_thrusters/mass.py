"""The mass properties of the vehicle in kernels: no memory is allocated."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.vectors import Symmetric, Vector

MOST = 32  # thrusters, as a vehicle file allows


@compiled
def centre_of_mass(mass: np.ndarray, propellant: float) -> Vector:
    """Return the centre of mass [m] in base_link with `propellant` kg left.

    `mass` (13,): dry mass, dry centre, propellant centre, dry inertia, gyration, see vehicle.MassModel.
    """
    share = propellant / (mass[0] + propellant)
    return (mass[1] + share * (mass[4] - mass[1]), mass[2] + share * (mass[5] - mass[2]),
            mass[3] + share * (mass[6] - mass[3]))


@compiled
def inertia(mass: np.ndarray, propellant: float) -> Symmetric:
    """Return the inertia [kg m^2] about the centre of mass, base_link axes."""
    x, y, z = mass[4] - mass[1], mass[5] - mass[2], mass[6] - mass[3]
    k = mass[0] * propellant / (mass[0] + propellant)  # both Steiner terms in one: the reduced mass
    return (mass[7] + propellant * mass[10] + k * (y * y + z * z),
            mass[8] + propellant * mass[11] + k * (x * x + z * z),
            mass[9] + propellant * mass[12] + k * (x * x + y * y), -k * x * y, -k * x * z, -k * y * z)

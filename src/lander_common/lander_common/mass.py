"""The mass properties of a vehicle in kernels: a table, and what follows from the propellant left."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.vectors import Symmetric, Vector
from lander_common.vehicle import MassModel

MASS_SIZE = 13
DRY = 0  # place of the dry mass [kg] in a table


def mass_table(mass: MassModel) -> np.ndarray:
    """Return dry mass, dry centre, propellant centre, dry inertia and gyration of MassModel, (MASS_SIZE,)."""
    return np.array([mass.dry_kg, *mass.dry_centre_m, *mass.propellant_centre_m,
                     *mass.dry_inertia_kg_m2, *mass.propellant_gyration_m2])


@compiled
def centre_of_mass(table: np.ndarray, propellant: float) -> Vector:
    """Return the centre of mass [m] in base_link with `propellant` kg left."""
    share = propellant / (table[0] + propellant)
    return (table[1] + share * (table[4] - table[1]), table[2] + share * (table[5] - table[2]),
            table[3] + share * (table[6] - table[3]))


@compiled
def inertia(table: np.ndarray, propellant: float) -> Symmetric:
    """Return the inertia [kg m^2] about the centre of mass, base_link axes."""
    x, y, z = table[4] - table[1], table[5] - table[2], table[6] - table[3]
    k = table[0] * propellant / (table[0] + propellant)  # both Steiner terms in one: the reduced mass
    return (table[7] + propellant * table[10] + k * (y * y + z * z),
            table[8] + propellant * table[11] + k * (x * x + z * z),
            table[9] + propellant * table[12] + k * (x * x + y * y), -k * x * y, -k * x * z, -k * y * z)

"""Small vectors as tuples, and the mass properties of the vehicle in kernels: no memory is allocated."""

import numpy as np

from lander_common.compiled import compiled

MOST = 32  # thrusters, as a vehicle file allows

Vector = tuple[float, float, float]
Symmetric = tuple[float, float, float, float, float, float]  # xx, yy, zz, xy, xz, yz


@compiled
def cross(a: Vector, b: Vector) -> Vector:
    """Return the vector product."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


@compiled
def multiply(m: Symmetric, v: Vector) -> Vector:
    """Return m v."""
    return (m[0] * v[0] + m[3] * v[1] + m[4] * v[2], m[3] * v[0] + m[1] * v[1] + m[5] * v[2],
            m[4] * v[0] + m[5] * v[1] + m[2] * v[2])


@compiled
def invert(m: Symmetric) -> Symmetric:
    """Return the inverse."""
    a, b, c = m[1] * m[2] - m[5] * m[5], m[4] * m[5] - m[3] * m[2], m[3] * m[5] - m[4] * m[1]
    k = 1.0 / (m[0] * a + m[3] * b + m[4] * c)
    return (k * a, k * (m[0] * m[2] - m[4] * m[4]), k * (m[0] * m[1] - m[3] * m[3]), k * b, k * c,
            k * (m[3] * m[4] - m[0] * m[5]))


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

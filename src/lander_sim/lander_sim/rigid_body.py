"""Motion of the vehicle as a rigid body that loses mass, in the rotating frame `moon`.

The state is that of base_link, not of the centre of mass: propellant leaves without speed relative to the
body (until the nozzle, whose reaction is the thrust), so no body-fixed point jumps when the centre of mass
moves. For the same reason there is no term of the changing inertia. Left out: jet damping, gravity
gradient torque, sloshing.
"""

from typing import NamedTuple

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RATE
from lander_common.gravity import fictitious, gravity
from lander_common.mass import centre_of_mass, inertia
from lander_common.quaternions import matrix, normalise
from lander_common.vectors import (
    Symmetric,
    Vector,
    add,
    cross,
    invert,
    scale,
    subtract,
    transform,
    turn,
    turn_back,
)
from lander_sim.contact import reaction

POSITION, VELOCITY, ATTITUDE, RATE = slice(0, 3), slice(3, 6), slice(6, 10), slice(10, 13)
"""Parts of the state vector: base_link in `moon`, q_moon_body, body rate relative to inertial space."""
INTEGRALS = slice(13, 19)
"""Behind the state: time integrals of body rate and of specific force at base_link, for the IMU."""
SIZE, BEHIND = 13, 19  # lengths of the state without and with them


class MassProperties(NamedTuple):
    """How the mass is spread; propellant changes it so slowly that it is computed once in a cycle."""

    centre: Vector  # [m] base_link
    inertia: Symmetric  # [kg m^2] about the centre of mass, base_link axes
    inverse: Symmetric


class Body(NamedTuple):
    """Mass properties and thrust, constant over one integration step."""

    inverse_mass: float  # [1/kg]
    centre: Vector  # [m] base_link
    inertia: Symmetric  # [kg m^2] about the centre of mass, base_link axes
    inverse: Symmetric
    force: Vector  # [N] base_link
    torque: Vector  # [N m] about the centre of mass


@compiled
def mass_properties(table: np.ndarray, propellant: float) -> MassProperties:
    """Return what lander_common.vehicle.Vehicle has with `propellant` [kg] left."""
    own = inertia(table, propellant)
    return MassProperties(centre_of_mass(table, propellant), own, invert(own))


@compiled
def body(mass: float, spread: MassProperties, force: Vector, torque: Vector) -> Body:
    """Return a body of `mass` [kg] under a force [N] and a torque [N m] about base_link."""
    return Body(1.0 / mass, spread.centre, spread.inertia, spread.inverse, force,
                subtract(torque, cross(spread.centre, force)))


@compiled
def angular_acceleration(b: Body, torque: Vector, w: Vector) -> Vector:
    """Return it under `torque` [N m] about the centre of mass, at the rate w [rad/s]."""
    return transform(b.inverse, subtract(torque, cross(w, transform(b.inertia, w))))


@compiled
def specific_force(b: Body, force: Vector, alpha: Vector, w: Vector) -> Vector:
    """Return what an accelerometer at base_link feels [m/s^2], but for the gradient of gravity."""
    lever = add(cross(alpha, b.centre), cross(w, cross(w, b.centre)))
    return subtract(scale(b.inverse_mass, force), lever)


@compiled
def derivative(y: np.ndarray, b: Body, contacts: np.void, dy: np.ndarray) -> None:
    """Write the time derivative of state and integrals, (19,), to `dy`; the ground may push."""
    r = matrix(y[6:10])
    p, v, w = y[0:3], y[3:6], y[10:13]
    w_moon = subtract(w, scale(MOON_RATE, r[2]))
    push, twist = reaction(y, contacts)
    force = add(b.force, push)
    torque = add(b.torque, subtract(twist, cross(b.centre, push)))
    alpha = angular_acceleration(b, torque, w)
    proper = specific_force(b, force, alpha, w)
    pull = gravity(add(p, turn(r, b.centre)))
    acceleration = add(add(turn(r, proper), pull), fictitious(p, v))
    felt = add(proper, turn_back(r, subtract(pull, gravity(p))))
    x, z, s, c = y[6], y[8], y[7], y[9]
    dy[6] = 0.5 * (c * w_moon[0] + s * w_moon[2] - z * w_moon[1])
    dy[7] = 0.5 * (c * w_moon[1] + z * w_moon[0] - x * w_moon[2])
    dy[8] = 0.5 * (c * w_moon[2] + x * w_moon[1] - s * w_moon[0])
    dy[9] = -0.5 * (x * w_moon[0] + s * w_moon[1] + z * w_moon[2])
    for i in range(3):
        dy[i] = v[i]
        dy[3 + i] = acceleration[i]
        dy[10 + i] = alpha[i]
        dy[13 + i] = w[i]
        dy[16 + i] = felt[i]


@compiled
def advance(truth: np.void, h: float, b: Body) -> None:
    """Integrate `truth.y` over h [s] near the ground: Runge-Kutta of fourth order."""
    y, stage, slope, total = truth.y, truth.stage, truth.slope, truth.total
    for i in range(SIZE):
        stage[i] = y[i]
    for i in range(BEHIND):
        total[i] = 0.0
    for k in range(4):
        derivative(stage, b, truth.contacts, slope)
        weight = 1.0 / 6.0 if k in (0, 3) else 1.0 / 3.0
        ahead = 0.5 * h if k < 2 else h
        for i in range(BEHIND):
            total[i] += weight * slope[i]
        for i in range(SIZE):
            stage[i] = y[i] + ahead * slope[i]
    for i in range(BEHIND):
        y[i] += h * total[i]
    y[6], y[7], y[8], y[9] = normalise(y[6:10])

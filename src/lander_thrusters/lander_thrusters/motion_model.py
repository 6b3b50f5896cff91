"""What full thrust of each thruster does to the motion that the IMU sees, and how well that is known.

Rows of six are specific force x, y, z [m/s^2] and angular acceleration x, y, z [rad/s^2], base_link.
"""

import numpy as np

from lander_common.compiled import compiled
from lander_common.mass import centre_of_mass, inertia
from lander_common.vectors import Vector, cross, invert, transform
from lander_thrusters.effectiveness import UPDATE_PROPELLANT

_OUTSIDE_TORQUE = 1e-5  # [rad/s^2] of gravity gradient and the like
_AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@compiled
def follow(al: np.void) -> None:
    """Keep the model up to date with the propellant left; small changes change nothing."""
    if abs(al.detector.computed_at - al.propellant) > UPDATE_PROPELLANT:
        _update(al)


@compiled
def _motion(d, mass, force: Vector, torque: Vector):
    """Turn a force [N] and a torque about the centre of mass [N m] into motion, six numbers."""
    turn = transform(d.inverse, torque)
    swing = cross(turn, d.centre)
    return (force[0] / mass - swing[0], force[1] / mass - swing[1], force[2] / mass - swing[2],
            turn[0], turn[1], turn[2])


@compiled
def _update(al):
    """Compute `columns`, of each thruster; `prior`: variances of what the engines of a group do beyond that.

    Priors are those of main engines, of assist engines, and of a bias.
    """
    d = al.detector
    d.computed_at = al.propellant
    mass = al.mass[0] + al.propellant
    own = inertia(al.mass, al.propellant)
    inverse, centre = invert(own), centre_of_mass(al.mass, al.propellant)
    for k in range(6):
        d.inertia[k], d.inverse[k] = own[k], inverse[k]
    for k in range(3):
        d.centre[k] = centre[k]
        d.prior[k, 2], d.prior[3 + k, 2] = d.bias**2, _OUTSIDE_TORQUE**2
    for group in range(2):
        _spread(al, mass, group)
    for i in range(al.count):
        force, arm = _force_and_arm(al, i)
        motion = _motion(d, mass, force, cross(arm, force))
        for k in range(6):
            d.columns[k, i] = motion[k]


@compiled
def _force_and_arm(al, i):
    f, p, c = al.force[i], al.position[i], al.detector.centre
    return (f[0], f[1], f[2]), (p[0] - c[0], p[1] - c[1], p[2] - c[2])


@compiled
def _spread(al, mass, group):
    """Write the prior of a group: thrust of all and of each, centre of mass, alignment of each."""
    d = al.detector
    prior = d.prior[:, group]
    total_x = total_y = total_z = 0.0
    for k in range(6):
        prior[k] = 0.0
    for k in range(6):
        together = alone = 0.0
        for i in range(al.count):
            if al.group[i] == group:
                force, arm = _force_and_arm(al, i)
                value = _motion(d, mass, force, cross(arm, force))[k]
                together, alone = together + value, alone + value * value
        prior[k] += d.thrust_spread**2 * (together**2 + alone)
    for i in range(al.count):
        if al.group[i] == group:
            force, arm = _force_and_arm(al, i)
            total_x, total_y, total_z = total_x + force[0], total_y + force[1], total_z + force[2]
            for axis in _AXES:
                aside = cross(axis, force)
                turned = _motion(d, mass, aside, cross(arm, aside))
                for k in range(6):
                    prior[k] += (d.misalignment * turned[k]) ** 2
    for axis in _AXES:
        shift = cross(axis, (total_x, total_y, total_z))  # the centre of mass is elsewhere
        moved = _motion(d, mass, (0.0, 0.0, 0.0), shift)
        for k in range(6):
            prior[k] += (d.centre_spread * moved[k]) ** 2


@compiled
def update_motion(record: np.ndarray) -> None:
    """Compute the model in the record, (1,), and start to learn from its priors."""
    _update(record[0])
    d = record[0].detector
    for k in range(6):
        for a in range(3):
            d.state[k, a] = 0.0
            for b in range(3):
                d.cov[k, a, b] = d.prior[k, a] if a == b else 0.0

"""What each thruster does to the vehicle, for the propellant that is left."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.mass import centre_of_mass
from lander_common.vectors import cross
from lander_common.vehicle import GROUPS

UPDATE_PROPELLANT = 2.0  # [kg] burnt between two updates: the centre of mass moves by less than 2 mm
_RCS = GROUPS.index('rcs')


@compiled
def burn(al: np.void, full_thrust: float, i: int) -> None:
    """Take off the propellant of thruster i for so many seconds of full thrust."""
    al.propellant = max(al.propellant - al.flow[i] * full_thrust, 0.0)


@compiled
def follow(al: np.void) -> None:
    """Keep the model up to date with the propellant burnt by the commands."""
    if al.computed_at - al.propellant > UPDATE_PROPELLANT:
        _update(al)


@compiled
def _update(al: np.void) -> None:
    """Compute the wrench matrix and the least squares of the allocation, `slope' x - x' hessian x / 2`.

    Thrusters of the least squares pay for the torque of engines and the force z of the RCS (role cost).
    """
    al.computed_at = al.propellant
    centre = centre_of_mass(al.mass, al.propellant)
    w, weights = al.wrench, al.weights
    for i in range(al.count):
        force, position = al.force[i], al.position[i]
        arm = (position[0] - centre[0], position[1] - centre[1], position[2] - centre[2])
        torque = cross(arm, force)
        for k in range(3):
            w[k, i], w[3 + k, i] = force[k], torque[k]
    for a in range(al.shared_count):
        i = al.shared[a]
        for k in range(6):
            al.gradient[a, k] = weights[k] * w[k, i]
        for b in range(al.shared_count):
            j = al.shared[b]
            total = role = 0.0
            for k in range(6):
                total += al.gradient[a, k] * w[k, j]
            if (al.group[i] == _RCS) == (al.group[j] == _RCS):
                first, end = (2, 3) if al.group[i] == _RCS else (3, 6)
                for k in range(first, end):
                    role += weights[k] * w[k, i] * w[k, j]
            al.hessian[a, b] = total + al.role_cost * role + (al.duty_cost if a == b else 0.0)
    al.scratch.rows = 0


@compiled
def update_model(record: np.ndarray) -> None:
    """Compute the model in the record, (1,)."""
    _update(record[0])

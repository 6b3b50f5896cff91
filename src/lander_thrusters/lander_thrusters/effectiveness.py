"""What each thruster does to the vehicle, for the propellant that is left."""

import numpy as np

from lander_common.constants import STANDARD_GRAVITY
from lander_common.vehicle import Vehicle
from lander_thrusters.parameters import AllocatorParameters
from lander_thrusters.status import AllocationStatus

_UPDATE_PROPELLANT = 2.0  # [kg] burnt between two updates: the centre of mass moves by less than 2 mm
_PULL = 0.01  # [-] slope of the cost, from which a closed thruster counts as at its lower limit
_FULL = 0.999  # [-] duty from which a thruster counts as at its upper limit


class Effectiveness:
    """The wrench matrix, kept up to date with the propellant burnt by the commands."""

    def __init__(self, parameters: AllocatorParameters, vehicle: Vehicle):
        """Start with full tanks."""
        self._vehicle = vehicle
        self.pulsed = np.array(vehicle.group('assist', 'rcs'), dtype=np.int64)
        """Indices of the thrusters that make pulses, in the order of the matrices below."""
        scale = [parameters.lateral_force_scale_n] * 2 + [parameters.vertical_force_scale_n]
        self.weights = 1.0 / np.array(scale + [parameters.torque_scale_n_m] * 3) ** 2
        self._duty_cost, self._role_cost = parameters.duty_cost, parameters.role_cost
        self._flow = np.array([t.thrust_n / (t.isp_s * STANDARD_GRAVITY) for t in vehicle.thrusters])
        self.propellant = vehicle.mass.propellant_kg
        self._update()

    def burn(self, on_time: np.ndarray) -> None:
        """Take off the propellant of on-times (n,) [s]."""
        self.propellant = max(self.propellant - float(self._flow @ on_time), 0.0)
        if self._computed_at - self.propellant > _UPDATE_PROPELLANT:
            self._update()

    def saturation(self, duty: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Return for each thruster which limit keeps the wrench of `duty` (n,) from `target`, (n,) uint8."""
        slope = self.wrench.T @ (self.weights * (target - self.wrench @ duty))
        pulls = (duty <= 1e-9) & (slope < -_PULL)
        return np.where(duty >= _FULL, AllocationStatus.UPPER, np.where(
            pulls, AllocationStatus.LOWER, AllocationStatus.NONE)).astype(np.uint8)

    def _update(self) -> None:
        self._computed_at = self.propellant
        self.wrench = self._vehicle.wrench_matrix(self.propellant)
        """Force and torque per thruster, (6, n)."""
        b = np.ascontiguousarray(self.wrench[:, self.pulsed])
        foreign = np.zeros_like(b)
        for column, i in enumerate(self.pulsed):
            rows = slice(3, 6) if self._vehicle.thrusters[i].group == 'assist' else slice(2, 3)
            foreign[rows, column] = b[rows, column]
        s = self.weights[:, None]
        self.pulsed_wrench = b
        """The same for the thrusters that make pulses, (6, m)."""
        self.gradient = (s * b).T
        """Turns a wrench into the linear term of the allocation, (m, 6)."""
        self.hessian = (self.gradient @ b + self._role_cost * (s * foreign).T @ foreign
                        + self._duty_cost * np.eye(len(self.pulsed)))
        """Quadratic term of the allocation, (m, m)."""

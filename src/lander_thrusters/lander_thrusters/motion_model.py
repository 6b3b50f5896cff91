"""What full thrust of each thruster does to the motion that the IMU sees, and how well that is known."""

import numpy as np

from lander_common.vehicle import Vehicle
from lander_thrusters.parameters import AllocatorParameters

_UPDATE_PROPELLANT = 2.0  # [kg]
_OUTSIDE_TORQUE = 1e-5  # [rad/s^2] of gravity gradient and the like


class MotionModel:
    """Accelerations at base_link by thruster, kept up to date with the propellant left.

    Rows of six are specific force x, y, z [m/s^2] and angular acceleration x, y, z [rad/s^2], base_link.
    """

    def __init__(self, parameters: AllocatorParameters, vehicle: Vehicle):
        """Start with full tanks."""
        p, self._vehicle = parameters, vehicle
        self._thrust_spread, self._centre_spread = p.thrust_spread, p.centre_spread_m
        self._misalignment, self._bias = np.radians(p.misalignment_deg), p.accel_bias_m_s2
        thrust = np.array([t.thrust_n for t in vehicle.thrusters])
        self._groups = [list(vehicle.group(name)) for name in ('main', 'assist')]
        self.shares = np.zeros((2, len(thrust)))
        """Part of the thrust of its group (main, assist) that each thruster has, (2, n)."""
        for row, group in zip(self.shares, self._groups):
            row[group] = thrust[group] / thrust[group].sum() if group else 0.0
        self.follow(vehicle.mass.propellant_kg)

    def follow(self, propellant: float) -> None:
        """Take the propellant left [kg]; small changes change nothing."""
        if abs(getattr(self, '_computed_at', np.inf) - propellant) > _UPDATE_PROPELLANT:
            self._computed_at = propellant
            self._update(propellant)

    def _update(self, propellant: float) -> None:
        vehicle = self._vehicle
        mass = vehicle.mass.dry_kg + propellant
        self.centre, self.inertia = vehicle.centre_of_mass(propellant), vehicle.inertia(propellant)
        self.inverse = np.linalg.inv(self.inertia)
        wrench = vehicle.wrench_matrix(propellant)
        self.columns = self._motion(wrench[:3], wrench[3:], mass)
        """Of each thruster, (6, n)."""
        self.prior = np.zeros((6, 3))
        """Variance of what all of a group's engines (main, assist) do beyond that, and of a bias, (6, 3)."""
        self.prior[:, 2] = np.repeat([self._bias**2, _OUTSIDE_TORQUE**2], 3)
        arms = np.array([t.position_m for t in vehicle.thrusters]) - self.centre
        for column, group in enumerate(self._groups):
            own, force, arm = self.columns[:, group], wrench[:3, group], arms[group]
            spread = self._thrust_spread**2 * (own.sum(axis=1)**2 + (own**2).sum(axis=1))
            for axis in np.eye(3):
                shift = np.cross(axis, force.sum(axis=1))[:, None]  # the centre of mass is elsewhere
                spread += (self._centre_spread * self._motion(np.zeros((3, 1)), shift, mass)[:, 0]) ** 2
                aside = np.cross(axis, force.T)
                turned = self._motion(aside.T, np.cross(arm, aside).T, mass)
                spread += self._misalignment**2 * (turned**2).sum(axis=1)
            self.prior[:, column] = spread

    def _motion(self, force: np.ndarray, torque: np.ndarray, mass: float) -> np.ndarray:
        """Turn forces [N] and torques about the centre of mass [N m], (3, k), into motion, (6, k)."""
        turn = self.inverse @ torque
        return np.vstack([force / mass - np.cross(turn.T, self.centre).T, turn])

"""The true vehicle in flight and on the ground: six degrees of freedom, thrusters, propellant, contact."""

import math

import numpy as np

from lander_common import moon
from lander_common.vehicle import Vehicle
from lander_sim.contact import Ground, feel_ground, stable_step
from lander_sim.flight_step import BAD_COMMAND, FirstContact, step
from lander_sim.rigid_body import mass_table
from lander_sim.vehicle_state import VehicleState

_LONGEST_STEP = 0.1  # [s] of the integrator in coast; shorter steps of flight are halved
_CONTACT_STEP = 1e-3  # [s] at most, near the ground
_NEAR = 0.5  # [m] between the ground and the nearest contact point
_STEEP = 3.0  # [-] the ground comes nearer by at most this times the way flown


class VehicleDynamics(VehicleState):
    """Truth that moves. Deterministic: the same calls give the same bits."""

    def __init__(self, vehicle: Vehicle, terrain: Ground):
        """Make `vehicle` as it really is, dispersions included, over `terrain`; then call `set_state`."""
        super().__init__(vehicle, terrain)
        self._mass = mass_table(vehicle.mass)
        self._reach = float(np.max(np.linalg.norm(self._contacts.points, axis=1)))
        self._contact_step = min(_CONTACT_STEP, stable_step(vehicle))

    def set_state(self, position_moon: np.ndarray, velocity_moon: np.ndarray, q_moon_body: np.ndarray,
                  omega_body: np.ndarray, propellant: float, time: float = 0.0) -> None:
        """Start anew, as VehicleState.set_state."""
        super().set_state(position_moon, velocity_moon, q_moon_body, omega_body, propellant, time)
        self._speed = float(np.linalg.norm(velocity_moon))
        self._clearance = 0.0  # [m] the ground is not nearer than this; measured again when it gets small

    def step(self, dt: float, on_time: np.ndarray) -> None:
        """Fly on for dt [s]; valve i is open for the first `on_time[i]` seconds of it, shape (n,).

        Raises:
            ValueError: `on_time` has a wrong shape or holds NaN.
            FloatingPointError: the motion is no longer finite.
        """
        n = self._propulsion.fractions.size
        if on_time.shape != (n,):
            raise ValueError(f'on_time has shape {on_time.shape}; allowed is {(n,)}')
        near = self._is_near(dt)
        if near:
            feel_ground(self._y, self._contacts, self.terrain)
        longest = self._contact_step if near else min(0.5 * dt, _LONGEST_STEP)
        speed = step(
            self._y, self._record, self._propulsion.valves(on_time), dt, math.ceil(dt / longest - 1e-9), near,
            self._mass, self._propulsion.table, self._propulsion.fractions, self._contacts)
        if speed == BAD_COMMAND:
            raise ValueError(f'on_time {on_time}; allowed are numbers [s]')
        if math.isnan(speed):
            raise FloatingPointError(f'the motion broke down after t = {self.time:.3f} s; on_time {on_time}')
        if self.first_contact is None and near and not math.isnan(self._record[1]):
            after, *contact = self._record[1:].tolist()
            self.first_contact = FirstContact(self.time + after, *contact)
        self._speed, self._dt = speed, dt
        self.time += dt

    def _is_near(self, dt: float) -> bool:
        way = _STEEP * self._speed * dt
        if self._clearance - way < _NEAR:
            position = self.position
            height = moon.height(position) - self.terrain.height_at(position)
            self._clearance = height - self._reach
        self._clearance -= way
        return self._clearance < _NEAR

    def set_thruster_fault(self, index: int, kind: str, value: float = 0.0) -> None:
        """Break a thruster: 'stuck_off', 'stuck_on' or 'weak'; `value` is then the share of thrust left.

        Raises:
            ValueError: names the kinds or the values allowed.
        """
        self._propulsion.set_fault(index, kind, value)

    def clear_thruster_fault(self, index: int) -> None:
        """Repair a thruster."""
        self._propulsion.clear_fault(index)

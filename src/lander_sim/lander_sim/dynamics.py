"""The true vehicle in flight and on the ground: six degrees of freedom, thrusters, propellant, contact."""

import math

import numpy as np

from lander_common.vehicle import Vehicle
from lander_sim.contact import Ground, contact_points, feel_ground, stable_step
from lander_sim.flight_step import (
    BAD_COMMAND,
    GROUND_NEAR,
    NEAR,
    STEEP,
    FirstContact,
    fly_high,
    step_high,
    step_low,
)
from lander_sim.vehicle_state import VehicleState

_CONTACT_STEP = 1e-3  # [s] of the integrator at most, near the ground


class VehicleDynamics(VehicleState):
    """Truth that moves. Deterministic: the same calls give the same bits."""

    def __init__(self, vehicle: Vehicle, terrain: Ground):
        """Make `vehicle` as it really is, dispersions included, over `terrain`; then call `set_state`."""
        super().__init__(vehicle, terrain)
        self._reach = float(np.max(np.linalg.norm(contact_points(vehicle), axis=1)))
        self._contact_step = min(_CONTACT_STEP, stable_step(vehicle))

    def step(self, dt: float, on_time: np.ndarray) -> None:
        """Fly on for dt [s]; valve i is open for the first `on_time[i]` seconds of it, shape (n,).

        Raises:
            ValueError: `on_time` has a wrong shape or holds NaN.
            FloatingPointError: the motion is no longer finite.
        """
        command = self._propulsion.command
        if on_time.shape != command.shape:
            raise ValueError(f'on_time has shape {on_time.shape}; allowed is {command.shape}')
        command[:] = on_time
        speed = step_high(self._truth, dt)
        if speed == GROUND_NEAR:
            speed = self._step_low(dt)
        if not speed >= 0.0:
            self._refuse(speed, on_time)
        self._dt, self._altitude = dt, None
        self.time += dt

    def fly(self, dt: float, on_times: np.ndarray) -> None:
        """Do as `step` with each row of `on_times`, (k, n), in one compiled loop while the ground is far.

        Raises:
            ValueError, FloatingPointError: as `step`.
        """
        rest = np.ascontiguousarray(on_times, dtype=float)
        n = self._propulsion.command.size
        if rest.ndim != 2 or rest.shape[1] != n:
            raise ValueError(f'on_times has shape {rest.shape}; allowed is (k, {n})')
        while len(rest):
            taken, self.time = fly_high(self._truth, dt, rest, self.time)
            self._dt, self._altitude = dt, None
            if taken < len(rest):
                self.step(dt, rest[taken])
            rest = rest[taken + 1:]

    def _step_low(self, dt: float) -> float:
        truth = self._truth[0]
        way = STEEP * truth['speed'] * dt
        truth['clearance'] = self.altitude - self._reach
        if truth['clearance'] - way >= NEAR:
            return step_high(self._truth, dt)
        truth['clearance'] -= way
        feel_ground(self._y, self._contacts, self.terrain)
        speed = step_low(self._truth, dt, self._contact_step)
        after, *contact = truth['first_contact'].tolist()
        if self.first_contact is None and not math.isnan(after):
            self.first_contact = FirstContact(self.time + after, *contact)
        forces = self._contacts['normal_forces']
        self.foot_contact = tuple((forces[:self.vehicle.legs.count] > 0.0).tolist())
        return speed

    def _refuse(self, speed: float, on_time: np.ndarray) -> None:
        if speed == BAD_COMMAND:
            raise ValueError(f'on_time {on_time}; allowed are numbers [s]')
        raise FloatingPointError(f'the motion broke down after t = {self.time:.3f} s; on_time {on_time}')

    def set_thruster_fault(self, index: int, kind: str, value: float = 0.0) -> None:
        """Break a thruster: 'stuck_off', 'stuck_on' or 'weak'; `value` is then the share of thrust left.

        Raises:
            ValueError: names the kinds or the values allowed.
        """
        self._propulsion.set_fault(index, kind, value)

    def clear_thruster_fault(self, index: int) -> None:
        """Repair a thruster."""
        self._propulsion.clear_fault(index)

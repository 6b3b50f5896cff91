"""The true vehicle in flight and on the ground: six degrees of freedom, thrusters, propellant, contact."""

import numpy as np

from lander_common.vehicle import Vehicle
from lander_sim.contact import Ground, contact_points, feel_ground, stable_step
from lander_sim.flight_step import (
    BAD_COMMAND,
    GROUND_NEAR,
    NEAR,
    STEEP,
    fly_high,
    step_high,
    step_low,
)
from lander_sim.vehicle_state import VehicleState

_CONTACT_STEP = 2e-3  # [s] of the integrator at most, near the ground


class VehicleDynamics(VehicleState):
    """Truth that moves. Deterministic: the same calls give the same bits."""

    def __init__(self, vehicle: Vehicle, terrain: Ground, record: np.ndarray | None = None):
        """Make `vehicle` as it really is, dispersions included, over `terrain`; then call `set_state`.

        `record`: (1,) of TRUTH to work on; its own without.
        """
        super().__init__(vehicle, terrain, record)
        truth = self._truth[0]
        truth['reach'] = np.max(np.linalg.norm(contact_points(vehicle), axis=1))
        truth['contact_step'] = min(_CONTACT_STEP, stable_step(vehicle))

    def step(self, dt: float, on_time: np.ndarray, throttle: np.ndarray | None = None) -> None:
        """Fly on for dt [s]; valve i is open for the first `on_time[i]` seconds of it, shape (n,).

        `throttle`, (n,) [-], is where the throttles are sent, the share of full thrust; without it, where
        they were sent before.

        Raises:
            ValueError: a command has a wrong shape or holds NaN.
            FloatingPointError: the motion is no longer finite.
        """
        command = self._propulsion.command
        if on_time.shape != command.shape:
            raise ValueError(f'on_time has shape {on_time.shape}; allowed is {command.shape}')
        command[:] = on_time
        if throttle is not None:
            self._propulsion.throttle[:] = throttle
        speed = step_high(self._truth, dt)
        if speed == GROUND_NEAR:
            speed = self._step_low(dt)
        if not speed >= 0.0:
            self._refuse(speed, on_time)

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
            taken = fly_high(self._truth, dt, rest)
            if taken < len(rest):
                self.step(dt, rest[taken])
            rest = rest[taken + 1:]

    def _step_low(self, dt: float) -> float:
        truth = self._truth[0]
        way = STEEP * truth['speed'] * dt
        truth['clearance'] = self.altitude - truth['reach']
        if truth['clearance'] - way >= NEAR:
            return step_high(self._truth, dt)
        truth['clearance'] -= way
        feel_ground(self._y, self._contacts, self.terrain)
        return step_low(self._truth, dt)

    def _refuse(self, speed: float, on_time: np.ndarray) -> None:
        if speed == BAD_COMMAND:
            throttle = self._propulsion.throttle
            raise ValueError(f'on_time {on_time}, throttle {throttle}; allowed are numbers [s], [-]')
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

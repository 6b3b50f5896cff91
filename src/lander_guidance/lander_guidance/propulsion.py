"""What the engines of a vehicle can do, and the propellant they have used."""

import math

import numpy as np

from lander_common.constants import STANDARD_GRAVITY
from lander_common.vehicle import Vehicle
from lander_guidance.parameters import GuidanceParameters


class Propulsion:
    """Thrust limits, propellant flow and torque limits, all from the vehicle file."""

    def __init__(self, parameters: GuidanceParameters, vehicle: Vehicle) -> None:
        """Sum up the groups main, assist and rcs of `vehicle`."""
        self._vehicle = vehicle
        self.main, main_flow = self._sum('main')
        assist, assist_flow = self._sum('assist')
        total = self.main + assist
        self.limit = parameters.thrust_limit_share * total
        """Highest continuous thrust along +z [N]."""
        self.planned = parameters.braking_thrust_share * total
        self.low = parameters.braking_thrust_low_share * total
        self.floor = min(1.02 * self.main, self.limit)
        """Lowest thrust in powered flight [N]: the main engine stays on."""
        self._assist_slope = assist_flow / assist if assist > 0.0 else main_flow / max(self.main, 1e-9)
        self.flow_slope = self._assist_slope
        self.flow_fixed = main_flow - self._assist_slope * self.main
        """Flow at thrusts above the main engine's is `flow_fixed + flow_slope * thrust` [kg/s]."""
        self.torque_limit, self._torque_slope = self._rcs(parameters.torque_share)

    def flow(self, thrust: float) -> float:
        """Return the propellant flow [kg/s] of main and assist engines at `thrust` [N]."""
        if thrust < self.main:
            return self._assist_slope * thrust
        return self.flow_fixed + self.flow_slope * thrust

    def rcs_flow(self, torque: np.ndarray) -> float:
        """Return the propellant flow [kg/s] of the RCS for a mean torque, (3,) [N m]."""
        return float(np.abs(torque) @ self._torque_slope)

    def exhaust_velocity(self, thrust: float) -> float:
        """Return the effective exhaust velocity [m/s] at `thrust` [N]."""
        return thrust / self.flow(thrust)

    def _sum(self, group: str) -> tuple[float, float]:
        engines = [self._vehicle.thrusters[i] for i in self._vehicle.group(group)]
        thrust = sum(t.thrust_n * t.axis[2] for t in engines)
        return thrust, sum(t.thrust_n / (t.isp_s * STANDARD_GRAVITY) for t in engines)

    def _rcs(self, share: float) -> tuple[np.ndarray, np.ndarray]:
        index = list(self._vehicle.group('rcs'))
        if not index:
            return np.full(3, 1e-6), np.zeros(3)
        # Pairs push both ways: what turns is half of the sum of all arms.
        torque = 0.5 * np.abs(self._vehicle.wrench_matrix(0.0)[3:, index]).sum(axis=1)
        flow = 0.5 * sum(self._vehicle.thrusters[i].thrust_n / (self._vehicle.thrusters[i].isp_s
                                                                * STANDARD_GRAVITY) for i in index)
        return share * torque, flow / np.maximum(torque, 1e-6)


class MassEstimate:
    """Mass and inertia from the thrust that was commanded."""

    def __init__(self, vehicle: Vehicle, propulsion: Propulsion) -> None:
        """Start with full tanks."""
        self._vehicle, self._propulsion = vehicle, propulsion
        self.propellant = vehicle.mass.propellant_kg
        self._inertia_at = math.inf

    @property
    def mass(self) -> float:
        """Mass [kg]."""
        return self._vehicle.mass.dry_kg + self.propellant

    @property
    def inertia(self) -> np.ndarray:
        """Inertia [kg m^2] about the centre of mass, (3, 3); computed again for each kilogram."""
        if self._inertia_at - self.propellant > 1.0:
            self._inertia_at = self.propellant
            self._inertia = self._vehicle.inertia(self.propellant)
        return self._inertia

    def burn(self, thrust: float, torque: np.ndarray, duration: float) -> None:
        """Take off what `thrust` [N] and `torque` (3,) [N m] use in `duration` [s]."""
        used = (self._propulsion.flow(thrust) + self._propulsion.rcs_flow(torque)) * duration
        self.propellant = max(self.propellant - used, 0.0)


class ThrustScale:
    """Acceleration that the engines give, relative to the one commanded: engine and mass errors in one."""

    _WINDOW = 4.0  # [s]

    def __init__(self) -> None:
        """Start by believing the vehicle file."""
        self.value = 1.0
        self.reset()

    def reset(self) -> None:
        """Forget the running window."""
        self._expected = self._measured = self._span = 0.0

    def add(self, expected: float, measured: float, duration: float) -> None:
        """Add the speed gained along +z as commanded and as navigated [m/s] in `duration` [s]."""
        self._expected += expected
        self._measured += measured
        self._span += duration
        if self._span >= self._WINDOW and self._expected > 1.0:
            ratio = self._measured / self._expected
            if 0.5 < ratio < 1.3:
                self.value += 0.3 * (ratio - self.value)
            self.reset()

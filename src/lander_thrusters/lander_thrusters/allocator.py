"""The allocator: a wrench comes in, valve on-times go out."""

import math

import numpy as np

from lander_common.parameters import ParameterError
from lander_common.samples import ThrusterCommand, Wrench
from lander_common.vehicle import GROUPS, Vehicle
from lander_thrusters.bounded_least_squares import minimise
from lander_thrusters.demand import Demand
from lander_thrusters.effectiveness import Effectiveness
from lander_thrusters.main_engine import MainEngine
from lander_thrusters.parameters import AllocatorParameters
from lander_thrusters.pulses import pulses
from lander_thrusters.status import AllocationStatus
from lander_thrusters.valves import TICK, Valves

_LONGEST_WINDOW = 2.0  # [s]


class ThrusterAllocator:
    """Shares a wrench out over the thrusters and turns each share into pulses.

    At the start of each window the duties are found by bounded least squares and become one pulse per
    thruster. What the pulses leave over is a wrench, which is added to the demand of the next window:
    the accumulated error is always that of less than one shortest pulse per thruster.
    """

    def __init__(self, parameters: AllocatorParameters, vehicle: Vehicle):
        """Start with all valves closed.

        Raises:
            ParameterError: the window is too short for the pulses of the vehicle.
        """
        self._shortest = np.array([t.min_on_time_s for t in vehicle.thrusters])
        self._group = np.array([GROUPS.index(t.group) for t in vehicle.thrusters])
        self._model = Effectiveness(parameters, vehicle)
        self._pulsed, self._main = self._model.pulsed, np.array(vehicle.group('main'), dtype=np.int64)
        self._assist = np.array(vehicle.group('assist'), dtype=np.int64)
        limit = 2.0 * self._shortest[self._pulsed].max(initial=0.0)
        if parameters.window_s < limit:
            raise ParameterError('window_s', parameters.window_s,
                                 f'at least {limit:g} s, twice the longest shortest pulse of {vehicle.name}')
        n = len(vehicle.thrusters)
        self._demand, self._valves = Demand(parameters), Valves(n)
        self._engine = MainEngine(self._shortest[self._main].max(initial=0.0),
                                  parameters.main_on_share, parameters.main_off_share)
        self._time = self._start = -math.inf
        self._nominal = self._window = self._interval = parameters.window_s
        self._carry = np.zeros(6)  # [N s, N m s] asked and not yet given
        self._duty, self._unachieved = np.zeros(n), np.zeros(6)
        self._saturation = np.zeros(n, np.uint8)
        self.set_failed(parameters.failed_mask)
        self._allocate(np.zeros(6), np.zeros(n), np.zeros(n), 0.0, 0.0)  # compiles the kernel

    def set_failed(self, mask: int) -> None:
        """Use no thruster whose bit is set in `mask`; the others take over with the next wrench."""
        self._failed_mask = mask
        self._healthy = np.array([0.0 if mask >> i & 1 else 1.0 for i in range(len(self._group))])
        self._valves.close(self._healthy == 0.0)
        self._replan = True

    def step(self, wrench: Wrench) -> ThrusterCommand:
        """Return the on-times left from `wrench.time` on.

        A wrench with NaN, infinity or absurd size is replaced by the last good one for `hold_s`, then
        by none, and reported in the status.

        Raises:
            ValueError: the time does not increase.
        """
        now = wrench.time
        if not now > self._time:
            raise ValueError(f'wrench at {now} s after one at {self._time} s')
        if math.isfinite(self._time):
            self._interval = min(now - self._time, _LONGEST_WINDOW)
        self._time = now
        self._demand.take(wrench)
        if self._replan or now >= self._start + self._nominal - TICK:
            self._close_window(now)
            self._open_window(now)
            self._replan = False
        return ThrusterCommand(now, self._valves.left(now))

    def status(self) -> AllocationStatus:
        """Return the state of the present window."""
        return AllocationStatus(self._time, self._duty.copy(), self._saturation.copy(),
                                self._unachieved[:3].copy(), self._unachieved[3:].copy(),
                                self._failed_mask, self._demand.valid, self._model.propellant)

    def _close_window(self, now: float) -> None:
        """Settle the account of the last window: it may have been cut short."""
        if math.isinf(self._start):
            return  # there was none
        given = self._valves.given(self._start, now)
        self._model.burn(given)
        error = (self._duty * min(now - self._start, self._window) - given)[self._pulsed]
        limit = self._shortest[self._pulsed]
        self._carry = self._carry + self._model.pulsed_wrench @ np.clip(error, -limit, limit)

    def _open_window(self, now: float) -> None:
        # When the wrench comes seldom, the window lasts until the next one is due.
        self._window = math.ceil(self._nominal / self._interval - TICK) * self._interval
        self._start = now
        target, wrench = self._demand.target, self._model.wrench
        upper, fixed = self._healthy.copy(), np.zeros(len(self._group))
        main_thrust = float(wrench[2, self._main] @ self._healthy[self._main])
        still_open = bool(self._valves.open_for(now)[self._main].any())
        burning = self._engine.update(now, target[2], main_thrust, still_open)
        fixed[self._main] = self._healthy[self._main] * burning
        if target[2] <= 0.0:  # engines off: their account ends, and they do not help with torques
            upper[self._assist] = 0.0
            self._carry[2] = 0.0
        if not target.any():
            upper[:] = 0.0
        low = main_thrust * burning
        high = low + float(wrench[2, self._assist] @ upper[self._assist])
        spent = self._spendable(target, low, high)
        self._carry = self._carry - spent
        target_now = target + spent / self._window
        self._duty = self._allocate(target_now, upper, fixed, low, high)
        self._saturation = self._model.saturation(self._duty, target_now)
        self._unachieved = self._demand.wrench - target + target_now - wrench @ self._duty
        self._fire(now)

    def _spendable(self, target: np.ndarray, low: float, high: float) -> np.ndarray:
        """Return the part of the carry to be made good now, (6,) [N s, N m s]; engines give low to high N."""
        if not target.any():
            return np.zeros(6)  # nothing asked: what is left over waits
        spent = self._carry.copy()
        if high > 0.0:
            spent[2] = np.clip(spent[2], -max(target[2] - low, 0.0) * self._window,
                               max(high - target[2], 0.0) * self._window)
        return spent

    def _allocate(self, target: np.ndarray, upper: np.ndarray, fixed: np.ndarray, low: float,
                  high: float) -> np.ndarray:
        """Return the duties (n,) nearest to `target`, with `fixed` ones of the main engine."""
        model, duty = self._model, fixed.copy()
        rest = target - model.wrench @ duty
        if high > 0.0:  # beyond what the engines can do, the RCS neither helps nor pushes back
            rest[2] = min(max(rest[2], 0.0), high - low)
        duty[self._pulsed] = minimise(model.hessian, model.gradient @ rest, upper[self._pulsed],
                                      self._duty[self._pulsed])
        return duty

    def _fire(self, now: float) -> None:
        p = self._pulsed
        on = np.where(self._duty > 0.0, max(self._window, self._engine.earliest_off - now), 0.0)
        on[p] = pulses(self._duty[p] * self._window, self._window, self._shortest[p],
                       self._valves.open_for(now)[p], self._group[p])
        self._valves.fire(now, on * self._healthy)

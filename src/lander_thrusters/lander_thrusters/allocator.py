"""The allocator: a wrench comes in, valve on-times go out."""

import math

import numpy as np

from lander_common.parameters import ParameterError
from lander_common.samples import ImuSample, ThrusterCommand, Wrench
from lander_common.vehicle import GROUPS, Vehicle
from lander_thrusters.demand import Demand
from lander_thrusters.effectiveness import Effectiveness
from lander_thrusters.fault_detection import FaultDetector, ThrusterFault
from lander_thrusters.fault_test import KINDS, ON
from lander_thrusters.main_engine import MainEngine
from lander_thrusters.parameters import AllocatorParameters
from lander_thrusters.sharing import ask, share_out, shortfall
from lander_thrusters.status import AllocationStatus
from lander_thrusters.valves import TICK, Valves

_LONGEST_WINDOW = 2.0  # [s]

Health = tuple[bool, int, str]
"""Whether the last wrench was valid, the mask of thrusters not used, and the trouble of fault detection."""


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
        self._pulsed, self._main = self._model.pulsed, vehicle.group('main')
        limit = 2.0 * self._shortest[self._pulsed].max(initial=0.0)
        if parameters.window_s < limit:
            raise ParameterError('window_s', parameters.window_s,
                                 f'at least {limit:g} s, twice the longest shortest pulse of {vehicle.name}')
        n = len(vehicle.thrusters)
        self._demand, self._valves = Demand(parameters), Valves(n)
        self._engine = MainEngine(max((float(self._shortest[i]) for i in self._main), default=0.0),
                                  parameters.main_on_share, parameters.main_off_share)
        self._time = self._start = -math.inf
        self._nominal = self._window = self._interval = parameters.window_s
        self._carry = np.zeros(6)  # [N s, N m s] asked and not yet given
        self._duty = np.zeros(n)
        self._detector = FaultDetector(parameters, vehicle) if parameters.detect_faults else None
        self._names = [t.name for t in vehicle.thrusters]
        self._known_mask = parameters.failed_mask
        self.clear_faults()
        # Once with nothing asked, so that no cycle waits for the compiler.
        self._open_window(0.0)
        self._close_window(0.0)
        self._start = -math.inf

    def set_failed(self, mask: int, burning: int = 0) -> None:
        """Use no thruster whose bit is set in `mask`; the others take over with the next wrench.

        Those of them with a bit in `burning` are stuck on: the others also make up for what they do.
        """
        self._failed_mask, self._burning_mask = mask, burning & mask
        n = len(self._group)
        self._healthy = np.array([0.0 if mask >> i & 1 else 1.0 for i in range(n)])
        self._burning = np.array([bool(self._burning_mask >> i & 1) for i in range(n)])
        self._valves.close(self._healthy == 0.0)
        self._replan = True

    def clear_faults(self) -> None:
        """Forget the faults that were found: every thruster not known to have failed is tried again."""
        self._reasons: dict[int, str] = {}
        self.set_failed(self._known_mask)
        if self._detector is not None:
            self._detector.restart(self._time)

    def add_imu(self, sample: ImuSample) -> None:
        """Take an IMU sample to find faults with; ignored unless `detect_faults`."""
        if self._detector is not None:
            self._detector.add_imu(sample)

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
        if self._detector is not None:
            fault = self._detector.look(now)
            if fault is not None:
                self._declare(fault)
        if self._replan or now >= self._start + self._nominal - TICK:
            self._close_window(now)
            self._open_window(now)
            self._replan = False
        on_time = self._valves.left(now)
        if self._detector is not None:
            really = np.where(self._burning, math.inf, on_time) if self._burning_mask else on_time
            self._detector.command(now, really, not self._demand.nothing, self._model.propellant)
        return ThrusterCommand(now, on_time)

    def _declare(self, fault: ThrusterFault) -> None:
        """Fly on without the faulty thruster, from this cycle on."""
        bit, burning = 1 << fault.index, fault.kind == KINDS[ON]
        self._reasons[fault.index] = f'{self._names[fault.index]} {fault.kind}, found at {self._time:.2f} s'
        self.set_failed(self._failed_mask | bit,
                        self._burning_mask | bit if burning else self._burning_mask & ~bit)
        self._detector.restart(self._time)

    def health(self) -> Health:
        """Return whether all is well: what is worth a status at once when it changes."""
        return self._demand.valid, self._failed_mask, self._trouble()

    def _trouble(self) -> str:
        return self._detector.trouble if self._detector is not None else ''

    def status(self) -> AllocationStatus:
        """Return the state of the present window."""
        unachieved = np.array(self._asked) - self._target + self._target_now - self._model.wrench @ self._duty
        return AllocationStatus(self._time, self._duty.copy(),
                                self._model.saturation(self._duty, self._target_now),
                                unachieved[:3], unachieved[3:], self._failed_mask, self._demand.valid,
                                self._model.propellant, tuple(self._reasons.values()),
                                self._trouble())

    def _close_window(self, now: float) -> None:
        """Settle the account of the last window: it may have been cut short."""
        if math.isinf(self._start):
            return  # there was none
        given = self._valves.given(self._start, now)
        elapsed = now - self._start
        owed = shortfall(self._duty, min(elapsed, self._window), given, self._healthy, self._shortest,
                         self._pulsed)
        self._model.burn(np.where(self._burning, elapsed, given) if self._burning_mask else given)
        self._carry = self._carry + self._model.pulsed_wrench @ owed

    def _open_window(self, now: float) -> None:
        # When the wrench comes seldom, the window lasts until the next one is due.
        self._window = math.ceil(self._nominal / self._interval - TICK) * self._interval
        self._start = now
        model, open_for = self._model, self._valves.open_for(now)
        self._asked, self._target = self._demand.asked, self._demand.target
        thrust, still_open = 0.0, False
        for i in self._main:
            thrust += float(model.wrench[2, i] * self._healthy[i])
            still_open = still_open or bool(open_for[i])
        main_on = self._engine.update(now, float(self._target[2]), thrust, still_open)
        self._target_now, rest, fixed, upper = ask(
            self._target, self._carry, self._window, main_on, self._healthy, self._burning, self._group,
            model.wrench)
        self._duty, on_time = share_out(
            model.hessian, model.gradient @ rest, fixed, upper, self._duty, self._pulsed, self._window,
            max(self._window, self._engine.earliest_off - now), self._shortest, open_for, self._group,
            self._healthy)
        self._valves.fire(now, on_time)

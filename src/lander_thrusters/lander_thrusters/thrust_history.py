"""What the thrusters should have given: the integral of their thrust, cycle by cycle, from the commands."""

from collections import deque
from typing import NamedTuple

import numpy as np

from lander_common.compiled import compiled
from lander_common.vehicle import Vehicle


class Cycle(NamedTuple):
    """One cycle that ended at `time`."""

    time: float  # [s]
    dt: float  # [s] its length
    flying: bool  # False: nothing at all was asked, as before the descent and on the ground
    burnt: np.ndarray  # (2, n) [s] of full thrust since the start: at the end, and the mean over the cycle


class ThrustHistory:
    """Follows the rise and fall of n thrusters under the commands; keeps what was not yet compared."""

    _LONGEST = 500  # cycles

    def __init__(self, vehicle: Vehicle):
        """Start with all valves closed."""
        self._rise = np.array([t.rise_time_s for t in vehicle.thrusters])
        self._fall = np.array([t.fall_time_s for t in vehicle.thrusters])
        self._fraction, self._burnt, self._on_time = (np.zeros(len(self._rise)) for _ in range(3))
        self._time: float | None = None
        self._flying = False
        self._cycles: deque[Cycle] = deque(maxlen=self._LONGEST)

    def command(self, time: float, on_time: np.ndarray, flying: bool) -> None:
        """Remember that valves are open for `on_time` (n,) [s] from `time` [s] on; this ends a cycle."""
        if self._time is not None:
            dt = time - self._time
            burnt = _advance(self._fraction, self._burnt, self._on_time, dt, self._rise, self._fall)
            self._cycles.append(Cycle(time, dt, self._flying, burnt))
        self._time, self._on_time, self._flying = time, on_time, flying

    def take(self, time: float, tolerance: float) -> tuple[Cycle | None, bool]:
        """Return the cycle that ended at `time` [s], if any, and whether it is the oldest one kept.

        Older ones are forgotten.
        """
        whole = True
        while self._cycles and self._cycles[0].time < time - tolerance:
            self._cycles.popleft()
            whole = False
        if self._cycles and self._cycles[0].time <= time + tolerance:
            return self._cycles.popleft(), whole
        return None, False


@compiled
def _advance(fraction, burnt, on_time, dt, rise, fall):
    """Advance thrust fractions and burnt seconds (n,) over dt [s], exactly; return what Cycle.burnt holds."""
    record = np.empty((2, fraction.size))
    for i in range(fraction.size):
        on = min(max(on_time[i], 0.0), dt)
        off, f, r, q = dt - on, fraction[i], rise[i], fall[i]
        total = twice = 0.0  # integral of the thrust fraction over the cycle, and its integral
        if on > 0.0:
            grown = 1.0 - np.exp(-on / r) if r > 0.0 else 1.0
            total = on - (1.0 - f) * r * grown
            twice = 0.5 * on * on - (1.0 - f) * r * (on - r * grown)
            f = f + (1.0 - f) * grown
        if off > 0.0:
            twice += total * off
            if f > 1e-12:
                gone = 1.0 - np.exp(-off / q) if q > 0.0 else 1.0
                total += f * q * gone
                twice += f * q * (off - q * gone)
                f *= 1.0 - gone
            else:
                f = 0.0
        fraction[i] = f
        record[1, i] = burnt[i] + twice / dt
        burnt[i] += total
        record[0, i] = burnt[i]
    return record

"""First guess of a descent: acceleration linear in time from start to target (the energy-optimal law).

Over flat ground this is the descent of least squared thrust acceleration (D'Souza 1997), without bounds.
"""

import numpy as np

from lander_common.compiled import compiled
from lander_common.rotations import norm
from lander_guidance.optimiser import field
from lander_guidance.optimiser.program import Case

_POOR = 3.0  # cost of a second at 1 m/s^2 outside the thrust bounds, against one inside


@compiled
def guess(case: Case, time: float, times: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Return path (n + 1, 3) [m] and logarithm of mass (n + 1,) at the knots, and the cost [m/s].

    The cost is the velocity used, plus what thrust would be missing or too much.
    """
    n = times.size - 1
    path, log_mass = np.empty((n + 1, 3)), np.empty(n + 1)
    way = case.target - case.start
    first = 6.0 / time**2 * way - 2.0 / time * (2.0 * case.velocity + case.target_velocity)
    last = -6.0 / time**2 * way + 2.0 / time * (case.velocity + 2.0 * case.target_velocity)
    cost, log, flow_before = 0.0, case.log_mass, 0.0
    for k in range(n + 1):
        t = times[k] * time
        jerk = (last - first) / time
        path[k] = case.start + t * (case.velocity + t * (first / 2.0 + t / 6.0 * jerk))
        velocity = case.velocity + t * (first + t / 2.0 * jerk)
        fall = field.free_fall(path[k], velocity, case.gravity, case.radius, case.spin)
        thrust = norm(first + t * jerk - fall)
        step = time * (times[k] - times[max(k - 1, 0)])
        mass = np.exp(log - flow_before * step)
        flown = min(max(thrust, case.thrust_min / mass), case.thrust_max / mass)
        flow = flown / case.exhaust
        log -= 0.5 * (flow + (flow_before if k else flow)) * step
        flow_before, log_mass[k] = flow, log
        cost += (flown + _POOR * abs(thrust - flown)) * step
    return path, log_mass, cost

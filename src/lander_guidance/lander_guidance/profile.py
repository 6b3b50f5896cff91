"""The wanted descent over the height: sink rate, durations, tilt. `p` is a record of PARAMETERS."""

import math

import numpy as np

from lander_common.compiled import compiled

_LEVELLING = 0.25  # of the fastest turn, in which a tilt near the ground is taken back
_HIGH_TILT = math.radians(60.0)  # at twice the height from which the range finder must see


@compiled
def profile(p: np.void, altitude: float, contact: float, fast: float) -> tuple[float, float]:
    """Return the wanted sink rate [m/s] at `altitude` [m] and its slope over the altitude [1/s].

    From the ground up: the speed `contact`, a gentle slope to the start of the vertical descent, the slope
    of the approach, its constant speed `fast`, and above the gate its slope again.
    """
    steep, soft, terminal = p.approach_deceleration_m_s2, p.soft_height_m, p.terminal_height_m
    slow, gate = p.terminal_sink_m_s, p.gate_height_m
    if altitude <= soft:
        return contact, 0.0
    if altitude <= terminal:
        gentle = 0.5 * max(slow * slow - contact * contact, 0.0) / max(terminal - soft, 1.0)
        sink = math.sqrt(contact * contact + 2.0 * gentle * (altitude - soft))
        return sink, gentle / sink
    sink = math.sqrt(slow * slow + 2.0 * steep * (altitude - terminal))
    if sink <= fast:
        return sink, steep / sink
    if altitude <= gate:
        return fast, 0.0
    sink = min(math.sqrt(fast * fast + 2.0 * steep * (altitude - gate)), sink)
    return sink, steep / sink


@compiled
def time_down(p: np.void, altitude: float, sink: float) -> float:
    """Return the time [s] to the start of the vertical descent: constant speed, then the slope."""
    steep, slow = p.approach_deceleration_m_s2, p.terminal_sink_m_s
    fast = max(sink, slow)
    braking = (fast * fast - slow * slow) / (2.0 * steep)
    return max(altitude - p.terminal_height_m - braking, 0.0) / fast + (fast - slow) / steep


@compiled
def time_vertical(p: np.void, altitude: float, contact: float) -> float:
    """Return the time [s] from the start of the vertical descent, or from `altitude` [m], to contact."""
    soft = p.soft_height_m
    start = min(altitude, p.terminal_height_m)
    sink = profile(p, start, contact, p.terminal_sink_m_s)[0]
    return max(start - soft, 0.0) / (0.5 * (sink + contact)) + max(min(start, soft), 0.0) / contact


@compiled
def largest_tilt(p: np.void, lower: float) -> float:
    """Return the largest tilt [rad] at the lowest credible altitude `lower` [m].

    Near the ground it can be taken back before contact, at a share of the fastest turn; higher up it is
    linear between heights.
    """
    terminal, see = p.terminal_height_m, p.range_see_height_m
    low, seeing = math.radians(p.touchdown_tilt_deg), math.radians(p.range_see_tilt_deg)
    most = max(seeing, _HIGH_TILT)
    if lower <= terminal:
        turn = _LEVELLING * math.radians(p.slew_deg_s) / p.touchdown_sink_m_s
        return min(low + turn * max(lower, 0.0), max(low, 0.7 * seeing))
    if lower <= see:
        return _between(lower, terminal, see, 0.7 * seeing, seeing)
    return _between(lower, see, 2.0 * see, seeing, most)


@compiled
def _between(x: float, x0: float, x1: float, y0: float, y1: float) -> float:
    share = min(max((x - x0) / max(x1 - x0, 1e-9), 0.0), 1.0)
    return y0 + share * (y1 - y0)

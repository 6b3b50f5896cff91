"""What the thrusters should have given: the integral of their thrust, cycle by cycle, from the commands.

Thrust is full thrust x what the valve lets through (rises and falls with a time constant) x position of the
throttle, for which its mean while the valve is open counts. A cycle knows the seconds of full thrust since
the start: at its end, and the mean over it.
"""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_thrusters.detector_record import CYCLES

NONE = -1
_GONE = 1e-3  # [-] of full thrust: the rest of a fall below that comes at once


@compiled
def command(al: np.void, time: float, flying: bool) -> None:
    """Remember that the valves do as the record has it from `time` [s] on; this ends a cycle.

    `flying`: False if nothing at all is asked, as before the descent and on the ground.
    """
    d = al.detector
    dt = time - d.time
    if dt > 0.0:
        if d.kept == CYCLES:
            d.first, d.kept = (d.first + 1) % CYCLES, CYCLES - 1
        at = (d.first + d.kept) % CYCLES
        d.kept += 1
        d.cycle_end[at], d.cycle_length[at], d.cycle_flying[at] = time, dt, d.flying
        _advance(al, dt, d.cycle_burnt[at])
    d.time, d.flying = time, flying
    for i in range(al.count):
        d.on_time[i] = np.inf if al.burning[i] else al.on_time[i]
        d.throttle[i] = al.throttle[i]


@compiled
def take(d: np.void, time: float, tolerance: float) -> tuple[int, bool]:
    """Return the index of the cycle that ended at `time` [s] or NONE, and whether it was the oldest one kept.

    Older ones are forgotten.
    """
    whole = True
    while d.kept > 0 and d.cycle_end[d.first] < time - tolerance:
        d.first, d.kept = (d.first + 1) % CYCLES, d.kept - 1
        whole = False
    if d.kept > 0 and d.cycle_end[d.first] <= time + tolerance:
        at = d.first
        d.first, d.kept = (d.first + 1) % CYCLES, d.kept - 1
        return at, whole
    return NONE, False


@compiled
def _decay(time, constant):
    return math.exp(-time / constant) if constant > 0.0 else 0.0


@compiled
def _throttle(position, target, rate, on, dt):
    """Return the mean position of a throttle while its valve is open, `on` of dt [s], and that at the end."""
    way = target - position
    needed = abs(way) / rate  # [s]; no time if the rate is infinite
    open_for = on if on > 0.0 else dt
    if needed >= open_for:
        middle = position + 0.5 * np.sign(way) * rate * open_for
    else:
        middle = target - 0.5 * way * needed / open_for
    return middle, (target if needed <= dt else position + np.sign(way) * rate * dt)


@compiled
def _advance(al, dt, burnt):
    """Advance thrust over dt [s]; write what a cycle knows to `burnt` (2, .)."""
    d = al.detector
    if d.whole != dt:
        d.whole = dt
        for i in range(al.count):
            d.rise[i], d.fall[i] = _decay(dt, al.rise[i]), _decay(dt, al.fall[i])
    last_on, last_rise, last_fall, part_opening, part_closing = -1.0, 0.0, 0.0, 1.0, 1.0
    for i in range(al.count):
        on = min(max(d.on_time[i], 0.0), dt)
        off, f = dt - on, d.fraction[i]
        total = twice = 0.0  # integral of what the valve lets through, and the integral of that
        opening, closing = d.rise[i], d.fall[i]
        if on > 0.0 and off > 0.0:  # as in the simulator: engines are often told the same
            if on != last_on or al.rise[i] != last_rise or al.fall[i] != last_fall:
                last_on, last_rise, last_fall = on, al.rise[i], al.fall[i]
                part_opening, part_closing = _decay(on, last_rise), _decay(off, last_fall)
            opening, closing = part_opening, part_closing
        if on > 0.0:
            constant = al.rise[i]
            grown = 1.0 - opening
            total = on - (1.0 - f) * constant * grown
            twice = 0.5 * on * on - (1.0 - f) * constant * (on - constant * grown)
            f = f + (1.0 - f) * grown
        if off > 0.0:
            twice += total * off
            if f > 0.0:
                constant = al.fall[i]
                gone = 1.0 - closing
                total += f * constant * gone
                twice += f * constant * (off - constant * gone)
                f *= closing
            if f < _GONE:
                total += f * al.fall[i]
                f = 0.0
        d.fraction[i] = f
        if al.lowest[i] < 1.0:
            middle, d.position[i] = _throttle(d.position[i], d.throttle[i], al.throttle_rate[i], on, dt)
            total, twice = middle * total, middle * twice
        burnt[1, i] = d.burnt[i] + twice / dt
        d.burnt[i] += total
        burnt[0, i] = d.burnt[i]

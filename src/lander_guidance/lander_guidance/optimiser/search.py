"""Finds the flight time of least cost, from the slope of the cost that each solution brings along."""

from collections.abc import Callable

from lander_guidance.optimiser.conic import Solution

_FINE = 5e-5  # share of the cost that may still be gained
_STEEP = 10.0  # ratio of slopes on the two sides of a kink, where something gets out of reach
_TRIES = 40


def search(solve: Callable[[float], Solution | None], start: float, low: float, high: float,
           better: Callable[[Solution, Solution], bool], step: float) -> Solution | None:
    """Return the best solution of `solve`, over flight times from `low` to `high` [s], from `start` on.

    `step` is the first step, as a share of the time.

    The cost is convex in practice: steep where something is out of reach, flat near the optimum. Walks
    downhill until the slope changes its sign, then closes the bracket: where the tangents meet at a kink,
    by the secant of the slopes elsewhere, by halving if that is slow.
    """
    best = before = after = None
    time, step, widths = min(max(start, low), high), step * start, []
    for _ in range(_TRIES):
        s = solve(time)
        if s is None:
            return best
        best = s if best is None or better(s, best) else best
        before, after = (s, after) if s.slope < 0.0 else (before, s)
        if before is None or after is None:
            time = min(max(s.time + (step if after is None else -step), low), high)
            step *= 2.5
            if time == s.time:
                return best
            continue
        time, least = _meeting(before, after)
        if best.cost - least < _FINE * best.cost:
            return best
        width = after.time - before.time
        widths.append(width)
        if len(widths) > 2 and width > 0.5 * widths[-3]:
            time = before.time + 0.5 * width
        elif max(-before.slope, after.slope) < _STEEP * min(-before.slope, after.slope):
            time = before.time + width * before.slope / (before.slope - after.slope)
        time = min(max(time, before.time + 0.02 * width), after.time - 0.02 * width)
    return best


def _meeting(before: Solution, after: Solution) -> tuple[float, float]:
    """Return where the tangents of two solutions meet, and the cost there, below any convex cost."""
    time = ((before.cost - before.slope * before.time - after.cost + after.slope * after.time)
            / (after.slope - before.slope))
    return time, before.cost + before.slope * (time - before.time)

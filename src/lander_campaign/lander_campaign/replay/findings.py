"""What the stories of a comparison mean: how far altitudes differ, where the sink-rate limit was broken."""

from dataclasses import dataclass

import numpy as np

from lander_campaign.replay.comparison import Comparison, Story

_PERIOD = 0.1  # [s] of the statuses: what one of them stands for, unless the next comes sooner


@dataclass
class Excess:
    """When something was beyond a limit."""

    duration: float = 0.0  # [s]
    first: float = float('nan')  # [s] flight time
    last: float = float('nan')
    largest: float = 0.0  # beyond the limit, in its unit
    altitude: float = float('nan')  # [m] estimate, where it began


def altitude_errors(c: Comparison) -> list[tuple[float, float]]:
    """Return time [s] and replayed less recorded altitude [m] where both are known."""
    before = {time: altitude for time, altitude, *_ in c.recorded.altitudes}
    pairs = ((time, altitude - before[time]) for time, altitude, *_ in c.replayed.altitudes if time in before)
    return [(time, error) for time, error in pairs if np.isfinite(error)]


def off_by(errors: list[tuple[float, float]], threshold: float) -> Excess:
    """Return when errors [(s, m)] were larger than `threshold` [m]."""
    times = np.array([time for time, _ in errors])
    return _excess(times, np.array([abs(error) for _, error in errors]) - threshold)


def over_limit(story: Story) -> Excess:
    """Return when the sink rate was above the limit of guidance, and how high the lander was then."""
    if not story.sinks:
        return Excess()
    time, sink, limit = np.array(story.sinks).T
    found = _excess(time, sink - limit)
    if found.duration and story.altitudes:
        altitudes = np.array(story.altitudes)
        found.altitude = float(np.interp(found.first, altitudes[:, 0], altitudes[:, 1]))
    return found


def _excess(time: np.ndarray, beyond: np.ndarray) -> Excess:
    over = beyond > 0.0  # False for NaN
    if not over.any():
        return Excess()
    lasting = np.minimum(np.diff(time, append=time[-1] + _PERIOD), _PERIOD)
    chosen = time[over]
    return Excess(float(lasting[over].sum()), float(chosen[0]), float(chosen[-1]), float(beyond[over].max()))

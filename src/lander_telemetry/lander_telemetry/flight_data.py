"""A flight read back from its bag alone, as arrays; a topic that is not there is None."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lander_common import rotations
from lander_common.constants import MOON_RADIUS
from lander_telemetry.codec import Codec
from lander_telemetry.flight import PHASES, RESULTS
from lander_telemetry.playback import read_bag, read_topics

Columns = dict[str, np.ndarray]

_TOPICS = ('navigation_status', 'guidance_status', 'truth/odometry', 'rangefinder/range_sample',
           'aid_source_status', 'truth/touchdown')
_NAVIGATION = ('altitude_m', 'altitude_lower_m', 'altitude_upper_m', 'terrain_height_m', 'vertical_speed_m_s',
               'ground_speed_m_s', 'tilt_rad')
_TRUTH = ('height_m', 'arc_m', 'sink_m_s', 'speed_m_s', 'tilt_rad')
_GUIDANCE = ('phase', 'thrust_n', 'propellant_left_kg', 'sink_rate_m_s', 'sink_rate_limit_m_s')


@dataclass
class FlightData:
    """Columns by topic; `time` in seconds of flight time."""

    navigation: Columns | None = None
    guidance: Columns | None = None
    truth: Columns | None = None  # height_m above the sphere, arc_m from the target, sink, speed, tilt
    ranges: Columns | None = None  # range_m, NaN without a return
    innovations: Columns | None = None  # of the range: innovation, sigma, outcome
    touchdown: Any = None  # the last report

    @property
    def phases(self) -> list[tuple[str, float, float]]:
        """Phases with begin and end [s]."""
        if self.guidance is None:
            return []
        time, phase = self.guidance['time'], self.guidance['phase'].astype(int)
        starts = [0, *(np.flatnonzero(np.diff(phase)) + 1)]
        ends = [*(time[i] for i in starts[1:]), time[-1]]
        return [(PHASES[phase[i]], float(time[i]), float(end)) for i, end in zip(starts, ends)]

    @property
    def first_range(self) -> float:
        """Flight time [s] of the first echo; NaN without one."""
        times = self.ranges['time'][np.isfinite(self.ranges['range_m'])] if self.ranges else []
        return float(times[0]) if len(times) else float('nan')

    def within(self, begin: float, end: float) -> 'FlightData':
        """Return the part from `begin` to `end` [s]; a topic that says nothing in it is None."""
        def part(columns: Columns | None) -> Columns | None:
            if columns is None:
                return None
            chosen = (columns['time'] >= begin) & (columns['time'] <= end)
            return {n: v[chosen] for n, v in columns.items()} if chosen.any() else None

        return FlightData(*map(part, (self.navigation, self.guidance, self.truth, self.ranges,
                                      self.innovations)), self.touchdown)

    @property
    def result(self) -> str:
        """One of RESULTS; empty without a report."""
        return RESULTS[self.touchdown.result] if self.touchdown else ''


def read(bag: Path | str) -> FlightData:
    """Read what a picture needs from a flight folder, a bag folder or a file.

    Raises:
        FileError: says what is wrong with the bag and what helps.
    """
    messages: dict[str, list] = {topic: [] for topic in _TOPICS}
    names, decode = {}, {}
    for name, (topic, definition) in read_topics(bag).items():
        if short := next((t for t in _TOPICS if name == t or name.endswith(f'/{t}')), None):
            names[name], decode[name] = short, Codec(topic.type_name, definition).decode
    for message in read_bag(bag, names):
        messages[names[message.topic]].append(decode[message.topic](message.data))
    return _columns(messages)


def _columns(messages: dict[str, list]) -> FlightData:
    navigation, guidance, truth, ranges, aid, reports = (messages[t] for t in _TOPICS)
    aid = [m for m in aid if m.source.startswith('range') and len(m.innovation) == 1]
    return FlightData(
        navigation=_table(navigation, {n: [getattr(m, n) for m in navigation] for n in _NAVIGATION}),
        guidance=_table(guidance, {n: [getattr(m, n) for m in guidance] for n in _GUIDANCE}),
        truth=_table(truth, _truth(truth)),
        ranges=_table(ranges, {'range_m': [m.range_m for m in ranges]}),
        innovations=_table(aid, {'innovation': [m.innovation[0] for m in aid],
                                 'sigma': [m.innovation_variance[0]**0.5 for m in aid],
                                 'outcome': [m.outcome for m in aid]}),
        touchdown=reports[-1] if reports else None)


def _table(messages: list, columns: dict[str, Any]) -> Columns | None:
    if not messages:
        return None
    time = [m.header.stamp.sec + 1e-9 * m.header.stamp.nanosec for m in messages]
    order = np.argsort(time, kind='stable')
    return {name: np.array(values, float)[order] for name, values in {'time': time, **columns}.items()}


def _truth(messages: list) -> dict[str, list[float]]:
    columns: dict[str, list[float]] = {name: [] for name in _TRUTH}
    for m in messages:
        p, q, v = m.pose.pose.position, m.pose.pose.orientation, m.twist.twist.linear
        centre = np.array([p.x, p.y, p.z + MOON_RADIUS])  # map axes, from the centre of the Moon
        radius = np.linalg.norm(centre)
        up = centre / radius
        turn = rotations.to_matrix(np.array([q.x, q.y, q.z, q.w]))
        velocity = turn @ np.array([v.x, v.y, v.z])
        climb = velocity @ up
        columns['height_m'].append(radius - MOON_RADIUS)
        columns['arc_m'].append(MOON_RADIUS * np.arctan2(np.hypot(p.x, p.y), centre[2]))
        columns['sink_m_s'].append(-climb)
        columns['speed_m_s'].append(np.sqrt(max(0.0, velocity @ velocity - climb**2)))
        columns['tilt_rad'].append(np.arccos(np.clip(turn[:, 2] @ up, -1.0, 1.0)))
    return columns

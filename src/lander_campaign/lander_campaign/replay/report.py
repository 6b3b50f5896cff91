"""A replay in the terminal: what came again bit for bit, and what would have been believed differently."""

import math
from collections.abc import Iterable
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lander_campaign.replay.comparison import Comparison, Largest, Story
from lander_campaign.replay.findings import Excess, altitude_errors, off_by, over_limit
from lander_campaign.replay.player import Outcome
from lander_estimation.status import Outcome as AidOutcome

OPEN_LOOP = ('Open loop: the recorded samples are heard once more; the lander does not fly differently. For '
             'what would have happened, fly it again: `frigoris land` or `frigoris campaign` with the same '
             '--set.')


def show(console: Console, outcome: Outcome, threshold: float) -> None:
    """Print counts of messages, differences, ranges, phases and broken limits.

    `threshold` [m]: an altitude that differs by more is off.
    """
    c = outcome.comparison
    console.print(OPEN_LOOP, style='yellow', highlight=False)
    _line(console, f'{outcome.end - outcome.begin:.1f} s of flight, {outcome.imu_samples} IMU samples, '
                   f'replayed in {outcome.wall_s:.1f} s: {outcome.realtime_factor:.0f} x real time')
    for time, fault, active in outcome.faults:
        _line(console, f'T+ {time:.2f} s  {fault.what} {fault.how.kind} {fault.how.value:g} '
                       f'{"begins" if active else "ends"}')
    if outcome.changed_samples:
        _line(console, f'{outcome.changed_samples} samples changed or taken away by faults')
    for text in outcome.refused:
        console.print(text, style='bold red', highlight=False)
    if c.topics:
        console.print(_messages(c))
    console.print(_differences(c, threshold))
    _line(console, 'Ranges')
    console.print(_ranges(c))
    _line(console, 'Guidance, recorded and replayed')
    console.print(_guidance(c))


def _line(console: Console, text: str) -> None:
    console.print(Text(text), soft_wrap=True)


def _table(*columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for i, name in enumerate(columns):
        table.add_column(name, justify='left' if i == 0 else 'right', overflow='fold')
    return table


def _messages(c: Comparison) -> Table:
    table = _table('messages', 'identical', 'differing', 'only recorded', 'only replayed')
    for topic, n in sorted(c.topics.items()):
        style = 'green' if n.same else 'yellow'
        counts = n.identical, n.differing, n.only_recorded, n.only_replayed
        table.add_row(topic, *map(str, counts), style=style)
    return table


def _differences(c: Comparison, threshold: float) -> Table:
    errors = altitude_errors(c)
    altitude = Largest()
    for time, error in errors:
        altitude.look(abs(error), time)
    table = _table('replayed less recorded', 'largest', 'at')
    for name, largest, unit in (('altitude', altitude, 'm'), ('position', c.position, 'm'),
                                ('velocity', c.velocity, 'm/s')):
        at = '' if math.isnan(largest.time) else f'T+ {largest.time:.2f} s'
        table.add_row(name, f'{largest.value:.4g} {unit}', at)
    off = off_by(errors, threshold)
    table.add_row(f'altitude off by more than {threshold:g} m', f'{off.duration:.1f} s', _when(off))
    for name, story in (('recorded', c.recorded), ('replayed', c.replayed)):
        broken = over_limit(story)
        where = f'{_when(broken)}, {broken.altitude:.0f} m high' if broken.duration else ''
        table.add_row(f'sink-rate limit broken, {name}', f'{broken.duration:.1f} s', where)
        if broken.duration:
            table.add_row('  by at most', f'{broken.largest:.2f} m/s', '')
    return table


def _when(excess: Excess) -> str:
    if not excess.duration:
        return ''
    return f'T+ {excess.first:.1f} s' + (f' to {excess.last:.1f} s' if excess.last > excess.first else '')


def _ranges(c: Comparison) -> Table:
    table = _table('outcome', 'recorded', 'replayed')
    for kind in AidOutcome:
        before, after = ({why: n for (o, why), n in story.reasons.items() if o == kind}
                         for story in (c.recorded, c.replayed))
        name = kind.name.lower().replace('_', ' ')
        table.add_row(name, str(sum(before.values())), str(sum(after.values())))
        for why in sorted((before.keys() | after.keys()) - {''}):
            table.add_row(f'  {why}', str(before.get(why, 0)), str(after.get(why, 0)))
    return table


def _guidance(c: Comparison) -> Table:
    table = _table('', 'recorded', 'replayed', 'why, replayed')
    for kind in ('phases', 'decisions'):
        before, after = getattr(c.recorded, kind), getattr(c.replayed, kind)
        for one, other in _side_by_side(before, after):
            name, why = (other or one)[1:]
            table.add_row(name, _time(one), _time(other), why)
    return table


def _side_by_side(before: list, after: list) -> Iterable[tuple[Any, Any]]:
    """Pair entries (time, name, reason) of the same name in order; None where one side has no such entry."""
    i = 0
    for one in before:
        at = next((k for k in range(i, len(after)) if after[k][1] == one[1]), None)
        if at is None:
            yield one, None
            continue
        yield from ((None, other) for other in after[i:at])
        yield one, after[at]
        i = at + 1
    yield from ((None, other) for other in after[i:])


def _time(entry: tuple[float, str, str] | None) -> str:
    return '-' if entry is None else f'{entry[0]:.2f} s'


def as_dict(outcome: Outcome, threshold: float) -> dict[str, Any]:
    """Return the findings for replay.json; what is not known is None."""
    c = outcome.comparison
    off = off_by(altitude_errors(c), threshold)

    def story(s: Story) -> dict[str, Any]:
        broken = over_limit(s)
        return {'phases': s.phases, 'decisions': s.decisions, 'sink_rate_limit_broken_s': broken.duration,
                'ranges': [{'outcome': AidOutcome(o).name.lower(), 'reason': why, 'count': n}
                           for (o, why), n in sorted(s.reasons.items())]}

    return {'identical': c.identical, 'interrupted': outcome.interrupted,
            'messages': {topic: vars(counts) for topic, counts in sorted(c.topics.items())},
            'largest_position_difference_m': c.position.value,
            'largest_velocity_difference_m_s': c.velocity.value,
            'largest_altitude_difference_m': max((abs(e) for _, e in altitude_errors(c)), default=None),
            'altitude_off_m': threshold, 'altitude_off_s': off.duration,
            'recorded': story(c.recorded), 'replayed': story(c.replayed),
            'flight_time_s': outcome.end - outcome.begin if outcome.imu_samples else None,
            'realtime_factor': outcome.realtime_factor if outcome.imu_samples else None}

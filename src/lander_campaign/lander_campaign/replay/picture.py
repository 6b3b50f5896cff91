"""One page: the altitude as recorded and as replayed, and what became of the ranges."""

import textwrap
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from lander_campaign.replay.comparison import Comparison, Story
from lander_campaign.replay.findings import altitude_errors
from lander_estimation.status import Outcome as AidOutcome
from lander_telemetry.picture import PHASE_TINTS, STYLE, pyplot

_RECORDED, _REPLAYED = '#222222', '#2f81c7'
_MARKS = {AidOutcome.FUSED: ('#2e8b57', 'o'), AidOutcome.REJECTED: ('#c22f2f', 'x'),
          AidOutcome.TERRAIN_CHANGE: ('#8855bb', '^')}
_BEFORE, _AFTER = 20.0, 5.0  # [s] round braking and touchdown


def draw(comparison: Comparison, title: str, output: Path) -> bool:
    """Draw a comparison into a PNG file; return False, and draw nothing, if there is no altitude in it."""
    if not comparison.replayed.altitudes:
        return False
    span = _span(comparison)
    with pyplot.rc_context(STYLE):
        figure, (above, middle, below) = pyplot.subplots(
            3, 1, figsize=(13.0, 9.5), sharex=True, layout='constrained', height_ratios=(2.0, 1.0, 1.0))
        _altitudes(above, comparison, span)
        _errors(middle, comparison, span)
        _ranges(below, comparison)
        for axes in (above, middle, below):
            _tint(axes, comparison.replayed, span)
            axes.legend(loc='best' if axes is above else 'upper left', ncols=2)
        above.set_xlim(*span)
        below.set_xlabel('flight time [s]')
        figure.suptitle(textwrap.fill(title, 100), x=0.01, ha='left', fontsize=13, fontweight='bold')
        figure.savefig(output)
        pyplot.close(figure)
    return True


def _span(comparison: Comparison) -> tuple[float, float]:
    """Return begin and end [s] of what is shown: braking to touchdown, or all there is."""
    times = [entry[0] for entry in comparison.replayed.altitudes]
    begin, end = times[0], times[-1]
    for time, name, _ in comparison.replayed.phases:
        if name == 'BRAKING':
            begin = max(begin, time - _BEFORE)
        if name == 'TOUCHDOWN':
            end = min(end, time + _AFTER)
    return begin, max(end, begin + 1.0)


def _columns(entries: list[tuple], span: tuple[float, float]) -> np.ndarray:
    found = np.array(entries, float)
    return found[(found[:, 0] >= span[0]) & (found[:, 0] <= span[1])].T


def _altitudes(axes: Axes, comparison: Comparison, span: tuple[float, float]) -> None:
    time, altitude, low, high = _columns(comparison.replayed.altitudes, span)
    axes.fill_between(time, np.maximum(low, 0.1), high, color=_REPLAYED, alpha=0.2, lw=0,
                      label='credible, replayed')
    axes.plot(time, altitude, color=_REPLAYED, label='replayed')
    if comparison.recorded.altitudes:
        time, altitude, *_ = _columns(comparison.recorded.altitudes, span)
        axes.plot(time, altitude, color=_RECORDED, lw=1.1, ls=(0, (4, 3)), label='recorded')
    axes.set_yscale('log')
    axes.set_ylim(bottom=1.0)
    axes.set_ylabel('altitude [m]')
    axes.set_title('Altitude above the ground: what was believed, and what would have been (open loop)')


def _errors(axes: Axes, comparison: Comparison, span: tuple[float, float]) -> None:
    errors = altitude_errors(comparison)
    if errors:
        time, error = _columns(errors, span)
        axes.plot(time, error, color=_REPLAYED, label='replayed less recorded')
    axes.set_ylabel('altitude [m]')
    axes.set_title('Difference')


def _ranges(axes: Axes, comparison: Comparison) -> None:
    c = comparison
    for name, height, story in (('recorded', 1.0, c.recorded), ('replayed', 0.0, c.replayed)):
        for kind, (colour, mark) in _MARKS.items():
            times = [time for time, _, outcome in story.ranges if outcome == kind]
            if times:
                label = f'{kind.name.lower().replace("_", " ")}, {name} ({len(times)})'
                axes.plot(times, np.full(len(times), height), mark, color=colour, ms=4, ls='', label=label)
    axes.set_yticks([0.0, 1.0], ['replayed', 'recorded'])
    axes.set_ylim(-0.6, 2.2)
    axes.set_title('Ranges')


def _tint(axes: Axes, story: Story, span: tuple[float, float]) -> None:
    ends = [time for time, *_ in story.phases[1:]] + [span[1]]
    for (begin, name, _), end in zip(story.phases, ends):
        if min(end, span[1]) > max(begin, span[0]):
            axes.axvspan(max(begin, span[0]), min(end, span[1]), color=PHASE_TINTS.get(name, '#ffffff'), lw=0,
                         zorder=-1)

"""One page that shows a campaign."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle
from matplotlib.ticker import MaxNLocator

from lander_campaign.observer import LEVELS_M
from lander_campaign.run import Run
from lander_telemetry.picture import STYLE, pyplot

_GOOD, _BAD, _LIMIT = '#2f81c7', '#c22f2f', '#c22f2f'
_LINES = 20  # single flights in the fan


def draw(output: Path, content: dict[str, Any], runs: Sequence[Run]) -> None:
    """Draw where and how fast the runs touched down, how they came down, and what they had left.

    `content` is that of campaign.json.
    """
    limits = content['limits']
    with pyplot.rc_context(STYLE):
        figure, axes = pyplot.subplots(2, 2, figsize=(13.0, 10.0), layout='constrained')
        _places(axes[0, 0], runs, limits)
        _speeds(axes[0, 1], runs, limits)
        _fan(axes[1, 0], runs)
        _propellant(axes[1, 1], runs)
        low, high = (100.0 * bound for bound in content['interval_95'])
        figure.suptitle(f'{content["scenario"]}: {content["passed"]} of {len(runs)} passed, '
                        f'95 % interval {low:.1f} to {high:.1f} %', x=0.01, ha='left', fontsize=13,
                        fontweight='bold')
        figure.savefig(output)
        pyplot.close(figure)


def _scatter(axes: Axes, runs: Sequence[Run], x: str, y: str) -> None:
    for passed, colour, marker, label in ((True, _GOOD, 'o', 'passed'), (False, _BAD, 'x', 'not passed')):
        chosen = [run for run in runs if run.passed is passed and np.isfinite(run.vertical_speed_m_s)]
        if chosen:
            axes.plot([getattr(r, x) for r in chosen], [getattr(r, y) for r in chosen], marker, color=colour,
                      ms=4.5, alpha=0.7, mew=1.0, label=f'{label} ({len(chosen)})')


def _places(axes: Axes, runs: Sequence[Run], limits: dict[str, float]) -> None:
    radius = limits['distance_from_target_m']
    _scatter(axes, runs, 'east_m', 'north_m')
    axes.plot(0.0, 0.0, '+', color='#222222', ms=12, label='target')
    axes.add_patch(Circle((0.0, 0.0), radius, fill=False, color=_LIMIT, lw=1.2, label=f'limit, {radius:g} m'))
    axes.set_aspect('equal', 'datalim')
    axes.set_title('Touchdown')
    axes.set_xlabel('east of the target [m]')
    axes.set_ylabel('north of the target [m]')
    axes.legend(loc='upper left')


def _speeds(axes: Axes, runs: Sequence[Run], limits: dict[str, float]) -> None:
    _scatter(axes, runs, 'horizontal_speed_m_s', 'vertical_speed_m_s')
    axes.set_xscale('log')
    axes.set_yscale('log')
    axes.axvline(limits['horizontal_speed_m_s'], color=_LIMIT, lw=1.2, label='limits')
    axes.axhline(limits['vertical_speed_m_s'], color=_LIMIT, lw=1.2)
    axes.set_title('Speed at the first contact')
    axes.set_xlabel('sideways [m/s]')
    axes.set_ylabel('down [m/s]')
    axes.legend(loc='best')


def _fan(axes: Axes, runs: Sequence[Run]) -> None:
    levels = np.array(LEVELS_M)
    sinks = np.array([run.sink_rates_m_s for run in runs if run.passed]).reshape(-1, len(levels))
    known = np.isfinite(sinks).any(axis=0)
    if known.any():
        low, p5, middle, p95, high = np.nanquantile(sinks[:, known], (0.0, 0.05, 0.5, 0.95, 1.0), axis=0)
        axes.fill_betweenx(levels[known], low, high, color=_GOOD, alpha=0.15, lw=0, label='passed, all')
        axes.fill_betweenx(levels[known], p5, p95, color=_GOOD, alpha=0.3, lw=0, label='5 to 95 %')
        axes.plot(middle, levels[known], color=_GOOD, label='median')
    missed = [run for run in runs if not run.passed and np.isfinite(run.sink_rates_m_s).any()]
    for number, run in enumerate(missed[:_LINES]):
        axes.plot(run.sink_rates_m_s, levels, color=_BAD, lw=0.8, label='' if number else 'not passed')
    axes.set_yscale('log')
    axes.set_title('Descent')
    axes.set_xlabel('sink rate [m/s]')
    axes.set_ylabel('altitude above the ground [m]')
    if known.any() or missed:
        axes.legend(loc='best')


def _propellant(axes: Axes, runs: Sequence[Run]) -> None:
    left = [run.propellant_left_kg for run in runs if np.isfinite(run.propellant_left_kg)]
    if left:
        axes.hist(left, bins='auto', color=_GOOD, alpha=0.8)
        axes.axvline(float(np.median(left)), color='#222222', lw=1.1, ls=(0, (4, 3)), label='median')
        axes.legend(loc='best')
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title('Propellant left')
    axes.set_xlabel('[kg]')
    axes.set_ylabel('runs')

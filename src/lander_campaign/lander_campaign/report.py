"""The results of a campaign, and of one run, in a terminal."""

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from lander_campaign.campaign import COMPLETE, Plan
from lander_campaign.run import Run
from lander_campaign.statistics import QUANTITIES
from lander_common.vehicle import Vehicle

_SHOWN = {'min': 'min', 'p01': '1 %', 'median': 'median', 'p99': '99 %', 'max': 'max'}
_LISTED = 10  # runs that did not pass


def progress(console: Console) -> Progress:
    """Return a progress bar with its description, a count and the time left."""
    columns = (TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console)


def show(console: Console, plan: Plan, vehicle: Vehicle, runs: Sequence[Run],
         content: dict[str, Any]) -> None:
    """Print the success rate, the quantiles against their limits, and the first runs that did not pass."""
    lower, upper = (100.0 * bound for bound in content['interval_95'])
    share = 100.0 * content['passed'] / len(runs) if runs else math.nan
    console.print(f'{content["passed"]} of {len(runs)} passed: {share:.2f} %, '
                  f'95 % interval {lower:.2f} to {upper:.2f} %', highlight=False,
                  style='bold green' if content['required_rate_reached'] else 'bold red')
    grid = Table(box=SIMPLE_HEAD, pad_edge=False)
    _columns(grid, *_SHOWN.values(), 'limit')
    for name, label in QUANTITIES.items():
        limit = getattr(vehicle.limits, name, None)
        values = content['quantiles'][name]
        grid.add_row(Text(label), *(_cell(values.get(q), limit) for q in _SHOWN), _limit(limit))
    console.print(grid)
    if count := content['runs_with_faults_found']:
        console.print(f'The allocator took thrusters for broken in {count} of {len(runs)} runs, '
                      'see faults_found in runs.parquet.', highlight=False)
    if content['ended'] != COMPLETE:
        console.print(f'Ended early ({content["ended"]}): {len(runs)} of {plan.runs} runs flown and kept.',
                      style='yellow')
    missed = [run for run in runs if not run.passed]
    for run in missed[:_LISTED]:
        console.print(Text(f'run {run.index}, seed {run.seed}: {why_not(run, vehicle)}'), soft_wrap=True)
    if missed:
        if len(missed) > _LISTED:
            console.print(f'and {len(missed) - _LISTED} more, see runs.parquet')
        console.print('The same command with --only INDEX repeats one of them and records all of it.')


def show_run(console: Console, run: Run, vehicle: Vehicle) -> None:
    """Print one run against its limits."""
    console.print(Text(title_of(run), style='bold green' if run.passed else 'bold red'), soft_wrap=True)
    grid = Table(box=SIMPLE_HEAD, pad_edge=False)
    _columns(grid, 'value', 'limit')
    for name, label in QUANTITIES.items():
        limit = getattr(vehicle.limits, name, None)
        grid.add_row(Text(label), _cell(getattr(run, name), limit), _limit(limit))
    console.print(grid)


def title_of(run: Run) -> str:
    """Return in one line which run it was and how it ended."""
    return f'run {run.index}, seed {run.seed}: {run.result}, {run.reason}'


def why_not(run: Run, vehicle: Vehicle) -> str:
    """Say why a run did not pass."""
    if run.result != 'landed':
        return f'{run.result}: {run.reason}'
    limits = dataclasses.asdict(vehicle.limits)
    return ', '.join(f'{name} {getattr(run, name):.4g} (limit {limit:g})'
                     for name, limit in limits.items() if not getattr(run, name) <= limit)


def show_folder(console: Console, folder: Path) -> None:
    """Print what was left where."""
    names = ', '.join(sorted(path.name for path in folder.iterdir()))
    console.print(Text.assemble((str(folder), 'bold'), f': {names}'), soft_wrap=True)


def _columns(grid: Table, *names: str) -> None:
    grid.add_column('', no_wrap=True)
    for name in names:
        grid.add_column(name, justify='right', no_wrap=True)


def _limit(limit: float | None) -> str:
    return '' if limit is None else f'{limit:g}'


def _cell(value: float | None, limit: float | None) -> Text:
    if value is None or not math.isfinite(value):
        return Text('--')
    text = f'{value:.2f}' if abs(value) < 100.0 else f'{value:.0f}'
    return Text(text, style='bold red' if limit is not None and value > limit else '')

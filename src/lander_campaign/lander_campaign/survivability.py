"""How late the first valid range may come, and how wrong the altitude may be by then: a map.

Each cell of the map is a campaign of its own. The ground lies higher than the site file says by the
altitude error (believed minus true), and the laser is rated for the range at which it is to wake up.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import yaml
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from lander_campaign import report, results
from lander_campaign.campaign import Plan
from lander_campaign.run import Run, Task, fly, run_of, seed_of
from lander_campaign.statistics import interval
from lander_campaign.workers import answers
from lander_common.yaml_file import read

OURS, TRUSTING = 'lower bound', 'estimate'
POLICIES = {OURS: (), TRUSTING: ('guidance.trust_estimate=true',)}
"""What guidance trusts, and the settings that make it do so."""


@dataclasses.dataclass(frozen=True)
class Cell:
    """One campaign of the map."""

    policy: str
    first_range_m: float  # at which the laser is rated
    altitude_error_m: float  # believed minus true


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of a cell; one row of survivability.parquet."""

    policy: str
    first_range_m: float
    altitude_error_m: float
    runs: int
    landed: int  # at rest on its feet
    passed: int  # and within every limit of the vehicle
    first_range_altitude_m: float  # median of the true altitudes at which the first valid range came
    vertical_speed_m_s: float  # median at contact
    propellant_left_kg: float  # median


def survey(plan: Plan, ranges: Sequence[float], errors: Sequence[float], folder: Path,
           console: Console) -> list[Outcome]:
    """Fly `plan.runs` flights of every cell; leave scenarios, table and picture in `folder`.

    `ranges` are first valid ranges [m], `errors` altitude errors [m]. All cells fly the same seeds. Ctrl-C
    leaves the cells that are complete.
    """
    cells = [Cell(policy, r, e) for policy in POLICIES for r in ranges for e in errors]
    flown: dict[Cell, list[Run]] = {}
    try:
        with report.progress(console) as progress:
            bar = progress.add_task('flying', total=len(cells) * plan.runs)
            with closing(answers(fly, _tasks(plan, cells, folder), plan.workers)) as stream:
                for task, answer in stream:
                    flown.setdefault(cells[task.index // plan.runs], []).append(run_of(task, answer))
                    progress.advance(bar)
    except KeyboardInterrupt:
        console.print('Ended early: the complete cells are kept.', style='yellow')
    outcomes = [_outcome(cell, flown[cell]) for cell in cells if len(flown.get(cell, [])) == plan.runs]
    _write(folder, plan, outcomes)
    return outcomes


def _tasks(plan: Plan, cells: Sequence[Cell], folder: Path) -> Iterator[Task]:
    base = read(plan.parameters.scenario_file)
    for number, cell in enumerate(cells):
        path = folder / 'scenarios' / f'{cell.first_range_m:g}m_{cell.altitude_error_m:+g}m.yaml'
        _write_scenario(path, base, cell)
        parameters = dataclasses.replace(plan.parameters, scenario_file=str(path))
        software = plan.software.changed(POLICIES[cell.policy])
        for i in range(plan.runs):
            yield Task(number * plan.runs + i, dataclasses.replace(parameters, seed=seed_of(plan.seed, i)),
                       software)


def _write_scenario(path: Path, base: dict[str, Any], cell: Cell) -> None:
    sensors, terrain = base.get('sensors', {}), base.get('terrain', {})
    content = {**base, 'name': path.stem,
               'sensors': {**sensors, 'laser': {**sensors.get('laser', {}),
                                                'rated_range_m': cell.first_range_m}},
               'terrain': {**terrain, 'height_offset_m': cell.altitude_error_m}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding='utf-8')


def _outcome(cell: Cell, runs: Sequence[Run]) -> Outcome:
    def median(name: str) -> float:
        values = np.array([getattr(run, name) for run in runs])
        values = values[np.isfinite(values)]
        return float(np.median(values)) if values.size else float('nan')

    return Outcome(*dataclasses.astuple(cell), len(runs), sum(run.result == 'landed' for run in runs),
                   sum(run.passed for run in runs), median('first_range_altitude_m'),
                   median('vertical_speed_m_s'), median('propellant_left_kg'))


def _write(folder: Path, plan: Plan, outcomes: Sequence[Outcome]) -> None:
    types = {int: pyarrow.int64(), str: pyarrow.string(), float: pyarrow.float64()}
    fields = dataclasses.fields(Outcome)
    results.write_table(folder / 'survivability.parquet',
                        {f.name: [getattr(o, f.name) for o in outcomes] for f in fields},
                        {f.name: types[f.type] for f in fields})
    results.write_json(folder / 'survivability.json', {
        'seed': plan.seed, 'runs_per_cell': plan.runs, 'settings': plan.software.differences(),
        'policies': {name: list(settings) for name, settings in POLICIES.items()},
        'cells': [{k: v if v == v else None for k, v in dataclasses.asdict(o).items()} for o in outcomes]})


def matrix(outcomes: Sequence[Outcome], policy: str) -> tuple[np.ndarray, list[float], list[float]]:
    """Return the shares that landed of one policy, (ranges, errors), NaN where not flown, and both axes."""
    ranges = sorted({o.first_range_m for o in outcomes})
    errors = sorted({o.altitude_error_m for o in outcomes})
    share = np.full((len(ranges), len(errors)), np.nan)
    for o in outcomes:
        if o.policy == policy:
            share[ranges.index(o.first_range_m), errors.index(o.altitude_error_m)] = o.landed / o.runs
    return share, ranges, errors


def show(console: Console, outcomes: Sequence[Outcome]) -> None:
    """Print a table for each policy: percent landed, first range down, altitude error across."""
    for policy in POLICIES:
        share, ranges, errors = matrix(outcomes, policy)
        table = Table(box=SIMPLE_HEAD, title_justify='left',
                      title=f'landed [%], guidance trusts the {policy}')
        table.add_column('first range [m] \\ believed too high by [m]')
        for error in errors:
            table.add_column(f'{error:+g}', justify='right')
        for row, first in zip(share[::-1], ranges[::-1]):
            table.add_row(f'{first:g}', *(_cell(value) for value in row))
        console.print(table)
    if outcomes:
        n = outcomes[0].runs
        console.print(f'{n} flights a cell: {n} of {n} is a 95 % interval from '
                      f'{100.0 * interval(n, n)[0]:.0f} %')


def _cell(share: float) -> str:
    if share != share:
        return '--'
    colour = 'green' if share >= 0.99 else 'yellow' if share >= 0.5 else 'red'
    return f'[{colour}]{100.0 * share:.0f}[/]'

"""The command `frigoris survivability`."""

import os
from pathlib import Path

import click

from lander_bringup import options

RANGES = '150,300,500,700,893,1300,2000,3000,5000'
ERRORS = '-1000,-500,-200,0,200,500,1000,1500,2000'


def _numbers(context: click.Context, option: click.Parameter, text: str) -> list[float]:
    try:
        return sorted({float(part) for part in text.split(',')})
    except ValueError:
        raise click.BadParameter(f'{text!r}: expected numbers with commas between, as in 500,1000') from None


@click.command(epilog="""
\b
Two maps are flown with the same seeds: guidance that believes the lowest altitude still
credible (as delivered), and guidance that trusts its estimate (guidance.trust_estimate).
\b
Exit codes: 0 flown; 2 a file or an option is wrong; 130 ended with Ctrl-C, complete cells kept.
\b
Examples:
  frigoris survivability
  frigoris survivability --ranges 500,893,2000 --errors 0,500,1000 --runs 50
""")
@click.option('--scenario', default='nominal', show_default=True, help='Everything but the two axes.')
@click.option('--ranges', default=RANGES, show_default=True, callback=_numbers, metavar='M,M,...',
              help='Heights above ground of the first valid range [m].')
@click.option('--errors', default=ERRORS, show_default=True, callback=_numbers, metavar='M,M,...',
              help='Altitude errors, believed minus true [m].')
@click.option('--runs', default=20, show_default=True, type=click.IntRange(1, 100_000),
              help='Flights in each cell.')
@click.option('--workers', default=len(os.sched_getaffinity(0)), show_default='cores of this machine',
              type=click.IntRange(1, 1024), help='Processes that fly at the same time.')
@click.option('--seed', default=1, show_default=True, type=click.IntRange(0, 2**63 - 1),
              help='Of all flights.')
@click.option('--vehicle', default='resilience', show_default=True, help='Name of a file in config/vehicles.')
@click.option('--site', default='mare_frigoris', show_default=True, help='Name of a file in config/sites.')
@click.option('--set', 'settings', multiple=True, metavar='NODE.PARAMETER=VALUE',
              help='Change a parameter of the flight software; may be repeated.')
@click.option('--campaigns', default='campaigns', show_default=True, type=click.Path(path_type=Path),
              help='Folder in which the folder of the survey is made.')
def survivability(ranges: list[float], errors: list[float], runs: int, workers: int, seed: int,
                  settings: tuple[str, ...], campaigns: Path, **names: str) -> None:
    """Map how late the first valid range may come and how wrong the altitude may be.

    Leaves survivability.png, survivability.parquet, survivability.json and the scenario of each cell in a new
    folder in campaigns/.
    """
    options.check_names(names)
    from rich.console import Console

    from lander_campaign import conduct, report, survivability, survivability_picture
    from lander_campaign.flight import files
    from lander_campaign.software import Software
    from lander_telemetry import flight_folder
    parameters = files(options.config(), names['vehicle'], names['site'], names['scenario'])
    console = Console()
    try:
        plan = conduct.Plan(parameters, seed, runs, workers, software=Software().changed(settings))
        conduct.check(plan, console)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    folder = flight_folder.create(campaigns, 'survivability')
    outcomes = survivability.survey(plan, ranges, errors, folder, console)
    survivability.show(console, outcomes)
    if outcomes:
        survivability_picture.draw(folder / 'survivability.png', f'{names["scenario"]}: share that landed, '
                                   f'{runs} flights a cell', outcomes)
    report.show_folder(console, folder)
    if len(outcomes) < 2 * len(ranges) * len(errors):
        raise SystemExit(130)

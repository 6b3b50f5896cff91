"""The command `frigoris campaign`."""

import os
import sys
from pathlib import Path

import click

from lander_bringup import options


@click.command(epilog="""
\b
What is dispersed stands in the scenario file: `uncertainty` (orbit, mass, thrust, Isp,
alignment), `sensors`, and the synthetic ground. Run i draws everything from a seed that
follows from --seed and i alone, so the results are the same for any number of workers.
The seed of each run is in runs.parquet; `frigoris land --seed` flies it with all nodes.
\b
Exit codes:
  0  the required share of runs passed: landed within the limits of the vehicle
  1  fewer did; the screen and campaign.json say which and why
  2  a file or an option is wrong; nothing was flown
  130  ended with Ctrl-C; the runs flown so far are kept
\b
Examples:
  frigoris campaign nominal --runs 1000
  frigoris campaign mission1 --site atlas_crater --runs 200 --require 0.99
  frigoris campaign mission2 --runs 10000 --stop-at 0.01    enough is known after fewer
  frigoris campaign mission2 --only 17                      run 17 alone, with full history
  frigoris campaign mission2 --set guidance.sink_margin=0.6  other flight software
  frigoris campaign my_faults.yaml --runs 20 --seed 5       your own scenario file
""")
@click.argument('scenario')
@click.option('--runs', default=100, show_default=True, type=click.IntRange(1, 1_000_000), help='How many.')
@click.option('--workers', default=len(os.sched_getaffinity(0)), show_default='cores of this machine',
              type=click.IntRange(1, 1024), help='Processes that fly at the same time.')
@click.option('--seed', default=1, show_default=True, type=click.IntRange(0, 2**63 - 1),
              help='Of the campaign.')
@click.option('--vehicle', default='resilience', show_default=True, help='Name of a file in config/vehicles.')
@click.option('--site', default='mare_frigoris', show_default=True, help='Name of a file in config/sites.')
@click.option('--sensors', default='',
              help='Name of a file in config/sensors.  [default: that of the vehicle]')
@click.option('--terrain-dir', default='', type=click.Path(file_okay=False),
              help='Folder of elevation models.  [default: beside the scenario file]')
@click.option('--set', 'settings', multiple=True, metavar='NODE.PARAMETER=VALUE',
              help='Change a parameter of the flight software; may be repeated.')
@click.option('--require', default=1.0, show_default=True, type=click.FloatRange(0.0, 1.0),
              help='Share of runs that must pass for exit code 0.')
@click.option('--stop-at', type=click.FloatRange(0.0, 1.0, min_open=True), metavar='HALF_WIDTH',
              help='Stop when the 95 % interval of the success rate is no wider than twice this; looked at '
                   'after every 50 runs.')
@click.option('--only', type=click.IntRange(0), metavar='INDEX',
              help='Repeat this run alone, with its history.')
@click.option('--campaigns', default='campaigns', show_default=True, type=click.Path(path_type=Path),
              help='Folder in which the folder of the campaign is made.')
def campaign(scenario: str, campaigns: Path, only: int | None, settings: tuple[str, ...],
             **given: object) -> None:
    """Fly a scenario many times, each time dispersed anew, without ROS, on all cores.

    SCENARIO is the name of a file in config/scenarios, or the path of a YAML file. One row per run goes to
    runs.parquet in a new folder in campaigns/, the findings to campaign.json, the pictures to campaign.png.
    """
    # Paths keep no suffix here, as names have none.
    name = str(Path(scenario).absolute().with_suffix('')) if scenario.endswith('.yaml') else scenario
    options.check_names({'scenario': name, 'vehicle': given['vehicle'], 'site': given['site']})
    from rich.console import Console

    from lander_campaign import conduct
    from lander_campaign.flight import files
    from lander_campaign.single import repeat
    from lander_campaign.software import Software
    from lander_telemetry import flight_folder
    parameters = files(options.config(), str(given['vehicle']), str(given['site']), name,
                       terrain_dir=str(given['terrain_dir']), sensors=str(given['sensors']))
    console = Console()
    try:
        plan = conduct.Plan(parameters, given['seed'], given['runs'], given['workers'], given['require'],
                            Software().changed(settings), given['stop_at'])
        vehicle = conduct.check(plan, console)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if only is not None:
        sys.exit(repeat(plan, only, flight_folder.create(campaigns, f'{name}-run{only}'), console))
    sys.exit(conduct.conduct(plan, vehicle, flight_folder.create(campaigns, name), console))

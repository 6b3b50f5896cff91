"""The command `frigoris`: fly landings, look at them, run launch files."""

import json
import sys
from pathlib import Path

import click

from lander_bringup import landing
from lander_bringup.campaign_command import campaign
from lander_bringup.options import check_names, config, launch_file
from lander_bringup.recover_command import recover
from lander_bringup.replay_command import replay
from lander_bringup.survivability_command import survivability

EXAMPLES = """
\b
Examples:
  frigoris land                              a landing with everything working
  frigoris land --scenario mission2          the range finder sees the ground far too late
  frigoris land --seed 7 --rate 1            another flight, in real time
  frigoris picture                           draw the latest flight
  frigoris recover flights/latest            make the bag of a killed recorder readable
  frigoris replay flights/latest             the latest flight through the flight software again
  frigoris campaign mission2 --runs 100      a hundred dispersed flights, without ROS
  frigoris survivability                     how late the range finder may wake up
  frigoris launch FILE --show-args           what a launch file can be told
"""


@click.group(epilog=EXAMPLES, context_settings={'help_option_names': ['-h', '--help']})
def main() -> None:
    """Fly lunar landers: ROS 2 flight software, simulator, recorder."""


@main.command(epilog="""
\b
Exit codes:
  0  the flight passed: landed within the limits of its vehicle, rover out
  1  the flight did not pass; the screen and summary.json say why
  2  a file, an option or a node parameter is wrong; nothing was flown
  4  the preflight check of the hardware said NO GO; nothing was ignited
  130  ended with Ctrl-C
\b
Examples:
  frigoris land --scenario mission1 --site atlas_crater
  frigoris land --seed 3 --compose --no-record
  frigoris land --set guidance.touchdown_sink_m_s=1.0
""")
@click.option('--scenario', default='nominal', show_default=True, help='Name of a file in config/scenarios.')
@click.option('--vehicle', default='resilience', show_default=True, help='Name of a file in config/vehicles.')
@click.option('--site', default='mare_frigoris', show_default=True, help='Name of a file in config/sites.')
@click.option('--seed', default=1, show_default=True, type=click.IntRange(0, 2**31 - 1),
              help='Of everything random in the flight.')
@click.option('--rate', default=0.0, show_default=True, type=click.FloatRange(0, 1000),
              help='Flight time over wall time; 1: real time, 0: as fast as possible.')
@click.option('--compose', is_flag=True, help='All flight nodes in one process: faster.')
@click.option('--record/--no-record', default=True, show_default=True, help='Record every topic into a bag.')
@click.option('--log-level', default='warn', show_default=True,
              type=click.Choice(['debug', 'info', 'warn', 'error']), help='Least severity of node messages.')
@click.option('--set', 'settings', multiple=True, metavar='NODE.PARAMETER=VALUE',
              help='Change a parameter of the flight software; may be repeated.')
@click.option('--flights', default='flights', show_default=True, type=click.Path(path_type=Path),
              help='Folder in which the folder of the flight is made.')
@click.argument('others', nargs=-1, metavar='[NAME:=VALUE]...')
def land(flights: Path, settings: tuple[str, ...], others: tuple[str, ...], **options: object) -> None:
    """Fly one simulated landing, with all nodes, and say whether it passed.

    Bag, summary.json and the logs go to a new folder in flights/. Further arguments of
    launch/landing.launch.yaml can be given as NAME:=VALUE.
    """
    file = launch_file('landing.launch.yaml')
    check_names(options)
    from lander_telemetry import flight_folder
    flight = Path(flight_folder.create(flights.absolute(), str(options['scenario'])))
    arguments = {name: _text(value) for name, value in options.items()}
    for other in others:
        name, sign, value = other.partition(':=')
        if not sign:
            raise click.UsageError(f'{other!r}: expected name:=value')
        arguments[name] = value
    if settings:
        base = Path(arguments.get('params_file', file.with_name('landing.params.yaml')))
        arguments['params_file'] = str(flight / 'params.yaml')
        try:
            landing.write_parameters(base, settings, flight / 'params.yaml')
        except (OSError, ValueError) as error:
            raise click.UsageError(str(error)) from error
    (flight / 'arguments.json').write_text(json.dumps(arguments, indent=2) + '\n', encoding='utf-8')
    sys.exit(landing.fly(file, {**arguments, 'flight_dir': str(flight)}, flight))


@main.command(epilog="""
\b
Exit codes: that of the process whose end was the end of the launch (on_exit: shutdown); 2 for a file or
arguments that cannot be used; 130 after Ctrl-C. `ros2 launch`, where there is one, returns 0 instead.
""")
@click.argument('file', type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument('arguments', nargs=-1, metavar='[NAME:=VALUE]...')
@click.option('-s', '--show-args', is_flag=True, help='Show what can be given, and stop.')
def launch(file: Path, arguments: tuple[str, ...], show_args: bool) -> None:
    """Run a ROS 2 YAML launch file, with `ros2 launch` if there is one, else with our own runner."""
    sys.exit(landing.run_launch(file, list(arguments), show_args))


@main.command()
@click.argument('flight', required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option('--output', type=click.Path(path_type=Path), help='Default: flight.png in the folder.')
def picture(flight: Path | None, output: Path | None) -> None:
    """Draw a flight: FLIGHT is its folder; by default the latest in flights/."""
    from lander_telemetry.picture import draw
    folder = flight or _latest_flight()
    bag = folder / 'bag' if (folder / 'bag').is_dir() else folder
    target = output or folder / 'flight.png'
    try:
        draw(bag, target)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(target)


main.add_command(campaign)
main.add_command(recover)
main.add_command(replay)
main.add_command(survivability)


@main.command('compile')
def compile_() -> None:
    """Compile the numerical kernels into the cache on disk, so that the first flight starts at once."""
    from lander_campaign import warm_up
    warm_up.main(config())


def _latest_flight() -> Path:
    folder = Path('flights', 'latest')
    if not folder.is_dir():
        raise click.UsageError('there is no flight in flights/; give the folder of one')
    return folder.resolve()


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == '__main__':
    main()

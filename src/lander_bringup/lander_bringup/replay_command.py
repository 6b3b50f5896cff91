"""The command `frigoris replay`."""

import sys
from pathlib import Path

import click

from lander_bringup import options


@click.command(epilog="""
\b
A replay is open loop: the recorded samples go through estimator, guidance and allocator once more,
and the lander does not fly differently for what they answer. It shows what the flight software would
have believed and commanded. For what would have happened, fly it again: `frigoris land --scenario S
--seed N --set ...` flies the same flight, `frigoris campaign S --set ...` many of them.
\b
Without --set, --fault, --scenario and --map every answer must come again bit for bit.
\b
Faults: WHAT is rangefinder, imu, star_tracker or ground_velocity; HOW and VALUE as in the files of
config/scenarios (no_return, dropout, bias, scale, noise, stuck, spike, latency), TIME and DURATION
in seconds of flight time. Conditions on altitude or phase mean those of the recording.
\b
Exit codes:
  0  replayed, whether identical or not
  1  something differs, and --require-identical was given
  2  a bag, a file or an option is wrong
  130  ended with Ctrl-C; what had been replayed is in the new bag
\b
Examples:
  frigoris replay flights/latest --require-identical
  frigoris replay flights/latest --set state_estimator.range_gate=3
  frigoris replay flights/latest --fault rangefinder:bias:50@4200+10 --fault imu:noise:0.05@4100
  frigoris replay flights/latest --scenario f4_noise --seed 7
  frigoris replay their.mcap --map their.yaml --vehicle resilience --site mare_frigoris
""")
@click.argument('bag', type=click.Path(exists=True, path_type=Path))
@click.option('--set', 'settings', multiple=True, metavar='NODE.PARAMETER=VALUE',
              help='Change a parameter of state_estimator, guidance or thruster_allocator; may be repeated.')
@click.option('--fault', 'faults', multiple=True, metavar='WHAT:HOW[:VALUE]@TIME[+DURATION]',
              help='Break a sensor; may be repeated.')
@click.option('--scenario', default='',
              help='Scenario whose faults apply too, and nothing else of it: name in config/scenarios, or a '
                   'YAML file.')
@click.option('--seed', default=1, show_default=True, type=click.IntRange(0, 2**31 - 1),
              help='Of everything random in the faults.')
@click.option('--map', 'topic_map', type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help='YAML file with the topics of a bag from elsewhere; see the README of lander_campaign.')
@click.option('--vehicle', default='', help='Name of a file in config/vehicles.  [default: as in the flight]')
@click.option('--site', default='', help='Name of a file in config/sites.  [default: as in the flight]')
@click.option('--altitude-off', default=10.0, show_default=True, type=click.FloatRange(0.0),
              help='Altitudes that differ by more [m] are reported as off.')
@click.option('--require-identical', is_flag=True, help='Exit with 1 if anything differs.')
@click.option('--replays', default='replays', show_default=True, type=click.Path(path_type=Path),
              help='Folder in which the folder of the replay is made.')
def replay(bag: Path, scenario: str, vehicle: str, site: str, altitude_off: float, **given: object) -> None:
    """Send the sensor samples of a recorded flight through the flight software again, without ROS.

    BAG is a flight folder, a bag folder or an .mcap file. A new folder in replays/ gets a bag with the sensor
    samples and the new answers, replay.json and replay.png; the screen shows what differs from the recording.
    """
    config = options.config()
    named = bool(scenario) and not scenario.endswith('.yaml')
    file = config / 'scenarios' / f'{scenario}.yaml' if named else scenario
    options.check_names({k: v for k, v in (('vehicle', vehicle), ('site', site)) if v})
    from rich.console import Console

    from lander_campaign.replay.conduct import Plan, conduct
    plan = Plan(bag, config, vehicle=vehicle, site=site, scenario=Path(file) if file else None,
                altitude_off_m=altitude_off, **given)
    try:
        code = conduct(plan, Console())
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)

"""A replay from its options to its folder and exit code."""

import signal
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from lander_campaign import report as campaign_report
from lander_campaign import results
from lander_campaign.replay import faults, foreign, picture, report
from lander_campaign.replay.parameters import NODES, recorded_parameters
from lander_campaign.replay.player import Player
from lander_campaign.replay.source import Source
from lander_campaign.software import parse
from lander_common.parameters import ParameterError
from lander_common.vehicle import load_vehicle
from lander_telemetry import flight_folder
from lander_telemetry.bag_files import find_files
from lander_telemetry.playback import is_cut

DIFFERS, INTERRUPTED = 1, 130


@dataclass(frozen=True)
class Plan:
    """What is to be replayed, and how."""

    bag: Path
    config: Path  # the folder with vehicles/, sites/ and scenarios/
    replays: Path  # where the folder of the replay is made
    vehicle: str = ''  # names; empty: as in the flight
    site: str = ''
    settings: tuple[str, ...] = ()  # NODE.PARAMETER=VALUE
    faults: tuple[str, ...] = ()  # as faults.FORM says
    scenario: Path | None = None  # file whose faults apply too
    topic_map: Path | None = None
    seed: int = 1
    altitude_off_m: float = 10.0
    require_identical: bool = False


def conduct(plan: Plan, console: Console) -> int:
    """Replay, leave a new flight folder, and show what differs.

    Ctrl-C and SIGTERM end it early; what has been replayed is kept.

    Returns:
        0, 1 for differences that were not to be, 130 if ended early.

    Raises:
        ValueError: a bag, a file or an option is wrong; names it and what is allowed. Nothing is written.
        OSError: the new bag cannot be written.
    """
    mapping = foreign.load(plan.topic_map) if plan.topic_map else None
    recorded = recorded_parameters(plan.bag, plan.config, plan.vehicle, plan.site)
    for node in parse(plan.settings):
        if node not in NODES:
            raise ParameterError('setting', node, f'in a replay a parameter of {", ".join(NODES)}')
    software = recorded.software.changed(plan.settings)
    vehicle = load_vehicle(software.state_estimator.vehicle_file)
    broken = [faults.parse(text, vehicle) for text in plan.faults]
    if plan.scenario:
        broken += faults.of_scenario(plan.scenario, vehicle)
    sensor_faults = faults.SensorFaults(
        tuple(broken), plan.seed, software.rangefinder.of_device().timeout_s) if broken else None
    source = Source(plan.bag, mapping)
    notes = [*recorded.notes, *(f'changed: {setting}' for setting in plan.settings)]
    if is_cut(plan.bag):
        notes.append('the bag was cut off while recording: it is read as far as it goes')
    if mapping and broken:
        notes.append('faults act on the way to the estimator; the new bag holds the samples as recorded')
    name = find_files(plan.bag)[0].resolve().parent
    name = name.parent.name if name.name == 'bag' else name.name
    player = Player(source, software, sensor_faults)
    for note in notes:
        console.print(note, style='dim', highlight=False, soft_wrap=True)
    folder = flight_folder.create(plan.replays, f'{name}-replay')
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with console.status('replaying') as status:
            outcome = player.run(folder / 'bag', lambda time: status.update(f'replaying: T+ {time:.0f} s'))
    finally:
        signal.signal(signal.SIGTERM, before)
    report.show(console, outcome, plan.altitude_off_m)
    results.write_json(folder / 'replay.json', {
        'bag': str(plan.bag.absolute()), 'notes': notes, 'faults': list(plan.faults),
        'scenario': str(plan.scenario or ''), 'seed': plan.seed,
        **report.as_dict(outcome, plan.altitude_off_m)})
    changes = ', '.join((*plan.settings, *plan.faults, plan.scenario.stem if plan.scenario else ''))
    picture.draw(outcome.comparison, f'{name} replayed: {changes.strip(", ") or "nothing changed"}',
                 folder / 'replay.png')
    campaign_report.show_folder(console, folder)
    if outcome.interrupted:
        console.print('Ended early; what had been replayed is in the bag.', style='yellow')
        return INTERRUPTED
    return DIFFERS if plan.require_identical and not outcome.comparison.identical else 0

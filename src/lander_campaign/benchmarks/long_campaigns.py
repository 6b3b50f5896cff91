"""Fly the campaigns whose figures the documents quote: hours on two cores.

    python src/lander_campaign/benchmarks/long_campaigns.py                    all of them
    python src/lander_campaign/benchmarks/long_campaigns.py mission2 f1_rim_step
    python src/lander_campaign/benchmarks/long_campaigns.py --runs 50          each with so many flights

What each campaign leaves is in campaigns/. Elevation models are looked for in --terrain-dir; without them
mission1 flies over a synthetic scarp, and its figures say so.
"""

import argparse
import os
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from lander_campaign import conduct, results
from lander_campaign.flight import files
from lander_campaign.software import Software
from lander_campaign.statistics import QUANTITIES
from lander_common.figures import report
from lander_telemetry import flight_folder

ROOT = Path(__file__).resolve().parents[3]


class Case(NamedTuple):
    """One campaign."""

    scenario: str
    runs: int = 1000
    site: str = 'mare_frigoris'
    sensors: str = ''
    settings: tuple[str, ...] = ()


CASES = {
    'nominal': Case('nominal', 10_000),
    'nominal with Doppler velocity': Case('nominal', sensors='resilience_doppler'),
    'nominal without velocity sensor': Case('nominal', sensors='resilience_no_velocity'),
    'mission2': Case('mission2'),
    'mission1': Case('mission1', site='atlas_crater'),
    'mission2_as_flown': Case('mission2_as_flown'),
    'mission1_as_flown': Case('mission1_as_flown', site='atlas_crater'),
    **{name: Case(name) for name in (
        'f1_rim_step', 'f2_late_range', 'f3_no_range', 'f4_noise', 'f5_stuck', 'f6_spike',
        'f7_latency')},
}


def fly(name: str, case: Case, runs: int, terrain_dir: str, console: Console) -> None:
    """Fly one campaign and report its figures."""
    parameters = files(ROOT / 'config', site=case.site, scenario=case.scenario, sensors=case.sensors,
                       terrain_dir=terrain_dir)
    plan = conduct.Plan(parameters, seed=1, runs=runs, workers=len(os.sched_getaffinity(0)),
                        software=Software().changed(case.settings), require=0.99)
    folder = flight_folder.create(ROOT / 'campaigns', case.scenario)
    conduct.conduct(plan, conduct.check(plan, console), folder, console)
    content = results.read_json(folder / 'campaign.json')
    passed, flown = content['passed'], content['flown']
    report(f'{name}: flights that passed, of {flown}', 100.0 * passed / flown, '%')
    report(f'{name}: lower bound of that, 95 % confidence', 100.0 * content['interval_95'][0], '%')
    report(f'{name}: flights with a thruster taken for broken', content['runs_with_faults_found'], '')
    for field, unit in (('vertical_speed_m_s', 'm/s'), ('horizontal_speed_m_s', 'm/s'), ('tilt_deg', 'deg'),
                        ('longest_wait_s', 's'), ('longest_surface_wait_s', 's')):
        quantiles = content['quantiles'][field]
        if quantiles:
            report(f'{name}: {QUANTITIES[field].partition(" [")[0]}, 99 %', quantiles['p99'], unit)
    report(f'{name}: least propellant left', content['quantiles']['propellant_left_kg']['min'], 'kg')


def main() -> None:
    """Fly the campaigns that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('names', nargs='*', metavar='NAME', help='; '.join(CASES))
    parser.add_argument('--runs', type=int)
    parser.add_argument('--terrain-dir', default='')
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in CASES]
    if unknown:
        parser.error(f'no such campaign: {", ".join(unknown)}; there are {", ".join(CASES)}')
    for name in given.names or CASES:
        fly(name, CASES[name], given.runs or CASES[name].runs, given.terrain_dir, Console())


if __name__ == '__main__':
    main()

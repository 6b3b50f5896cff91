"""One run of a campaign repeated alone, with everything that it did."""

import dataclasses
from pathlib import Path

import numpy as np
import pyarrow
from rich.console import Console

from lander_campaign import report, results
from lander_campaign.campaign import Plan
from lander_campaign.flight import Flight
from lander_campaign.history import History
from lander_campaign.run import failed, of_report
from lander_guidance.report import Phase
from lander_telemetry.flight_data import FlightData
from lander_telemetry.picture import draw_data


def repeat(plan: Plan, index: int, folder: Path, console: Console) -> int:
    """Fly run `index` of the campaign; leave history.parquet, run.json and descent.png in `folder`.

    Returns:
        0 if it passed, 1 if not.
    """
    task = plan.task(index)
    flight = Flight(task.parameters, task.software)
    vehicle = flight.simulation.vehicle
    origin = results.provenance(plan, vehicle)
    history = History(flight)

    try:
        with console.status(f'flying run {index}, seed {task.parameters.seed}'):
            run = of_report(task, flight.run(history.look), vehicle)
    except Exception as error:  # as in a campaign: a result; and what led to it is what is wanted here
        console.print_exception()
        run = failed(task, f'{type(error).__name__}: {error}')
    run = dataclasses.replace(run, **flight.observer.values())
    values = {k: v if v == v else None for k, v in dataclasses.asdict(run).items() if k != 'sink_rates_m_s'}
    results.write_json(folder / 'run.json', {**origin, **values})
    if history.rows:
        columns = {name: [row[name] for row in history.rows] for name in history.rows[0]}
        results.write_table(folder / 'history.parquet', columns, {
            name: pyarrow.string() if name == 'phase' else pyarrow.float64() for name in columns})
        draw_data(flight_data(history), report.title_of(run), folder / 'descent.png')
    report.show_run(console, run, vehicle)
    report.show_folder(console, folder)
    return 0 if run.passed else 1


def flight_data(history: History) -> FlightData:
    """Return a history as the columns that pictures are drawn from."""
    names = list(Phase.__members__)
    rows = history.rows
    column = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    time = column['time_s']
    motion = {name: {'sink_m_s': column[f'{name}_sink_rate_m_s'],
                     'speed_m_s': column[f'{name}_ground_speed_m_s'],
                     'tilt_rad': np.radians(column[f'{name}_tilt_deg'])} for name in ('true', 'estimated')}
    innovations = np.array(history.innovations).reshape(-1, 4).T
    return FlightData(
        truth={'time': time, **motion['true'], 'height_m': column['true_height_m'],
               'arc_m': column['true_distance_m']},
        navigation={'time': time, 'tilt_rad': motion['estimated']['tilt_rad'],
                    'ground_speed_m_s': motion['estimated']['speed_m_s'],
                    'vertical_speed_m_s': -motion['estimated']['sink_m_s'],
                    'altitude_m': column['estimated_altitude_m'],
                    'altitude_lower_m': column['lowest_altitude_m'],
                    'altitude_upper_m': column['highest_altitude_m'],
                    'terrain_height_m': column['estimated_terrain_height_m']},
        guidance={'time': time, 'phase': np.array([names.index(p) for p in column['phase']]),
                  'thrust_n': column['commanded_thrust_n'],
                  'propellant_left_kg': column['estimated_propellant_kg'],
                  'sink_rate_m_s': column['estimated_sink_rate_m_s'],
                  'sink_rate_limit_m_s': column['sink_rate_limit_m_s']},
        ranges={'time': time, 'range_m': column['range_m']} if np.isfinite(column['range_m']).any() else None,
        innovations=dict(zip(('time', 'innovation', 'sigma', 'outcome'), innovations))
        if innovations.size else None)

"""A campaign from its plan to its folder and exit code."""

import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from lander_campaign import pictures, report, results, statistics
from lander_campaign.campaign import INTERRUPTED, Plan, fly_all
from lander_campaign.flight import Flight
from lander_campaign.run import Run
from lander_common.vehicle import Vehicle

_SAVE_PERIOD = 30.0  # [s] of wall time: what a kill of this process may cost


def check(plan: Plan, console: Console) -> Vehicle:
    """Set up a flight and fly its first cycle, which compiles the loop once for all; return its vehicle.

    Raises:
        ValueError: one of the files cannot be used; names the file, the field and what is allowed.
    """
    with Flight(plan.parameters, plan.software) as flight, console.status(
            'preparing the flight loop (the first time it is compiled: minutes)'):
        flight.burst(1)
        return flight.simulation.vehicle


def conduct(plan: Plan, vehicle: Vehicle, folder: Path, console: Console) -> int:
    """Fly every run, show the progress, and leave results and pictures in `folder`.

    Ctrl-C and SIGTERM end it early; what has been flown is kept.

    Returns:
        0 if the required share of runs passed, 1 if not, 130 if ended early.
    """
    origin = results.provenance(plan, vehicle)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        runs, ended = _fly(plan, folder, origin, console)
    finally:
        signal.signal(signal.SIGTERM, before)
    content = results.write(folder, origin, runs, ended)
    report.show(console, plan, vehicle, runs, content)
    if runs:
        pictures.draw(folder / 'campaign.png', content, runs)
    report.show_folder(console, folder)
    if ended == INTERRUPTED:
        return 130
    return 0 if content['required_rate_reached'] else 1


def _fly(plan: Plan, folder: Path, origin: dict[str, Any],
         console: Console) -> tuple[list[Run], str]:
    saved = time.monotonic()
    with report.progress(console) as progress:
        bar = progress.add_task('flying', total=plan.runs)

        def show(runs: Sequence[Run]) -> None:
            nonlocal saved
            passed = sum(run.passed for run in runs)
            lower, upper = statistics.interval(passed, len(runs))
            text = f'{passed} of {len(runs)} passed, {100.0 * lower:.1f} to {100.0 * upper:.1f} %'
            progress.update(bar, completed=len(runs), description=text)
            if time.monotonic() > saved + _SAVE_PERIOD:
                results.write(folder, origin, sorted(runs, key=lambda run: run.index), 'not finished')
                saved = time.monotonic()

        return fly_all(plan, show)

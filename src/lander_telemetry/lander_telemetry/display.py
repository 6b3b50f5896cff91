"""The flight in a terminal: one live line, lasting lines above it, and a table at the end."""

import math

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from lander_telemetry.flight import Flight
from lander_telemetry.judgement import Row
from lander_telemetry.preflight_device import Row as PreflightRow

PLAIN_FLIGHT_S, PLAIN_WALL_S = 30.0, 2.0
"""Without a terminal: one line each so many seconds of flight time, and not more often than this."""

_FACTOR_WINDOW_S = 1.0  # wall time over which the real-time factor is measured


class Screen:
    """Shows a flight: in a terminal one line rewritten in place, else a plain line now and then."""

    def __init__(self, console: Console):
        """Show on `console`."""
        self._console = console
        self._live: Live | None = None
        if console.is_terminal:
            self._live = Live(console=console, auto_refresh=False, transient=True)
            self._live.start()
        self._factor = math.nan
        self._measured = (math.nan, -math.inf)  # flight and wall time
        self._shown = (-math.inf, -math.inf)

    def update(self, flight: Flight, wall: float) -> None:
        """Show the latest values at wall time `wall` [s]."""
        self._measure(flight.time, wall)
        if self._live:
            text = Text(line(flight, self._factor), no_wrap=True, overflow='ellipsis')
            self._live.update(text, refresh=True)
        elif flight.time - self._shown[0] >= PLAIN_FLIGHT_S and wall - self._shown[1] >= PLAIN_WALL_S:
            self._shown = (flight.time, wall)
            self.say(line(flight, self._factor))

    def say(self, text: str, style: str = '') -> None:
        """Print a lasting line."""
        self._console.print(Text(text, style=style), soft_wrap=True)

    def close(self) -> None:
        """Remove the live line."""
        if self._live:
            self._live.stop()

    def _measure(self, time: float, wall: float) -> None:
        span = wall - self._measured[1]
        if span >= _FACTOR_WINDOW_S:
            if math.isfinite(span):
                self._factor = (time - self._measured[0]) / span
            self._measured = (time, wall)


def line(flight: Flight, factor: float) -> str:
    """Return the state of the flight in one line of text; `factor` is flight time over wall time."""
    bounds = f'[{_metres(flight.altitude_lower_m)}, {_metres(flight.altitude_upper_m)}]'
    parts = [
        clock(flight.time), f'{flight.phase or "WAIT":<9}', f'alt {_metres(flight.altitude_m)} {bounds}',
        f'sink {_number(flight.sink_rate_m_s)}', f'ground {_number(flight.ground_speed_m_s)} m/s',
        f'tilt {_number(flight.tilt_deg)} deg', f'prop {_number(flight.propellant_kg)} kg',
        f'range finder: {flight.range_finder}']
    if flight.failed_thrusters:
        parts.append(f'{flight.failed_thrusters} thrusters failed')
    return '  '.join([*parts, f'x{_number(factor)}'])


def clock(time: float) -> str:
    """Return a flight time as text."""
    return f'T+{time:8.1f} s' if math.isfinite(time) else 'T+     --.- s'


def table(rows: list[Row], passed: bool) -> Table:
    """Return the verdict as a table."""
    grid = Table(title='PASSED' if passed else 'NOT PASSED',
                 title_style='bold green' if passed else 'bold red')
    grid.add_column('')
    grid.add_column('value', justify='right')
    grid.add_column('limit', justify='right')
    grid.add_column('', justify='center')
    for row in rows:
        verdict = {True: ('PASS', 'green'), False: ('FAIL', 'bold red'), None: ('', '')}[row.passed]
        grid.add_row(row.name, row.value, row.limit, Text(*verdict))
    return grid


def preflight_table(rows: list[PreflightRow], go: bool) -> Table:
    """Return the verdict of the preflight check as a table."""
    grid = Table(title='PREFLIGHT: GO' if go else 'PREFLIGHT: NO GO',
                 title_style='bold green' if go else 'bold red')
    for column in ('device', 'found', 'identified', 'alive', 'clock'):
        grid.add_column(column, no_wrap=column != 'identified')
    grid.add_column('what is wrong', ratio=1)
    for row in rows:
        cells = (row.name, row.found, row.identified, row.alive, row.clock)
        grid.add_row(*(Text(cell, 'bold red' if cell == 'NO' else '') for cell in cells), Text(row.problem))
    return grid


def _metres(value: float) -> str:
    if not math.isfinite(value):
        return '--'
    if abs(value) >= 10e3:
        return f'{value / 1000.0:.2f} km'
    return f'{value:.1f} m' if abs(value) < 100.0 else f'{value:.0f} m'


def _number(value: float) -> str:
    return f'{value:.1f}' if math.isfinite(value) else '--'

"""One page that shows a descent, from its bag alone. A missing topic drops its panel, never the page."""

import argparse
import sys
from pathlib import Path

import matplotlib

matplotlib.use('Agg')
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lander_common.yaml_file import FileError
from lander_telemetry import panels
from lander_telemetry.flight_data import FlightData, read

STYLE = {
    'font.size': 9.5, 'axes.titlesize': 10.5, 'axes.titleweight': 'bold', 'axes.titlelocation': 'left',
    'axes.spines.top': False, 'axes.spines.right': False, 'axes.grid': True, 'grid.color': '#e4e4e4',
    'axes.axisbelow': True, 'lines.linewidth': 1.6, 'legend.frameon': False, 'legend.fontsize': 8.5,
    'figure.facecolor': 'white', 'savefig.dpi': 110}
PHASE_TINTS = {'DEORBIT': '#eeeeee', 'COAST': '#ffffff', 'BRAKING': '#e9f0f8', 'PITCH_UP': '#fdf3e1',
               'TERMINAL': '#eaf5ea', 'TOUCHDOWN': '#f1eaf6', 'LANDED': '#f7f7f7', 'ABORT': '#fbe3e3'}
BEFORE_S, AFTER_S = 20.0, 5.0
"""Margins around braking to touchdown."""


ROWS = (('Altitude above the ground',), ('Descent profile', 'From the first echo on'),
        ('Sink rate', 'Ground speed'), ('Tilt', 'Thrust and propellant'), ('Range innovations',))
BIG, OVER_DISTANCE = ROWS[0] + ROWS[1], ROWS[1]


def draw(bag: Path | str, output: Path | str) -> Path:
    """Draw the descent recorded in a bag folder into a PNG file; return its path.

    Raises:
        FileError: the bag is missing, cut off, unreadable, or holds nothing that can be drawn.
    """
    data = read(bag)
    if data.navigation is None and data.truth is None and data.guidance is None:
        raise FileError(f'{bag}: holds neither navigation nor guidance nor truth')
    draw_data(data, _title(Path(bag), data), output)
    return Path(output)


def draw_data(data: FlightData, title: str, output: Path | str) -> None:
    """Draw a descent, whatever it was read from, into a PNG file."""
    with pyplot.rc_context(STYLE):
        figure = _page(data)
        figure.suptitle(title, x=0.01, ha='left', fontsize=13, fontweight='bold')
        figure.savefig(output)
        pyplot.close(figure)


def window(data: FlightData) -> tuple[float, float]:
    """Return begin and end [s] of what is shown: braking to touchdown, or all there is."""
    times = [c['time'] for c in (data.navigation, data.truth, data.guidance) if c is not None]
    begin, end = min(t[0] for t in times), max(t[-1] for t in times)
    braking = [b for name, b, _ in data.phases if name == 'BRAKING']
    down = [b for name, b, _ in data.phases if name in ('TOUCHDOWN', 'LANDED')]
    if braking:
        begin = max(begin, braking[0] - BEFORE_S)
    if down:
        end = min(end, down[0] + AFTER_S)
    return begin, max(end, begin + 1.0)


def _page(data: FlightData) -> Figure:
    span = window(data)
    data = data.within(*span)
    rows = [row for row in ([p for p in names if _has(panels.ALL[p], data)] for names in ROWS) if row]
    heights = [1.5 if row[0] in BIG else 1.0 for row in rows]
    figure = pyplot.figure(figsize=(13.0, 2.5 * sum(heights) + 0.7), layout='constrained')
    for strip, row in zip(figure.subfigures(len(rows), 1, height_ratios=heights, squeeze=False)[:, 0], rows):
        for axes, title in zip(strip.subplots(1, len(row), squeeze=False)[0], row):
            _panel(axes, title, data, span)
    return figure


def _panel(axes: Axes, title: str, data: FlightData, span: tuple[float, float]) -> None:
    panels.ALL[title](axes, data)
    axes.set_title(title)
    if title not in OVER_DISTANCE:
        if title == 'Range innovations':
            span = (data.innovations['time'][0], data.innovations['time'][-1])
        axes.set_xlim(*span)
        axes.set_xlabel('flight time [s]')
        _bands(axes, data, span)
    axes.legend(loc='best', ncols=2)


def _bands(axes: Axes, data: FlightData, span: tuple[float, float]) -> None:
    for name, begin, end in data.phases:
        begin, end = max(begin, span[0]), min(end, span[1])
        if end > begin:
            axes.axvspan(begin, end, color=PHASE_TINTS.get(name, '#ffffff'), lw=0, zorder=-1)
            if end - begin > 0.08 * (span[1] - span[0]):
                axes.annotate(name.replace('_', ' ').lower(), (0.5 * (begin + end), 1.0), (0, -3),
                              xycoords=('data', 'axes fraction'), textcoords='offset points', ha='center',
                              va='top', fontsize=7.5, color='#777777')


def _has(panel, data: FlightData) -> bool:
    figure = Figure()
    return panel(figure.add_subplot(), data)


def _title(bag: Path, data: FlightData) -> str:
    name = bag.absolute().parent.name if bag.name == 'bag' else bag.name
    if data.touchdown is None:
        return name
    d = data.touchdown
    return (f'{name}: {data.result.replace("_", " ")}, {d.vertical_speed_m_s:.2f} m/s down, '
            f'{d.horizontal_speed_m_s:.2f} m/s sideways, {d.distance_from_target_m:.0f} m from the target')


def main() -> None:
    """Draw the bag named on the command line."""
    parser = argparse.ArgumentParser(description='Draw a descent from its bag.')
    parser.add_argument('bag', help='bag folder')
    parser.add_argument('output', nargs='?', help='PNG file; by default flight.png beside the bag')
    given = parser.parse_args()
    try:
        print(draw(given.bag, given.output or Path(given.bag).absolute().parent / 'flight.png'))
    except (FileError, OSError) as error:
        sys.exit(f'error: {error}')

"""The panels of the picture of a flight. Each returns whether it had anything to draw."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes

from lander_telemetry.flight_data import FlightData

ESTIMATE, BAND, RANGE, LIMIT = '#2f81c7', '#2f81c7', '#e8820c', '#c22f2f'
TRUE_LINE = {'color': '#222222', 'lw': 1.1, 'ls': (0, (4, 3)), 'zorder': 3}
_OUTCOMES = (('fused', '#2e8b57', 'o'), ('rejected', LIMIT, 'x'), ('terrain change', '#8855bb', '^'))


def altitude(axes: Axes, data: FlightData) -> bool:
    """Altitude above the ground: estimate with bounds, range finder, truth."""
    nav = data.navigation
    if nav is not None:
        axes.fill_between(nav['time'], np.maximum(nav['altitude_lower_m'], 0.1), nav['altitude_upper_m'],
                          color=BAND, alpha=0.2, lw=0, label='credible range')
        axes.plot(nav['time'], nav['altitude_m'], color=ESTIMATE, label='estimate')
    if data.ranges is not None:
        axes.plot(data.ranges['time'], vertical_range(data), '.', color=RANGE, ms=4,
                  label='range finder, turned to the vertical')
    if data.truth is not None:
        height = data.truth['height_m'] - data.truth['height_m'][-1]
        axes.plot(data.truth['time'], np.where(height > 0.0, height, np.nan),
                  label='truth, above the landing point', **TRUE_LINE)
    axes.set_yscale('log')
    axes.set_ylim(bottom=1.0)
    axes.set_ylabel('altitude [m]')
    return nav is not None or data.truth is not None


def profile(axes: Axes, data: FlightData) -> bool:
    """Height over the distance to the target, with the ground as the lander sees it."""
    if not _draw_profile(axes, data):
        return False
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    return True


def last_part(axes: Axes, data: FlightData) -> bool:
    """Profile from the first echo of the range finder on."""
    if data.ranges is None or np.isnan(data.ranges['range_m']).all():
        return False
    return _draw_profile(axes, data.within(data.first_range, np.inf))


def _draw_profile(axes: Axes, data: FlightData) -> bool:
    truth, nav = data.truth, data.navigation
    if truth is None:
        return False
    zero = truth['height_m'][-1]
    arc = truth['arc_m'] / 1e3
    if nav is not None:
        at = np.interp(nav['time'], truth['time'], arc)
        ground = (nav['terrain_height_m'] - zero) / 1e3
        axes.plot(at, ground, color='#8a6d4f', lw=1.0, label='ground, estimate')
        axes.plot(at, ground + nav['altitude_m'] / 1e3, color=ESTIMATE, label='estimate')
    if data.ranges is not None:
        below = np.interp(data.ranges['time'], truth['time'], truth['height_m']) - zero - vertical_range(data)
        axes.plot(np.interp(data.ranges['time'], truth['time'], arc), below / 1e3, '.', color=RANGE, ms=4,
                  label='ground, range finder')
    axes.plot(arc, (truth['height_m'] - zero) / 1e3, label='truth', **TRUE_LINE)
    axes.invert_xaxis()
    axes.set_xlabel('distance to the target [km]')
    axes.set_ylabel('height above landing point [km]')
    return True


def sink_rate(axes: Axes, data: FlightData) -> bool:
    """Sink rate with the limit that guidance keeps to."""
    _compare(axes, data, 'sink_m_s', 'vertical_speed_m_s', -1.0)
    if data.guidance is not None:
        axes.plot(data.guidance['time'], data.guidance['sink_rate_limit_m_s'], color=LIMIT, lw=1.2,
                  label='limit from the lower bound')
        if data.navigation is not None:
            axes.set_ylim(top=1.3 * max(1.0, np.nanmax(-data.navigation['vertical_speed_m_s'])))
    axes.set_ylabel('sink rate [m/s]')
    return data.navigation is not None or data.truth is not None


def ground_speed(axes: Axes, data: FlightData) -> bool:
    """Speed over the ground."""
    _compare(axes, data, 'speed_m_s', 'ground_speed_m_s')
    axes.set_yscale('log')
    axes.set_ylim(bottom=0.1)
    axes.set_ylabel('ground speed [m/s]')
    return data.navigation is not None or data.truth is not None


def tilt(axes: Axes, data: FlightData) -> bool:
    """Angle between the lander's axis and the vertical."""
    _compare(axes, data, 'tilt_rad', 'tilt_rad', np.degrees(1.0))
    axes.set_ylabel('tilt [deg]')
    return data.navigation is not None or data.truth is not None


def thrust(axes: Axes, data: FlightData) -> bool:
    """Commanded thrust, and the propellant that is left."""
    if data.guidance is None:
        return False
    time = data.guidance['time']
    axes.plot(time, data.guidance['thrust_n'] / 1e3, color=LIMIT, lw=1.0, label='thrust, commanded')
    axes.set_ylabel('thrust [kN]')
    axes.set_ylim(0.0, 1.2e-3 * max(1.0, data.guidance['thrust_n'].max()))
    other = axes.twinx()
    other.plot(time, data.guidance['propellant_left_kg'], color='#2e8b57', label='propellant left')
    other.set_ylabel('propellant [kg]', color='#2e8b57')
    other.set_ylim(bottom=0.0)
    other.spines['top'].set_visible(False)
    axes.plot([], [], color='#2e8b57', label='propellant left')
    return True


def innovations(axes: Axes, data: FlightData) -> bool:
    """Range minus its prediction, and what the filter made of it."""
    if data.innovations is None:
        return False
    time, sigma = data.innovations['time'], data.innovations['sigma']
    axes.fill_between(time, -3.0 * sigma, 3.0 * sigma, color=BAND, alpha=0.2, lw=0, label='3 sigma')
    for number, (label, colour, marker) in enumerate(_OUTCOMES):
        chosen = data.innovations['outcome'] == number
        if chosen.any():
            axes.plot(time[chosen], data.innovations['innovation'][chosen], marker, color=colour, ms=3.5,
                      label=f'{label} ({chosen.sum()})')
    axes.set_yscale('symlog', linthresh=max(0.1, 6.0 * float(np.median(sigma))))
    axes.set_ylabel('range innovation [m]')
    return True


def vertical_range(data: FlightData) -> np.ndarray:
    """Return the ranges [m] times the cosine of the tilt: the altitude above flat ground."""
    source = data.truth if data.truth is not None else data.navigation
    if source is None:
        return data.ranges['range_m']
    return data.ranges['range_m'] * np.cos(np.interp(data.ranges['time'], source['time'], source['tilt_rad']))


def _compare(axes: Axes, data: FlightData, true: str, estimated: str, factor: float = 1.0) -> None:
    if data.truth is not None:
        axes.plot(data.truth['time'], abs(factor) * data.truth[true], label='truth', **TRUE_LINE)
    if data.navigation is not None:
        axes.plot(data.navigation['time'], factor * data.navigation[estimated], color=ESTIMATE,
                  label='estimate')


ALL: dict[str, Callable[[Axes, FlightData], bool]] = {
    'Altitude above the ground': altitude, 'Descent profile': profile, 'From the first echo on': last_part,
    'Sink rate': sink_rate, 'Ground speed': ground_speed, 'Tilt': tilt, 'Thrust and propellant': thrust,
    'Range innovations': innovations}
"""Every panel by its title."""

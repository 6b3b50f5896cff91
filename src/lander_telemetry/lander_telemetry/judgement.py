"""The verdict on a flight: each value against its limit."""

import math
from dataclasses import dataclass

from lander_common.vehicle import TouchdownLimits
from lander_telemetry.flight import Touchdown
from lander_telemetry.mission import Mission, Rover


@dataclass(frozen=True)
class Row:
    """One line of the verdict."""

    name: str
    value: str
    limit: str  # empty: none
    passed: bool | None  # None: not judged


def judge(mission: Mission, limits: TouchdownLimits) -> list[Row]:
    """Return the verdict, line by line. A value that is not known misses its limit."""
    down = mission.touchdown
    result = 'no data' if mission.silent else down.result.replace('_', ' ') if down.final else 'no report'
    return [
        Row('Result', result, 'landed', down.result == 'landed' and not mission.silent),
        _row(down, limits, 'Vertical speed', 'vertical_speed_m_s', 'm/s', 2),
        _row(down, limits, 'Horizontal speed', 'horizontal_speed_m_s', 'm/s', 2),
        _row(down, limits, 'Tilt at first contact', 'tilt_deg', 'deg', 1),
        _row(down, limits, 'Rate', 'rate_deg_s', 'deg/s', 1),
        _row(down, limits, 'Distance from target', 'distance_from_target_m', 'm', 0),
        Row('Tilt at rest', _number(down.rest_tilt_deg, 'deg', 1), '', None),
        Row('Slope of the ground', _number(down.slope_deg, 'deg', 1), '', None),
        Row('Propellant left', _number(down.propellant_left_kg, 'kg', 1), '', None),
        _rover_row(mission)]


def passed(rows: list[Row]) -> bool:
    """Whether no line failed."""
    return all(row.passed is not False for row in rows)


def _row(down: Touchdown, limits: TouchdownLimits, name: str, field: str, unit: str, digits: int) -> Row:
    value, limit = getattr(down, field), getattr(limits, field)
    return Row(name, _number(value, unit, digits), f'{limit:g} {unit}', abs(value) <= limit)


def _rover_row(mission: Mission) -> Row:
    rover = mission.rover
    if rover is Rover.NOT_WANTED:
        return Row('Rover', rover.value, '', None)
    value = f'{rover.value}: {mission.rover_reason}' if rover is Rover.FAILED else rover.value
    return Row('Rover', value, 'deployed', rover is Rover.DEPLOYED)


def _number(value: float, unit: str, digits: int) -> str:
    return f'{value:.{digits}f} {unit}' if math.isfinite(value) else 'not known'

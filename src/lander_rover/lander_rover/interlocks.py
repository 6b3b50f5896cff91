"""What must hold before the rover may leave the lander, and the codes of what went wrong."""

import math
from dataclasses import dataclass
from enum import IntEnum

from lander_rover.parameters import RoverParameters


class Code(IntEnum):
    """Error codes of a deployment: the numbers of the action DeployRover."""

    NONE = 0
    NOT_LANDED = 7001
    MOVING = 7002
    TILT = 7003
    POWER = 7004
    RELEASE_FAILED = 7005
    DRIVE_FAILED = 7006
    NO_IMAGE = 7007
    BUSY = 7008
    CANCELLED = 7009
    NOT_ACTIVE = 7010


@dataclass(frozen=True)
class Lander:
    """What is known of the lander."""

    time: float = -math.inf  # [s] of the navigation status
    landed: bool = False  # guidance is in the phase LANDED
    speed_m_s: float = math.nan
    rate_rad_s: float = math.nan
    tilt_rad: float = math.nan
    battery: float | None = None  # share of a full battery; None: never heard


@dataclass(frozen=True)
class Refusal:
    """Why the rover may not leave the lander."""

    code: Code
    reason: str


def refusal(lander: Lander, time: float, parameters: RoverParameters) -> Refusal | None:
    """Return why the rover may not leave the lander at `time` [s], or None. What is not known refuses."""
    if not lander.landed:
        return Refusal(Code.NOT_LANDED, 'guidance does not report LANDED')
    if time - lander.time > parameters.navigation_timeout_s:
        return Refusal(Code.NOT_LANDED, 'there is no recent navigation status')
    tilt = math.degrees(lander.tilt_rad)
    if not tilt <= parameters.max_tilt_deg:
        return Refusal(Code.TILT, f'the lander is tilted by {tilt:.1f} deg; '
                                  f'at most {parameters.max_tilt_deg:g}')
    if lander.battery is None:
        if not parameters.assume_power:
            return Refusal(Code.POWER, 'no battery has been heard of')
    elif not lander.battery >= parameters.min_battery:
        return Refusal(Code.POWER, f'the battery is at {lander.battery:.0%}; '
                                   f'at least {parameters.min_battery:.0%}')
    return moving(lander, parameters)


def moving(lander: Lander, parameters: RoverParameters) -> Refusal | None:
    """Return why the lander does not count as still, or None."""
    if not lander.speed_m_s <= parameters.max_speed_m_s:
        return Refusal(Code.MOVING, f'the lander moves at {lander.speed_m_s:.2f} m/s; '
                                    f'at most {parameters.max_speed_m_s:g}')
    rate = math.degrees(lander.rate_rad_s)
    if not rate <= parameters.max_rate_deg_s:
        return Refusal(Code.MOVING, f'the lander turns at {rate:.2f} deg/s; '
                                    f'at most {parameters.max_rate_deg_s:g}')
    return None

"""The flight phases and what guidance reports of itself."""

import math
from dataclasses import dataclass
from enum import IntEnum


class Phase(IntEnum):
    """Where guidance is in the descent; the numbers of lander_msgs/GuidanceStatus."""

    WAIT, DEORBIT, COAST, BRAKING, PITCH_UP, TERMINAL, TOUCHDOWN, LANDED, ABORT = range(9)


@dataclass(frozen=True, slots=True)
class GuidanceReport:
    """The fields of lander_msgs/GuidanceStatus, and whether navigation made sense."""

    time: float  # [s]
    phase: Phase
    reason: str
    time_to_go_s: float = math.nan
    mass_kg: float = math.nan
    propellant_left_kg: float = math.nan
    predicted_propellant_kg: float = math.nan
    thrust_n: float = 0.0
    sink_rate_m_s: float = math.nan
    sink_rate_limit_m_s: float = math.nan
    distance_to_target_m: float = math.nan
    attitude_error_rad: float = math.nan
    healthy: bool = True  # false: the navigation sample was no number

"""The flight phases, what guidance reports of itself, and the words for its reasons."""

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from lander_guidance import decide, phases


class Phase(IntEnum):
    """Where guidance is in the descent; the numbers of lander_msgs/GuidanceStatus."""

    WAIT, DEORBIT, COAST, BRAKING, PITCH_UP, TERMINAL, TOUCHDOWN, LANDED, ABORT = range(9)


class Decision(IntEnum):
    """What is left of the plan; the numbers of lander_msgs/GuidanceStatus."""

    CONTINUE, DIVERT, ABORT = range(3)


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
    decision: Decision = Decision.CONTINUE
    decision_reason: str = ''
    stopping_margin_m: float = math.nan
    propellant_margin_kg: float = math.nan
    healthy: bool = True  # false: the navigation sample was no number


_REASONS = {
    phases.NO_NAVIGATION: lambda a, b: 'no navigation yet',
    phases.IN_ORBIT: lambda a, b: f'in orbit {a / 1e3:.0f} km high',
    phases.ON_THE_WAY: lambda a, b: f'on the way down, {a / 1e3:.1f} km high',
    phases.STARTED_SLOW: lambda a, b: f'started slow, {a:.0f} m above the ground',
    phases.PERILUNE_LOW: lambda a, b: f'perilune lowered to {a / 1e3:.1f} km',
    phases.IGNITION: lambda a, b: f'a burn from here ends at the gate, {a / 1e3:.0f} km away',
    phases.AT_THE_GATE: lambda a, b: f'at the gate, {a:.0f} m high, {b:.0f} m from the target',
    phases.VERTICAL: lambda a, b: f'vertical from {a:.0f} m high, {b:.0f} m from the target',
    phases.CONTACT: lambda a, b: f'feet on the ground: {a:.0f}',
    phases.STILL: lambda a, b: f'still for {a:.0f} s, {b:.0f} m from the target',
    phases.PROPELLANT_SPENT: lambda a, b: f'propellant spent at {a:.0f} m, sinking {b:.1f} m/s',
}


_DECISIONS = {
    decide.AS_PLANNED: lambda a, b: '',
    decide.OUT_OF_REACH: lambda a, b: f'the target is out of reach by {abs(a):.0f} m, {b:.0f} m away',
    decide.CANNOT_STOP: lambda a, b: f'cannot stop from {a:.1f} m/s in {b:.0f} m, the least that may be left',
    decide.PROPELLANT_SHORT: lambda a, b: f'propellant short by {a:.1f} kg, {b:.1f} kg left',
    decide.BLIND: lambda a, b: f'no range: down on unseen ground at {a:.1f} m/s, risk {100.0 * b:.0f} %',
    decide.THRUST_TOO_LOW: lambda a, b: f'thrust of at most {a:.0f} N does not bear the weight of {b:.0f} N',
    decide.NO_PROPELLANT: lambda a, b: f'propellant spent at {a:.0f} m, sinking {b:.1f} m/s',
}


def words(reason: int, numbers: np.ndarray) -> str:
    """Return a reason in words; `numbers` (2,) are those that go with it."""
    return _REASONS[reason](*numbers)


def decision_words(reason: int, numbers: np.ndarray) -> str:
    """Return the reason for a decision in words; `numbers` (2,) are those that go with it."""
    return _DECISIONS[reason](*numbers)

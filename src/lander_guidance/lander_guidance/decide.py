"""What is left of the plan: to the target, somewhere else, or only the slowest contact; and the margins.

Looked at ten times a second of flight time. A worse decision counts at once, a better one after a second.
"""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_guidance import phases
from lander_guidance.blind import WIDEST
from lander_guidance.phases import BRAKING, LANDED, PITCH_UP, TERMINAL, TOUCHDOWN
from lander_guidance.sink_limit import reaction_time
from lander_guidance.situation import gravity_at_rest

CONTINUE, DIVERT, ABORT = range(3)

AS_PLANNED, OUT_OF_REACH, CANNOT_STOP, PROPELLANT_SHORT, BLIND, THRUST_TOO_LOW, NO_PROPELLANT = range(7)
"""Why; the later, the worse. report.py has the words."""

_PERIOD = 1.0  # [s] for which a better decision has to be due
_FASTER = 0.5  # [m/s] above the sink rate that the legs bear: too fast for contact

DECISION = np.dtype([
    ('due', np.int64), ('since', float),  # the reason that has been due since [s]
    ('predicted', float),  # [kg] propellant to touchdown
    ('haste', float),  # 0: the wanted descent; 1: as fast as is safe, because the propellant is short
])


@compiled
def look(gd: np.void) -> None:
    """Write the margins, the haste and the decision."""
    now, phase = gd.now, gd.phase
    gd.outlook.predicted = phases.propellant(gd)
    gd.propellant_margin = gd.propellant - gd.outlook.predicted
    spare = gd.most_thrust * gd.scale.value / gd.mass - now.gravity
    excess = max(now.sink - gd.body.bearable, 0.0)
    height = excess * (reaction_time(gd) + 0.5 * excess / spare) if spare > 0.0 else math.inf
    taken = height if excess > 0.0 else 0.0
    gd.stopping_margin = now.lower - taken
    short = 1.0 - gd.propellant_margin / gd.body.reserve
    gd.outlook.haste = min(max(short, 0.0), 1.0) if phase >= PITCH_UP else 0.0
    reason, a, b = _judge(gd, gd.sink.lowest < taken)
    if reason >= gd.decision_reason:
        gd.outlook.since = now.time
    elif now.time - gd.outlook.since < _PERIOD and phase not in (TOUCHDOWN, LANDED):
        return
    gd.decision_reason = reason
    gd.decision = CONTINUE if reason == AS_PLANNED else DIVERT if reason == OUT_OF_REACH else ABORT
    gd.decision_numbers[0], gd.decision_numbers[1] = a, b


@compiled
def _judge(gd: np.void, too_fast: bool) -> tuple[int, float, float]:
    """Return the worst that is true now, with the two numbers that its words need."""
    now, phase = gd.now, gd.phase
    if phase in (TOUCHDOWN, LANDED):
        return AS_PLANNED, 0.0, 0.0
    powered = phase == BRAKING or phase >= PITCH_UP
    if powered and phases.is_empty(gd):
        return NO_PROPELLANT, now.altitude, now.sink
    # Optimistic: what is missing now may be one engine and not a share of all of them.
    most = gd.engines.limit - (1.0 - gd.scale.value) * gd.scale.force
    if powered and phase != BRAKING and most < gd.mass * gravity_at_rest(now):
        return THRUST_TOO_LOW, most, gd.mass * gravity_at_rest(now)
    fast = too_fast and phase in (PITCH_UP, TERMINAL) and now.sink > gd.body.bearable + _FASTER
    silent = gd.sink.silent_since < now.time
    given_up = (fast or gd.sink.searching) and gd.sink.band.half < WIDEST
    if silent and (given_up or gd.decision_reason == BLIND):
        return BLIND, gd.sink.band.sink, gd.sink.band.risk
    if gd.propellant_margin < 0.0:
        return PROPELLANT_SHORT, -gd.propellant_margin, gd.propellant
    if fast:
        return CANNOT_STOP, now.sink, gd.sink.lowest
    miss = gd.braking.missed if phase == BRAKING else gd.approach.missed if phase >= PITCH_UP else 0.0
    if abs(miss) > gd.body.near * (0.5 if gd.decision == DIVERT else 1.0):
        return OUT_OF_REACH, miss, now.distance
    return AS_PLANNED, 0.0, 0.0

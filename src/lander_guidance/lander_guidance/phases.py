"""The phases of the descent: which law flies now, and when the next one takes over."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_common.vectors import add, length, limited, put, scale, unit
from lander_guidance import approach, braking, deorbit
from lander_guidance.deorbit import inertial_velocity, perilune_radius

WAIT, DEORBIT, COAST, BRAKING, PITCH_UP, TERMINAL, TOUCHDOWN, LANDED, ABORT = range(9)

(NO_NAVIGATION, IN_ORBIT, ON_THE_WAY, STARTED_SLOW, PERILUNE_LOW, IGNITION, AT_THE_GATE, VERTICAL, CONTACT,
 STILL, PROPELLANT_SPENT) = range(11)
"""Why a phase was entered; report.py has the words."""

_HIGH_PERILUNE = 10e3  # [m] a flight that starts in an orbit this much too high begins with deorbit
_SLOW = 150.0  # [m/s] a flight that starts slower than this begins with the approach
_CONTACT_HEIGHT = 30.0  # [m] lowest credible altitude below which one contact switch is believed
_EMPTY = 0.5  # [kg]


@compiled
def enter(gd: np.void, phase: int, reason: int, a: float, b: float) -> None:
    """Enter a phase; `a` and `b` are the numbers that the reason names."""
    gd.phase, gd.reason = phase, reason
    gd.reason_numbers[0], gd.reason_numbers[1] = a, b


@compiled
def fly(gd: np.void) -> None:
    """Change the phase if it is time to; write the demand of its law."""
    while _change(gd):
        pass
    gd.demand.active = 0
    if gd.phase == DEORBIT:
        deorbit.fly(gd)
    elif gd.phase == COAST:
        braking.coast(gd)
    elif gd.phase == BRAKING:
        braking.burn(gd)
        _lift(gd)
    elif gd.phase in (PITCH_UP, TERMINAL, ABORT):
        approach.fly(gd)


@compiled
def _change(gd: np.void) -> bool:
    """Enter the next phase if it is time to; return whether it was."""
    now, p, phase, feet = gd.now, gd.parameters, gd.phase, gd.feet
    if phase in (BRAKING, PITCH_UP, TERMINAL, ABORT):
        # One switch alone may be stuck: high up it takes two.
        if phase != BRAKING and (feet > 1 or (feet == 1 and now.lower < _CONTACT_HEIGHT)):
            enter(gd, TOUCHDOWN, CONTACT, feet, 0.0)
            return True
        if is_empty(gd) and phase != ABORT:
            enter(gd, ABORT, PROPELLANT_SPENT, now.altitude, now.sink)
            return True
    if phase == WAIT:
        _first(gd)
    elif phase == DEORBIT and deorbit.finished(gd):
        enter(gd, COAST, PERILUNE_LOW, p.perilune_height_m, 0.0)
    elif phase == COAST and braking.due(gd):
        gd.braking.next = -math.inf
        enter(gd, BRAKING, IGNITION, now.distance, 0.0)
    elif phase == BRAKING and braking.finished(gd):
        enter(gd, PITCH_UP, AT_THE_GATE, now.altitude, now.distance)
    elif (phase == PITCH_UP and now.lower < p.terminal_height_m
          and now.altitude < 1.5 * p.terminal_height_m):
        enter(gd, TERMINAL, VERTICAL, now.altitude, now.distance)
    elif phase == TOUCHDOWN and _rested(gd):
        enter(gd, LANDED, STILL, p.rest_time_s, now.distance)
    return gd.phase != phase


@compiled
def is_empty(gd: np.void) -> bool:
    """Return whether the propellant is spent, as far as guidance knows."""
    return gd.propellant < _EMPTY


@compiled
def _first(gd: np.void) -> None:
    """Find out where in the descent the flight starts."""
    now, wanted = gd.now, gd.deorbit.perilune
    arc = braking.expect(gd, wanted, MOON_RADIUS + max(now.height, 20e3))
    if perilune_radius(now.position, inertial_velocity(now.position, now.velocity)) > wanted + _HIGH_PERILUNE:
        gd.deorbit.point = math.pi + arc - math.radians(gd.parameters.perilune_lead_deg)
        enter(gd, DEORBIT, IN_ORBIT, now.height, 0.0)
    elif now.speed > _SLOW:
        enter(gd, COAST, ON_THE_WAY, now.height, 0.0)
    else:
        enter(gd, PITCH_UP, STARTED_SLOW, now.altitude, 0.0)


@compiled
def _rested(gd: np.void) -> bool:
    """Return whether the lander has been still for long enough."""
    now, p = gd.now, gd.parameters
    if length(now.velocity) > p.rest_speed_m_s or length(now.rate) > math.radians(p.rest_rate_deg_s):
        gd.still_since = math.nan
    elif math.isnan(gd.still_since):
        gd.still_since = now.time
    return now.time - gd.still_since >= p.rest_time_s


@compiled
def _lift(gd: np.void) -> None:
    """Turn the thrust up by as much as the sink rate is over its limit, wholly at 10 m/s."""
    excess = limited((gd.now.sink - gd.sink.limit) / 10.0, 0.0, 1.0)
    if excess > 0.0:
        d = gd.demand.direction
        put(d, unit(add(scale(1.0 - excess, d), scale(excess, gd.now.up))))


@compiled
def propellant(gd: np.void) -> float:
    """Return the propellant [kg] that the rest of the flight will probably use."""
    p, contact, mass, now = gd.parameters, gd.sink.contact, gd.mass, gd.now
    if gd.phase in (TOUCHDOWN, LANDED):
        return 0.0
    if gd.phase > BRAKING:
        return approach.propellant(gd, now.altitude, now.sink, contact, mass)
    used = braking.propellant(gd)
    if gd.phase == DEORBIT:
        used += deorbit.propellant(gd, mass)
    return used + approach.propellant(gd, p.gate_height_m, p.gate_sink_m_s, contact, mass - used)

"""The phases of the descent: which law flies now, and when the next one takes over."""

import math

import numpy as np

from lander_common.constants import MOON_RADIUS
from lander_common.site import Site
from lander_guidance.approach import Approach, SinkBounds
from lander_guidance.braking import Braking
from lander_guidance.demand import Demand
from lander_guidance.deorbit import Deorbit, inertial_velocity, perilune_radius
from lander_guidance.parameters import GuidanceParameters
from lander_guidance.propulsion import Propulsion
from lander_guidance.report import Phase
from lander_guidance.situation import Situation

_HIGH_PERILUNE = 10e3  # [m] a flight that starts in an orbit this much too high begins with deorbit
_SLOW = 150.0  # [m/s] a flight that starts slower than this begins with the approach
_CONTACT_HEIGHT = 30.0  # [m] lowest credible altitude below which one contact switch is believed
_EMPTY = 0.5  # [kg]
_FLYING = (Phase.BRAKING, Phase.PITCH_UP, Phase.TERMINAL, Phase.ABORT)

Change = tuple[Phase, str] | None


class Phases:
    """Holds the phase, the reason for it, and the laws of all phases."""

    def __init__(self, parameters: GuidanceParameters, propulsion: Propulsion, site: Site) -> None:
        """Start in WAIT, on the way to `site`."""
        self._parameters, self._propulsion = parameters, propulsion
        self._target = np.ascontiguousarray(site.rotation[:, 2])
        self._perilune = MOON_RADIUS + site.ground_height_m + parameters.perilune_height_m
        self._terminal = parameters.terminal_height_m
        self.phase, self.reason = Phase.WAIT, 'no navigation yet'
        self.braking = Braking(parameters, propulsion, self._target, site.ground_height_m)
        self.approach = Approach(parameters, propulsion)
        self._deorbit: Deorbit | None = None
        self._still_since = math.nan

    def step(self, situation: Situation, bounds: SinkBounds, mass: float, propellant: float, scale: float,
             feet: int) -> Demand | None:
        """Change the phase if it is time to; return the demand of its law, None for engines off.

        `feet` is the number of feet that feel the ground.
        """
        change = self._change(situation, mass, propellant, feet)
        while change is not None:
            self.phase, self.reason = change
            change = self._change(situation, mass, propellant, feet)
        match self.phase:
            case Phase.DEORBIT:
                return self._deorbit.step(situation)
            case Phase.COAST:
                return self.braking.coast(situation, mass)
            case Phase.BRAKING:
                return _lifted(self.braking.burn(situation, mass, scale), situation, bounds.limit)
            case Phase.PITCH_UP | Phase.TERMINAL | Phase.ABORT:
                return self.approach.step(situation, bounds, mass, scale)
        return None

    def _change(self, s: Situation, mass: float, propellant: float, feet: int) -> Change:
        if self.phase in _FLYING:
            # One switch alone may be stuck: high up it takes two.
            if self.phase != Phase.BRAKING and (feet > 1 or (feet == 1 and s.lower < _CONTACT_HEIGHT)):
                return Phase.TOUCHDOWN, f'feet on the ground: {feet}'
            if propellant < _EMPTY and self.phase != Phase.ABORT:
                return Phase.ABORT, f'propellant spent at {s.altitude:.0f} m, sinking {s.sink:.1f} m/s'
        match self.phase:
            case Phase.WAIT:
                return self._first(s, mass)
            case Phase.DEORBIT if self._deorbit.burning and self._deorbit.finished(s):
                return Phase.COAST, f'perilune lowered to {self._parameters.perilune_height_m / 1e3:.1f} km'
            case Phase.COAST:
                return self._ignition(s)
            case Phase.BRAKING if self.braking.finished(s):
                return Phase.PITCH_UP, f'at the gate, {_where(s)}'
            case Phase.PITCH_UP if s.lower < self._terminal and s.altitude < 1.5 * self._terminal:
                return Phase.TERMINAL, f'vertical from {_where(s)}'
            case Phase.TOUCHDOWN:
                return self._rest(s)
        return None

    def _first(self, s: Situation, mass: float) -> Change:
        perilune = perilune_radius(s.position, inertial_velocity(s))
        arc = self.braking.expect(self._perilune, MOON_RADIUS + max(s.height, 20e3), mass)
        if perilune > self._perilune + _HIGH_PERILUNE:
            self._deorbit = Deorbit(self._parameters, self._propulsion, self._target, self._perilune, arc)
            return Phase.DEORBIT, f'in orbit {s.height / 1e3:.0f} km high'
        if s.drift @ s.drift > _SLOW**2:
            return Phase.COAST, f'on the way down, {s.height / 1e3:.1f} km high'
        return Phase.PITCH_UP, f'started slow, {s.altitude:.0f} m above the ground'

    def _ignition(self, s: Situation) -> Change:
        if self.braking.due(s):
            return Phase.BRAKING, f'a burn from here ends at the gate, {s.distance / 1e3:.0f} km away'
        return None

    def _rest(self, s: Situation) -> Change:
        p = self._parameters
        moving = (s.velocity @ s.velocity > p.rest_speed_m_s**2
                  or s.rate @ s.rate > math.radians(p.rest_rate_deg_s) ** 2)
        if moving or math.isnan(self._still_since):
            self._still_since = math.nan if moving else s.time
        elif s.time - self._still_since >= p.rest_time_s:
            return Phase.LANDED, f'still for {p.rest_time_s:.0f} s, {s.distance:.0f} m from the target'
        return None

    def propellant(self, s: Situation, mass: float, contact: float) -> float:
        """Return the propellant [kg] that the rest of the flight will probably use."""
        used = 0.0
        if self.phase == Phase.DEORBIT:
            used = self._deorbit.propellant(s, mass)
        if self.phase <= Phase.BRAKING:
            p = self._parameters
            used += self.braking.propellant(s.time)
            return used + self.approach.propellant(p.gate_height_m, p.gate_sink_m_s, contact, mass - used,
                                                   s.gravity_at_rest)
        if self.phase in (Phase.TOUCHDOWN, Phase.LANDED):
            return 0.0
        return self.approach.propellant(s.altitude, s.sink, contact, mass, s.gravity_at_rest)


def _where(s: Situation) -> str:
    return f'{s.altitude:.0f} m high, {s.distance:.0f} m from the target'


def _lifted(demand: Demand, s: Situation, limit: float) -> Demand:
    """Turn a thrust direction up by as much as the sink rate is over its limit, wholly at 10 m/s."""
    excess = min(max((s.sink - limit) / 10.0, 0.0), 1.0)
    if excess == 0.0:
        return demand
    direction = (1.0 - excess) * demand.direction + excess * s.up
    return Demand(direction / math.sqrt(direction @ direction), demand.thrust, demand.slew, demand.time_to_go)

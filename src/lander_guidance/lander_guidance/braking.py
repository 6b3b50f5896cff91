"""Coast and braking: a predicted burn that ends at the gate, solved again and again."""

import math

import numpy as np

from lander_common import constants
from lander_common.rotations import cross
from lander_guidance import predictor
from lander_guidance.demand import Demand
from lander_guidance.parameters import GuidanceParameters
from lander_guidance.predictor import LEFT_NOW, RANGE, THRUST, TIME, UP_NOW
from lander_guidance.propulsion import Propulsion
from lander_guidance.situation import Situation

_FREEZE = 8.0  # [s] before the end the burn is solved no more: it becomes too sensitive
_VIEW = math.radians(60.0)  # from so far before the target the burn is predicted in coast
_ITERATIONS = 8


class Braking:
    """Plans the burn that takes the lander from coast to the gate before the site, and flies it."""

    def __init__(self, parameters: GuidanceParameters, propulsion: Propulsion, target: np.ndarray,
                 site_height: float) -> None:
        """Aim at the gate before the unit vector `target`; `site_height` [m] is its ground."""
        self._parameters, self._propulsion, self._target = parameters, propulsion, target
        self._goal = np.array([-parameters.gate_range_m, site_height + parameters.gate_height_m, 0.0,
                               parameters.gate_forward_m_s, -parameters.gate_sink_m_s, 0.0])
        self._slew = math.radians(parameters.slew_deg_s)
        self._coast_slew = math.radians(parameters.coast_slew_deg_s)
        self._left: np.ndarray | None = None
        self._burn: np.ndarray | None = None
        self._expected_time = self._expected_range = math.nan
        self._solved_at = self._next = -math.inf
        self.range_past = -math.inf
        """Where a burn at planned thrust that starts now would end, past the gate [m]."""

    def expect(self, perilune: float, apolune: float, mass: float) -> float:
        """Return the angle [rad] from a start of braking at radius `perilune` [m] to the target."""
        speed = math.sqrt(2.0 * constants.MOON_GM * apolune / (perilune * (perilune + apolune)))
        x, y, z = np.eye(3)
        burn, miss, _ = self._solve(perilune * x, speed * y, mass, 1.0, self._guess(speed, mass), x, z, True)
        self._expected_time, self._expected_range = float(burn[TIME]), float(miss[RANGE])
        return self._expected_range / constants.MOON_RADIUS

    def coast(self, situation: Situation, mass: float) -> Demand:
        """Predict the burn once a period; return the attitude in which it would start, no thrust."""
        ahead = situation.distance < _VIEW * constants.MOON_RADIUS
        if ahead and situation.time >= self._next:
            self._next = situation.time + self._parameters.replan_period_s
            self._left = _unit(cross(situation.up, self._target))
            speed = math.sqrt(situation.velocity @ situation.velocity)
            guess = self._guess(speed, mass) if self._burn is None else self._burn
            burn, miss, solved = self._solve(situation.position, situation.velocity, mass, 1.0, guess,
                                             self._target, self._left, True)
            self._burn, self._solved_at = (burn, situation.time) if solved else (None, -math.inf)
            self.range_past = float(miss[RANGE]) if solved else -math.inf
        return Demand(self._direction(situation), 0.0, self._coast_slew)

    def due(self, situation: Situation) -> bool:
        """Return whether a burn at planned thrust has to start now to end at the gate."""
        if self._burn is None and situation.distance < _VIEW * constants.MOON_RADIUS:
            return situation.distance < self._expected_range
        return self.range_past + 0.5 * situation.dt * math.sqrt(situation.drift @ situation.drift) >= 0.0

    def burn(self, situation: Situation, mass: float, scale: float) -> Demand:
        """Solve the burn once a period; return its thrust and direction."""
        if self._burn is None:
            self._left = _unit(cross(situation.up, self._target))
            self._burn = self._guess(math.sqrt(situation.velocity @ situation.velocity), mass)
            self._solved_at = situation.time
        if situation.time >= self._next and self.time_to_go(situation.time) > _FREEZE:
            self._next = situation.time + self._parameters.replan_period_s
            self._replan(situation, mass, scale)
        return Demand(self._direction(situation), self._burn[THRUST], self._slew,
                      self.time_to_go(situation.time))

    def finished(self, situation: Situation) -> bool:
        """Return whether the gate is reached: the burn is over or the forward speed is gone."""
        if self._burn is None:
            return False
        forward = situation.drift @ cross(self._left, situation.up)
        return (self.time_to_go(situation.time) < 0.5 * situation.dt
                or forward < self._parameters.gate_forward_m_s)

    def time_to_go(self, time: float) -> float:
        """Return the time to the end of the burn [s]."""
        return self._burn[TIME] - (time - self._solved_at)

    def propellant(self, time: float) -> float:
        """Return the propellant [kg] that the rest of the burn, as last solved or expected, will use."""
        if self._burn is None:
            return self._propulsion.flow(self._propulsion.planned) * self._expected_time
        left = max(min(self.time_to_go(time), self._burn[TIME]), 0.0)
        return self._propulsion.flow(self._burn[THRUST]) * left

    def _replan(self, situation: Situation, mass: float, scale: float) -> None:
        guess, state = self._shifted(situation.time), (situation.position, situation.velocity, mass, scale)
        burn, _, solved = self._solve(*state, guess, self._target, self._left, False)
        thrust = min(max(burn[THRUST], self._propulsion.low), self._propulsion.limit)
        if not solved or thrust != burn[THRUST]:
            # The target is out of reach, short or long: end at the gate's height and speed all the same.
            guess[THRUST] = thrust if solved else guess[THRUST]
            burn, _, solved = self._solve(*state, guess, self._target, self._left, True)
        if solved:
            self._burn, self._solved_at = burn, situation.time

    def _shifted(self, time: float) -> np.ndarray:
        """Return the rest of the last burn, as seen from `time` [s]."""
        burn = self._burn.copy()
        burn[TIME] = max(self.time_to_go(time), 1.0)
        share = 1.0 - burn[TIME] / self._burn[TIME]
        for i in (UP_NOW, LEFT_NOW):
            burn[i] += share * (burn[i + 1] - burn[i])
        return burn

    def _direction(self, situation: Situation) -> np.ndarray:
        if self._burn is None:
            return -_unit(situation.velocity)
        since = situation.time - self._solved_at
        return predictor.steering(self._burn, since, situation.position, self._left)

    def _guess(self, speed: float, mass: float) -> np.ndarray:
        thrust = self._propulsion.planned
        exhaust = self._propulsion.exhaust_velocity(thrust)
        time = mass / self._propulsion.flow(thrust) * (1.0 - math.exp(-1.05 * speed / exhaust))
        return np.array([0.1, 0.6, 0.0, 0.0, max(time, 10.0), thrust])

    def _solve(self, position, velocity, mass, scale, guess, target, left, fixed_thrust):
        return predictor.solve(position, velocity, mass, guess, target, left, self._goal,
                               self._propulsion.flow_fixed, self._propulsion.flow_slope, scale,
                               fixed_thrust, _ITERATIONS)


def _unit(v: np.ndarray) -> np.ndarray:
    return v / max(math.sqrt(v @ v), 1e-9)

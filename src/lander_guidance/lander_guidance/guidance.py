"""Guidance from orbit to rest: one step per navigation sample."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.samples import ContactSample, GroundBelief, Navigation, Wrench
from lander_common.site import Site
from lander_common.vehicle import Vehicle
from lander_guidance import record, step
from lander_guidance.parameters import GuidanceParameters
from lander_guidance.propulsion import forget
from lander_guidance.report import Decision, GuidanceReport, Phase, decision_words, words


class Guidance:
    """Flies the lander from orbit to rest on the ground.

    The same calls with the same samples give the same wrenches, whatever the clock on the wall says. All
    that it remembers is in `record`, (1,) of record.GUIDANCE.
    """

    def __init__(self, parameters: GuidanceParameters, vehicle: Vehicle, site: Site) -> None:
        """Prepare a flight of `vehicle`, tanks full, to `site`."""
        self.record = record.make(parameters, vehicle, site)
        self._gd = self.record[0]
        self._force, self._torque = self._gd['force'], self._gd['torque']
        # Samples are copied, so that the kernel always gets arrays of the one type it is compiled for.
        self._position, self._velocity, self._rate = np.zeros((3, 3))
        self._attitude, self._ground = np.zeros(4), np.zeros(5)
        _load(self.record.copy(), self._attitude, self._rate, self._ground)

    def set_ground(self, belief: GroundBelief) -> None:
        """Take a belief about the ground; it counts from `sample_age_s` after its time on."""
        self._ground[:] = (belief.time, belief.terrain_height_m, belief.altitude_m, belief.altitude_lower_m,
                           belief.altitude_upper_m)
        _set_ground(self.record, self._ground)

    def set_contact(self, sample: ContactSample) -> None:
        """Take a sample of the contact switches; it counts from `sample_age_s` after its time on."""
        _set_contact(self.record, sample.time, sum(sample.feet))

    def excuse_thrust(self) -> None:
        """Conclude nothing from the thrust of the last seconds: the valves were closed for a known reason."""
        _forget_thrust(self.record)

    @property
    def phase(self) -> Phase:
        """Where guidance is in the descent."""
        return Phase(self._gd['phase'])

    @property
    def decision(self) -> Decision:
        """What is left of the plan."""
        return Decision(self._gd['decision'])

    def step(self, navigation: Navigation) -> Wrench:
        """Return the wrench to be held from the time of `navigation` to the next step.

        A sample that is not finite is answered with the last force and no torque, and reported.
        """
        self._position[:] = navigation.position_map
        self._attitude[:] = navigation.q_map_body
        self._velocity[:] = navigation.velocity_body
        self._rate[:] = navigation.angular_velocity
        _step(self.record, navigation.time, self._position, self._attitude, self._velocity, self._rate)
        return Wrench(navigation.time, self._force.copy(), self._torque.copy())

    def status(self) -> GuidanceReport:
        """Return where guidance was in the descent at the last step, and why."""
        gd = self._gd
        time, reason = float(gd['time']), words(gd['reason'], gd['reason_numbers'])
        healthy = bool(gd['healthy'])
        if not gd['flown']:
            return GuidanceReport(time, self.phase, reason, healthy=healthy)
        demand, now = gd['demand'], gd['now']
        return GuidanceReport(
            time, self.phase, reason, float(demand['time_to_go']) if demand['active'] else math.nan,
            float(gd['mass']), float(gd['propellant']), float(gd['outlook']['predicted']),
            float(gd['force'][2]), float(now['sink']), float(gd['sink']['limit']), float(now['distance']),
            float(gd['attitude']['error']), self.decision,
            decision_words(gd['decision_reason'], gd['decision_numbers']), float(gd['stopping_margin']),
            float(gd['propellant_margin']), healthy)


def _load(scratch: np.ndarray, attitude: np.ndarray, vector: np.ndarray, ground: np.ndarray) -> None:
    """Call every kernel once on a record of no use, so that no cycle waits for the compiler."""
    _set_ground(scratch, ground)
    _set_contact(scratch, 0.0, 0)
    _forget_thrust(scratch)
    _step(scratch, 0.0, vector, attitude, vector, vector)


@compiled
def _step(array, time, position, attitude, velocity, rate):
    step.step(array[0], time, position, attitude, velocity, rate)


@compiled
def _set_ground(array, ground):
    step.set_ground(array[0], ground)


@compiled
def _forget_thrust(array):
    forget(array[0].scale)


@compiled
def _set_contact(array, time, feet):
    step.set_contact(array[0], time, feet)


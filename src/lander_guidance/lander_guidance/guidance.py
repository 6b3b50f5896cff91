"""Guidance from orbit to rest: one step per navigation sample."""

import math

import numpy as np

from lander_common import moon
from lander_common.rotations import cross
from lander_common.samples import ContactSample, GroundBelief, Navigation, Wrench
from lander_common.site import Site
from lander_common.vehicle import Vehicle
from lander_guidance.approach import SinkBounds
from lander_guidance.attitude import AttitudeControl
from lander_guidance.demand import Demand
from lander_guidance.inbox import Inbox
from lander_guidance.parameters import GuidanceParameters
from lander_guidance.phases import Phases
from lander_guidance.propulsion import MassEstimate, Propulsion, ThrustScale
from lander_guidance.report import GuidanceReport, Phase
from lander_guidance.sink_limit import allowed_sink, contact_speed
from lander_guidance.situation import Observer, Situation, is_finite

_POINTED, _LOST = math.radians(30.0), math.radians(45.0)  # thrust fades out between these attitude errors
_FAST = 100.0  # [m/s] above it the track defines the heading
_LEG_SHARE = 0.7  # of the sink rate that breaks the legs
_REACTION = 1.0  # [s] before thrust begins to turn the descent
_LONGEST_STEP = 2.0  # [s] a gap in navigation counts as no more


class Guidance:
    """Flies the lander from orbit to rest on the ground.

    The same calls with the same samples give the same wrenches, whatever the clock on the wall says.
    """

    def __init__(self, parameters: GuidanceParameters, vehicle: Vehicle, site: Site) -> None:
        """Prepare a flight of `vehicle`, tanks full, to `site`."""
        self._parameters = parameters
        self._propulsion = Propulsion(parameters, vehicle)
        self._tank = MassEstimate(vehicle, self._propulsion)
        self._scale = ThrustScale()
        self._phases = Phases(parameters, self._propulsion, site)
        self._attitude = AttitudeControl(parameters, self._propulsion.torque_limit)
        self._observer = Observer(site, -vehicle.legs.foot_z_m)
        self._bearable = _LEG_SHARE * vehicle.legs.break_vertical_m_s
        self._grounds, self._contacts = Inbox(parameters.sample_age_s), Inbox(parameters.sample_age_s)
        heading = math.radians(site.approach_heading_deg)
        self._left = site.rotation @ np.array([-math.cos(heading), math.sin(heading), 0.0])
        self._feet = 0
        self._last: Situation | None = None
        self._wrench = Wrench(-math.inf, np.zeros(3), np.zeros(3))
        self._time, self._healthy = math.nan, True
        self._law: tuple[Demand | None, SinkBounds, float] | None = None  # demand, bounds, attitude error

    def set_ground(self, belief: GroundBelief) -> None:
        """Take a belief about the ground; it counts from `sample_age_s` after its time on."""
        self._grounds.put(belief)

    def set_contact(self, sample: ContactSample) -> None:
        """Take a sample of the contact switches; it counts from `sample_age_s` after its time on."""
        self._contacts.put(sample)

    @property
    def phase(self) -> Phase:
        """Where guidance is in the descent."""
        return self._phases.phase

    def status(self) -> GuidanceReport:
        """Return where guidance was in the descent at the last step, and why."""
        phases, tank, s = self._phases, self._tank, self._last
        if self._law is None:
            return GuidanceReport(self._time, phases.phase, phases.reason, healthy=self._healthy)
        demand, bounds, error = self._law
        return GuidanceReport(
            self._time, phases.phase, phases.reason, math.nan if demand is None else demand.time_to_go,
            tank.mass, tank.propellant, phases.propellant(s, tank.mass, bounds.contact),
            float(self._wrench.force[2]), s.sink, bounds.limit, s.distance, error, self._healthy)

    def step(self, navigation: Navigation) -> Wrench:
        """Return the wrench to be held from the time of `navigation` to the next step.

        A sample that is not finite is answered with the last force and no torque, and reported.
        """
        self._time = navigation.time
        self._healthy = is_finite(navigation)
        if not self._healthy:
            self._wrench = Wrench(navigation.time, self._wrench.force, np.zeros(3))
            return self._wrench
        s = self._observe(navigation)
        bounds = self._sink_bounds(s)
        demand = self._phases.step(s, bounds, self._tank.mass, self._tank.propellant, self._scale.value,
                                   self._feet)
        error = math.nan
        if demand is None:
            self._attitude.release()
            thrust, torque = 0.0, np.zeros(3)
        else:
            torque, error = self._attitude.step(demand.direction, self._left, demand.slew, s.attitude, s.rate,
                                                self._tank.inertia, max(s.dt, 1e-3))
            thrust = self._thrust(demand, s, error)
        self._wrench = Wrench(s.time, np.array([0.0, 0.0, thrust]), torque)
        self._last, self._law = s, (demand, bounds, error)
        return self._wrench

    def _observe(self, navigation: Navigation) -> Situation:
        for belief in self._grounds.take(navigation.time):
            self._observer.believe(belief)
        for sample in self._contacts.take(navigation.time):
            self._feet = sum(sample.feet)
        dt = 0.0 if self._last is None else min(max(navigation.time - self._last.time, 0.0), _LONGEST_STEP)
        s = self._observer.observe(navigation, dt)
        self._account(s)
        if s.drift @ s.drift > _FAST**2:
            left = cross(s.up, s.drift)
            self._left = left / math.sqrt(left @ left)
        return s

    def _account(self, s: Situation) -> None:
        """Book the propellant of the last step, and compare the speed it gave with the one expected."""
        thrust = float(self._wrench.force[2])
        if s.dt > 0.0 and self._phases.phase == Phase.BRAKING and thrust > 0.0:
            gained = s.velocity - self._last.velocity - s.dt * moon.free_fall(s.position, s.velocity)
            self._scale.add(thrust / self._tank.mass * s.dt, float(gained @ s.axis), s.dt)
        else:
            self._scale.reset()
        self._tank.burn(thrust, self._wrench.torque, s.dt)

    def _sink_bounds(self, s: Situation) -> SinkBounds:
        p = self._parameters
        hover = self._tank.mass * max(s.gravity, 0.1) / self._scale.value
        contact = contact_speed(s.upper, self._tank.propellant / self._propulsion.flow(hover),
                                p.touchdown_sink_m_s, self._bearable)
        spare = self._propulsion.limit * self._scale.value / self._tank.mass - s.gravity
        reaction = _REACTION + s.tilt / math.radians(p.slew_deg_s)
        limit, slope = allowed_sink(s.lower - p.soft_height_m, contact, p.sink_margin * spare, reaction)
        return SinkBounds(limit, slope, contact)

    def _thrust(self, demand: Demand, s: Situation, error: float) -> float:
        """Return the part of the demand that pushes the right way now, within the limits [N]."""
        if demand.thrust <= 0.0:
            return 0.0
        cosine = float(demand.direction @ s.axis)
        thrust = min(max(demand.thrust * cosine, self._propulsion.floor), self._propulsion.limit)
        return thrust * min(max((_LOST - error) / (_LOST - _POINTED), 0.0), 1.0)

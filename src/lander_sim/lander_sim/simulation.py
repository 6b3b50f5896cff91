"""One simulated flight: truth, sensors, faults and the verdict, stepped by thruster commands."""

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from lander_common import rotations
from lander_common.samples import (
    AttitudeFix,
    ContactSample,
    ImuSample,
    StateVector,
    ThrusterCommand,
    VelocitySample,
)
from lander_common.site import Site
from lander_common.vehicle import Vehicle
from lander_rangefinder.transport import Listener
from lander_sim.devices.vectronix import VectronixEmulator
from lander_sim.dynamics import VehicleDynamics
from lander_sim.faults import Fault, FaultTimeline
from lander_sim.initial_state import measured_state, orbit_state, true_vehicle
from lander_sim.scenario import Scenario
from lander_sim.sensor_file import SensorFile
from lander_sim.sensors.contact_switches import ContactSwitches
from lander_sim.sensors.ground_velocity import GroundVelocity
from lander_sim.sensors.imu import Imu
from lander_sim.sensors.laser import LaserModel
from lander_sim.sensors.star_tracker import StarTracker
from lander_sim.terrain import Terrain
from lander_sim.verdict import Verdict

_QUIET_BEFORE_COAST = 5.0  # [s] without main or assist engines before the steps get long
_PHASE_DELAY = 0.1  # [s] longer than a message takes, so that faults start at the same step every time
_COAST_ALTITUDE = 15e3  # [m] lowest height above ground for long steps


@dataclass(slots=True)
class SensorFrame:
    """What the sensors say at the end of a step."""

    time: float  # [s]
    dt: float  # [s] length of the step
    imu: ImuSample
    attitude: AttitudeFix | None = None
    velocity: VelocitySample | None = None
    contact: ContactSample | None = None
    faults: list[tuple[Fault, bool]] = field(default_factory=list)  # started (True) or ended now


class Simulation:
    """The world around the flight software. Deterministic: same inputs and seed, same bits."""

    def __init__(self, vehicle: Vehicle, site: Site, scenario: Scenario, sensors: SensorFile,
                 terrain: Terrain, link: Listener, seed: int):
        """Set up the start of the flight; `link` is the device's end of the range-finder link."""
        streams = np.random.SeedSequence(seed).spawn(7)
        rng = [np.random.default_rng(s) for s in streams]
        self.vehicle, self.site, self.scenario, self.terrain = vehicle, site, scenario, terrain
        self.link = link
        self.time = 0.0
        self.phase = ''  # of guidance: only starts faults
        self._next_phases: deque[tuple[float, str]] = deque()  # [s] from when it counts, and the phase
        true = true_vehicle(vehicle, scenario.uncertainty, rng[0])
        start = orbit_state(scenario.start, site)
        self._state_vector = measured_state(start, scenario.uncertainty, site, self.time, rng[1])
        self.dynamics = VehicleDynamics(true, terrain)
        self.dynamics.set_state(start.position, start.velocity, start.q_moon_body,
                                start.angular_velocity, true.mass.propellant_kg)
        self.laser = LaserModel(sensors.laser, rng[2])
        self.imu = Imu(sensors.imu, rng[3])
        self.star_tracker = StarTracker(sensors.star_tracker, rng[4])
        self.ground_velocity = GroundVelocity(sensors.ground_velocity, rng[5])
        self.switches = ContactSwitches(vehicle.legs.count)
        self.device = VectronixEmulator(sensors.rangefinder_device, self.laser, link)
        self.verdict = Verdict(vehicle, site, scenario.limits.time_s)
        self.timeline = FaultTimeline(scenario.faults)
        self._aperture, self._beam = np.array(vehicle.rangefinder.position_m), vehicle.rangefinder.axis
        self._engines = np.array(vehicle.group('main', 'assist'), dtype=int)
        self._closed = np.zeros(len(vehicle.thrusters))  # [s] on-times without a command
        self._engines_last_on = float('-inf')
        self._cycle = 0
        self._feet: tuple[bool, ...] = ()

    def state_vector(self) -> StateVector:
        """Return what orbit determination sends up before the flight."""
        return self._state_vector

    def first_frame(self) -> SensorFrame:
        """Return the frame at the start time, which sets the ring going."""
        return SensorFrame(self.time, 0.0, ImuSample(self.time, self.dynamics.body_rate, np.zeros(3)),
                           faults=self._update_faults())

    @property
    def altitude(self) -> float:
        """True height of base_link above the ground [m]."""
        return self.dynamics.altitude

    def step(self, command: ThrusterCommand | None) -> SensorFrame:
        """Fly on under `command` (None: every valve closes) and return what the sensors then say."""
        on_time = self._closed if command is None else command.on_time
        dt = self._step_length(on_time)
        self.device.step(self.time, self._measure)
        # Counted in nanoseconds, as the stamps are, so that no rounding builds up.
        self.time = round((self.time + dt) * 1e9) * 1e-9
        self._cycle += 1
        altitude = self.altitude if self.ground_velocity.due(self.time) else math.nan  # before the step
        self.dynamics.step(dt, on_time)
        frame = self._sense(dt, altitude)
        frame.faults = self._update_faults()
        self.verdict.update(self.time, self.dynamics)
        return frame

    def tell_phase(self, time: float, phase: str) -> None:
        """Take the phase of guidance at `time` [s]; it counts a little later, whenever it arrives."""
        last = self._next_phases[-1][1] if self._next_phases else self.phase
        if phase != last:
            self._next_phases.append((time + _PHASE_DELAY, phase))

    def _step_length(self, on_time: np.ndarray) -> float:
        if np.count_nonzero(on_time[self._engines]):
            self._engines_last_on = self.time
        quiet = self.time - self._engines_last_on > _QUIET_BEFORE_COAST
        limits = self.scenario.limits
        return limits.coast_step_s if quiet and self.altitude > _COAST_ALTITUDE else limits.step_s

    def _sense(self, dt: float, altitude: float) -> SensorFrame:
        d, t = self.dynamics, self.time
        frame = SensorFrame(t, dt, self.imu.sample(t, dt, d.increments))
        if self.star_tracker.due(t):
            frame.attitude = self.star_tracker.sample(t, d.q_moon_body, d.body_rate)
        if self.ground_velocity.due(t):
            velocity = rotations.rotate(rotations.conjugate(d.q_moon_body), d.velocity)
            frame.velocity = self.ground_velocity.sample(t, velocity, altitude, d.tilt)
        feet = self.switches.sample(t, d.foot_contact)
        if feet != self._feet or self._cycle % 10 == 0:
            self._feet = feet
            frame.contact = ContactSample(t, feet)
        if self.device.due <= t:
            self.device.step(t, self._measure)
        return frame

    def _measure(self) -> tuple[float, float] | None:
        """Return true slant range [m] and cosine of incidence of the beam, None without ground."""
        d, q = self.dynamics, self.dynamics.q_moon_body
        origin, beam = d.position + rotations.rotate(q, self._aperture), rotations.rotate(q, self._beam)
        hit = self.terrain.raycast(origin, beam, self.laser.parameters.max_range_m)
        return None if hit is None else (hit.range_m, hit.cosine)

    def _update_faults(self) -> list[tuple[Fault, bool]]:
        if self.timeline.idle and not self._next_phases:
            return []
        altitude = self.altitude
        changes = self.timeline.update(self.time, altitude, self.phase)
        while self._next_phases and self.time >= self._next_phases[0][0]:
            _, self.phase = self._next_phases.popleft()
            changes += self.timeline.update(self.time, altitude, self.phase)
        for fault, active in changes:
            self._apply(fault, active)
        return changes

    def _apply(self, fault: Fault, active: bool) -> None:
        family, _, name = fault.what.partition('/')
        if family == 'thruster':
            index = [t.name for t in self.vehicle.thrusters].index(name)
            if active:
                self.dynamics.set_thruster_fault(index, fault.how.kind, fault.how.value)
            else:
                self.dynamics.clear_thruster_fault(index)
        elif family != 'node':  # nodes are killed by the simulator node
            sensor = {'rangefinder': self.laser, 'imu': self.imu, 'star_tracker': self.star_tracker,
                      'ground_velocity': self.ground_velocity}[family]
            if active:
                sensor.set_fault(fault.how.kind, fault.how.value)
            else:
                sensor.clear_fault(fault.how.kind)

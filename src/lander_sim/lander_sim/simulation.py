"""One simulated flight: truth, sensors, faults and the verdict, stepped by thruster commands."""

import math
from dataclasses import dataclass, field

import numpy as np

from lander_common import moon, rotations
from lander_common.samples import (
    AttitudeFix,
    ContactSample,
    ImuSample,
    StateVector,
    ThrusterCommand,
    VelocitySample,
)
from lander_common.site import Site
from lander_common.transport import Listener, listen_transport
from lander_common.transports.unix import UnixListener
from lander_common.vehicle import Vehicle
from lander_rangefinder.direct import DirectRangefinder
from lander_rangefinder.parameters import RangefinderParameters
from lander_sim.devices.direct import DirectDevice
from lander_sim.devices.emulator import Emulator, Unplugged, make_emulator
from lander_sim.dispersion import disperse
from lander_sim.dynamics import VehicleDynamics
from lander_sim.fault_watch import NO_PHASE, take_phase_of, tell_phase_to
from lander_sim.faults import PHASES, Fault, FaultTimeline
from lander_sim.initial_state import measured_state, orbit_state, true_vehicle
from lander_sim.scenario import Scenario
from lander_sim.sensor_file import SensorFile
from lander_sim.sensors.contact_switches import ContactSwitches
from lander_sim.sensors.ground_velocity import GroundVelocity
from lander_sim.sensors.imu import Imu
from lander_sim.sensors.laser import LaserModel
from lander_sim.sensors.star_tracker import StarTracker
from lander_sim.terrain import Terrain, TerrainError
from lander_sim.verdict import Verdict
from lander_sim.world import WORLD
from lander_sim.world_step import (
    ATTEND,
    COAST_ALTITUDE,
    HIGH,
    NO_COMMAND,
    NO_DATA,
    NOT_FINITE,
    QUIET_BEFORE_COAST,
    tick_of,
)


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
    """The world around the flight software. Deterministic: same inputs and seed, same bits.

    Its state is in `record`, (1,) of world.WORLD, except for the random streams and the timeline of faults:
    `step` and the kernel world_step.step can take turns.
    """

    def __init__(self, vehicle: Vehicle, site: Site, scenario: Scenario, sensors: SensorFile,
                 terrain: Terrain, link: Listener | None, seed: int,
                 driver: RangefinderParameters = RangefinderParameters()):  # noqa: B008 - frozen
        """Set up the start of the flight.

        `link` is the device's end of the range-finder link; without one the range finder is `rangefinder`,
        which works on the record.
        """
        rng = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(8)]
        self.vehicle, self.site, self.scenario, self.terrain = vehicle, site, scenario, terrain
        self.link = link
        self.record = np.zeros(1, WORLD)
        world = self._world = self.record[0]
        part = {name: self.record[name] for name in WORLD.names}
        self._watch = part['watch'][0]
        self._watch['phase'] = NO_PHASE
        true = true_vehicle(vehicle, scenario.uncertainty, rng[0])
        start = orbit_state(scenario.start, site)
        self._state_vector = measured_state(start, scenario.uncertainty, site, 0.0, rng[1])
        self.dynamics = VehicleDynamics(true, terrain, part['truth'])
        self.dynamics.set_state(start.position, start.velocity, start.q_moon_body,
                                start.angular_velocity, true.mass.propellant_kg)
        self.laser = LaserModel(sensors.laser, rng[2], part['laser'])
        self.imu = Imu(sensors.imu, rng[3], part['imu'])
        self.star_tracker = StarTracker(sensors.star_tracker, rng[4], part['star_tracker'])
        self.ground_velocity = GroundVelocity(sensors.ground_velocity, rng[5], part['ground_velocity'])
        self.switches = ContactSwitches(vehicle.legs.count, record=part['switches'])
        self.streams = (*self.imu.streams, self.star_tracker.stream, self.ground_velocity.stream,
                        self.laser.stream)
        self.rangefinder: DirectRangefinder | None = None
        self.device: Emulator | DirectDevice | Unplugged
        self._device = sensors.rangefinder_device
        if link is None:
            world['direct'] = 1
            self.rangefinder = DirectRangefinder(driver, part['rangefinder'])
            self.device = DirectDevice(sensors.rangefinder_device, self.laser, part['device'],
                                       part['rangefinder'])
        else:
            self.device = make_emulator(self._device, self.laser, link)
        self.verdict = Verdict(vehicle, site, scenario.limits.time_s, part['verdict'])
        self.timeline = FaultTimeline(disperse(scenario.faults, rng[7]), part['watch'])
        world['aperture'], world['beam'] = vehicle.rangefinder.position_m, vehicle.rangefinder.axis
        limits = scenario.limits
        world['step_s'], world['coast_step_s'] = limits.step_s, limits.coast_step_s
        world['high_step_s'] = limits.longest_powered_s
        world['site_level'] = site.ground_height_m
        self._engines = np.array(vehicle.group('main', 'assist'), dtype=int)
        world['engine_count'], world['engines_last_on'] = len(self._engines), -math.inf
        world['engines'][:len(self._engines)] = self._engines
        self._closed = ThrusterCommand(0.0, np.zeros(len(vehicle.thrusters)))  # without a command

    def state_vector(self) -> StateVector:
        """Return what orbit determination sends up before the flight."""
        return self._state_vector

    def first_frame(self) -> SensorFrame:
        """Return the frame at the start time, which sets the ring going."""
        self._world['imu_rate'], self._world['imu_force'] = self.dynamics.body_rate, 0.0
        return self.frame(self._update_faults())

    @property
    def time(self) -> float:
        """Flight time [s]."""
        return float(self._world['time'])

    @property
    def phase(self) -> str:
        """Phase of guidance, as far as it counts: it only starts faults."""
        phase = int(self._watch['phase'])
        return '' if phase == NO_PHASE else PHASES[phase]

    @property
    def altitude(self) -> float:
        """True height of base_link above the ground [m]."""
        return self.dynamics.altitude

    def step(self, command: ThrusterCommand | None) -> SensorFrame:
        """Fly on under `command` (None: every valve closes) and return what the sensors then say."""
        command = command or self._closed
        dt = self._cycle_length(command.on_time)
        self.device.step(self.time, self._measure)
        tick_of(self.record, dt)
        altitude = self.altitude if self.ground_velocity.due(self.time) else math.nan  # before the step
        self.dynamics.step(dt, command.on_time, command.throttle)
        self._sense(dt, altitude)
        if self.device.due <= self.time:
            self.device.step(self.time, self._measure)
        return self.frame(self._look())

    def attend(self, code: int) -> list[tuple[Fault, bool]]:
        """Do what the kernel `world_step.step` leaves to Python when it returns `code`.

        Returns:
            The faults that start (True) or end (False) now.

        Raises:
            TerrainError, ValueError, FloatingPointError: as `step`.
        """
        if code == NO_DATA:
            self.terrain.height_at(self.dynamics.position)
            self._measure()
            raise TerrainError(f'{self.terrain.source}: no data near the lander at t = {self.time:.3f} s')
        if code == NO_COMMAND:
            raise ValueError(f'a command at t = {self.time:.3f} s holds NaN')
        if code == NOT_FINITE:
            raise FloatingPointError(f'the motion broke down at t = {self.time:.3f} s')
        return self._look() if code == ATTEND else []

    def frame(self, faults: list[tuple[Fault, bool]]) -> SensorFrame:
        """Return what the sensors said at the end of the last cycle, with the faults that changed in it."""
        world, t = self._world, self.time
        imu = ImuSample(t, world['imu_rate'].copy(), world['imu_force'].copy())
        contact = ContactSample(t, self.switches.feet) if world['contact_due'] else None
        return SensorFrame(t, float(world['dt']), imu, self.star_tracker.fix(t),
                           self.ground_velocity.velocity(t), contact, faults)

    def tell_phase(self, time: float, phase: str) -> None:
        """Take the phase of guidance at `time` [s]; it counts a little later, whenever it arrives."""
        tell_phase_to(self.record['watch'], time, PHASES.index(phase))

    def beside_the_ring(self) -> tuple[str, ...]:
        """Return the names of the nodes that `wait_for_rangefinder` waits for."""
        return ('rangefinder',) if isinstance(self.link, UnixListener) else ()

    def wait_for_rangefinder(self, patience: float) -> None:
        """Wait until the driver at the other end of the link has done what it does at this time.

        It is beside the ring, and may open the link with its first sample only: not waited for, its first
        question would come a cycle later on a busy machine. `patience`: longest wait [s], wall time.
        """
        if self._world['cycle'] == 0:
            self.link.meet(patience)
        self.link.wait(self.time, patience)

    def hold(self) -> None:
        """Fly on in short cycles for some seconds, as if an engine had just been on."""
        self._world['engines_last_on'] = self._world['time']

    def _cycle_length(self, on_time: np.ndarray) -> float:
        world = self._world
        if np.count_nonzero(on_time[self._engines]):
            world['engines_last_on'] = world['time']
        quiet = world['time'] - world['engines_last_on'] > QUIET_BEFORE_COAST
        if quiet and self.altitude > COAST_ALTITUDE:
            return float(world['coast_step_s'])
        high = moon.height(self.dynamics.position) - world['site_level'] > HIGH
        return float(world['high_step_s' if high else 'step_s'])

    def _sense(self, dt: float, altitude: float) -> None:
        d, t = self.dynamics, self.time
        self.imu.sample(t, dt, d.increments)
        if self.star_tracker.due(t):
            self.star_tracker.sample(t, d.q_moon_body, d.body_rate)
        if self.ground_velocity.due(t):
            velocity = rotations.rotate(rotations.conjugate(d.q_moon_body), d.velocity)
            self.ground_velocity.sample(t, velocity, altitude, d.tilt)
        self.switches.follow(t, d.foot_loads, int(self._world['cycle']))

    def _measure(self) -> tuple[float, float] | None:
        """Return true slant range [m] and cosine of incidence of the beam, None without ground."""
        d, q = self.dynamics, self.dynamics.q_moon_body
        origin = d.position + rotations.rotate(q, self._world['aperture'])
        beam = rotations.rotate(q, self._world['beam'])
        hit = self.terrain.raycast(origin, beam, self.laser.reach)
        self._world['footprint'] = origin + (np.inf if hit is None else hit.range_m) * beam
        return None if hit is None else (hit.range_m, hit.cosine)

    def _look(self) -> list[tuple[Fault, bool]]:
        changes = self._update_faults()
        self.verdict.update(self.time, self.dynamics)
        return changes

    def _update_faults(self) -> list[tuple[Fault, bool]]:
        watch, changes = self._watch, []
        if self.time >= watch['next_time'] or self.dynamics.is_below(watch['highest']):
            changes = self.timeline.update(self.time, self.altitude, self.phase)
        while watch['count'] and take_phase_of(self.record['watch'], self.time):
            changes += self.timeline.update(self.time, self.altitude, self.phase)
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
            if fault.how.kind == 'unplugged' and self.link is not None:
                self._unplug() if active else self._plug_in()

    def _unplug(self) -> None:
        """Take the range finder off its link, as if the plug had been pulled."""
        self.link.close()
        self.device = Unplugged()

    def _plug_in(self) -> None:
        """Put it back: it starts as after power-on."""
        self.link = listen_transport(self.link.url)
        self.device = make_emulator(self._device, self.laser, self.link)

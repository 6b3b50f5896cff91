"""One flight in one process: the cores of the flight nodes round the simulation, without ROS."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lander_campaign import ring
from lander_campaign.observer import Observer
from lander_campaign.software import Software
from lander_common.samples import Navigation, RangeSample, ThrusterCommand, Wrench
from lander_common.site import load_site
from lander_common.transport import open_transport
from lander_common.vehicle import MOST, load_vehicle
from lander_estimation.filter import NavigationFilter
from lander_guidance.guidance import Guidance
from lander_rangefinder.direct import DirectRangefinder
from lander_rangefinder.driver import RangefinderDriver
from lander_sim import verdict
from lander_sim.faults import PHASES
from lander_sim.parameters import SimulatorParameters
from lander_sim.set_up import set_up
from lander_sim.simulation import SensorFrame, Simulation
from lander_thrusters.allocator import ThrusterAllocator

_CLOSED = np.zeros(MOST)  # valves


@dataclass(frozen=True)
class Cores:
    """The flight software of one lander."""

    rangefinder: RangefinderDriver | DirectRangefinder
    estimator: NavigationFilter
    guidance: Guidance
    allocator: ThrusterAllocator


class Flight:
    """Flies one scenario, in the order of the ring: cycle by cycle, or many cycles in one compiled loop.

    Both ways work on the same records and end in the same bits.
    """

    def __init__(self, parameters: SimulatorParameters, software: Software = Software(),  # noqa: B008 - frozen
                 linked: bool = False):
        """Set up the world and the flight software from the same files as the nodes.

        `linked`: the range finder talks to its device in bytes over the link of `parameters`, as the node
        does; such a flight is not compiled. Its samples have the same bits.
        """
        p = parameters
        self.simulation: Simulation = set_up(p, None if linked else software.rangefinder)
        vehicle, site = load_vehicle(p.vehicle_file), load_site(p.site_file)
        rangefinder = self.simulation.rangefinder if not linked else RangefinderDriver(
            software.rangefinder, open_transport(p.rangefinder_link))
        self.cores = Cores(
            rangefinder,
            NavigationFilter(software.state_estimator, vehicle, site),
            Guidance(software.guidance, vehicle, site),
            ThrusterAllocator(software.thruster_allocator, vehicle))
        self.cores.estimator.initialise(self.simulation.state_vector())
        self.frame = self.simulation.first_frame()
        self.ranges: list[RangeSample] = []  # of this cycle
        self.navigation: Navigation | None = None
        self.wrench: Wrench | None = None
        self.command: ThrusterCommand | None = None
        self.observer = Observer(self)
        self._linked = linked

    def step(self) -> None:
        """Run the ring once and step the world."""
        self.command = self._fly(self.frame)
        self.simulation.tell_phase(self.frame.time, PHASES[self.cores.guidance.phase])
        self.frame = self.simulation.step(self.command)
        self.observer.look(self)

    def run(self, watch: Callable[['Flight'], None] | None = None) -> verdict.Report:
        """Fly to the end and close: compiled, or with `watch` called every cycle.

        Returns:
            The touchdown report of the simulation.
        """
        with self:
            while self.flying:
                if watch is None and not self._linked:
                    self.burst()
                else:
                    self.step()
                    if watch is not None:
                        watch(self)
        return self.simulation.verdict.report(self.simulation.time, self.simulation.dynamics)

    @property
    def flying(self) -> bool:
        """Whether there is no verdict yet."""
        return self.simulation.verdict.result == verdict.FLYING

    def burst(self, cycles: int = 1_000_000) -> None:
        """Run the ring up to `cycles` times in compiled code; ends early where Python has to look."""
        simulation, cores = self.simulation, self.cores
        code = ring.fly(simulation.record, simulation.terrain.land, simulation.streams,
                        cores.estimator.record, cores.guidance.record, cores.allocator.record,
                        self.observer.record, _CLOSED, cycles)
        self.frame = simulation.frame(simulation.attend(code))
        if code != ring.OK:
            self.observer.look(self)

    def close(self) -> None:
        """Give the link of the range finder back, if there is one."""
        self.cores.rangefinder.close()
        if self.simulation.link is not None:
            self.simulation.link.close()

    def __enter__(self) -> 'Flight':
        """Return the flight, which is closed at the end of the block."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close."""
        self.close()

    def _fly(self, frame: SensorFrame) -> ThrusterCommand | None:
        estimator, guidance = self.cores.estimator, self.cores.guidance
        if frame.attitude is not None:
            estimator.add_attitude(frame.attitude)
        if frame.velocity is not None:
            estimator.add_velocity(frame.velocity)
        if frame.contact is not None:
            guidance.set_contact(frame.contact)
        self.navigation = estimator.step(frame.imu)
        # As in the ring, a range sample reaches the estimator after the sample that triggered it.
        self.ranges = self.cores.rangefinder.poll(frame.time)
        for sample in self.ranges:
            estimator.add_range(sample)
        if self.navigation is None:
            return None
        if self.cores.estimator.status_due(self.navigation.time):
            guidance.set_ground(estimator.ground())
        self.wrench = guidance.step(self.navigation)
        self.cores.allocator.add_imu(frame.imu)
        return self.cores.allocator.step(self.wrench)


def files(root: Path, vehicle: str = 'resilience', site: str = 'mare_frigoris',
          scenario: str = 'nominal', seed: int = 1, terrain_dir: str = '',
          sensors: str = '') -> SimulatorParameters:
    """Return the parameters of a flight from the names in the folder `config`.

    `sensors`: by default the file with the name of the vehicle.
    """
    return SimulatorParameters(
        vehicle_file=str(root / 'vehicles' / f'{vehicle}.yaml'),
        site_file=str(root / 'sites' / f'{site}.yaml'),
        scenario_file=str(root / 'scenarios' / f'{scenario}.yaml'),
        sensors_file=str(root / 'sensors' / f'{sensors or vehicle}.yaml'), terrain_dir=terrain_dir, seed=seed,
        rangefinder_link='memory:flight')

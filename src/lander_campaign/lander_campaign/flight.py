"""One flight in one process: the cores of the flight nodes round the simulation, without ROS."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lander_common.samples import Navigation, RangeSample, ThrusterCommand, Wrench
from lander_common.site import load_site
from lander_common.vehicle import load_vehicle
from lander_estimation.filter import NavigationFilter
from lander_estimation.parameters import EstimatorParameters
from lander_estimation.schedule import StatusSchedule
from lander_guidance.guidance import Guidance
from lander_guidance.parameters import GuidanceParameters
from lander_rangefinder.driver import RangefinderDriver
from lander_rangefinder.parameters import RangefinderParameters
from lander_rangefinder.transport import open_transport
from lander_sim import verdict
from lander_sim.faults import PHASES
from lander_sim.parameters import SimulatorParameters
from lander_sim.set_up import set_up
from lander_sim.simulation import SensorFrame, Simulation
from lander_thrusters.allocator import ThrusterAllocator
from lander_thrusters.parameters import AllocatorParameters


@dataclass(frozen=True)
class Cores:
    """The flight software of one lander."""

    rangefinder: RangefinderDriver
    estimator: NavigationFilter
    guidance: Guidance
    allocator: ThrusterAllocator


class Flight:
    """Flies one scenario, cycle by cycle, in the order of the ring."""

    def __init__(self, parameters: SimulatorParameters, estimator: EstimatorParameters | None = None,
                 guidance: GuidanceParameters | None = None):
        """Set up the world and the flight software from the same files as the nodes."""
        p = parameters
        self.simulation: Simulation = set_up(p)
        vehicle, site = load_vehicle(p.vehicle_file), load_site(p.site_file)
        link = open_transport(p.rangefinder_link)
        self.cores = Cores(
            RangefinderDriver(RangefinderParameters(), link),
            NavigationFilter(estimator or EstimatorParameters(), vehicle, site),
            Guidance(guidance or GuidanceParameters(), vehicle, site),
            ThrusterAllocator(AllocatorParameters(), vehicle))
        self.cores.estimator.initialise(self.simulation.state_vector())
        self.frame = self.simulation.first_frame()
        self.ranges: list[RangeSample] = []  # of this cycle
        self.navigation: Navigation | None = None
        self.wrench: Wrench | None = None
        self.command: ThrusterCommand | None = None
        self._status_schedule = StatusSchedule()

    def step(self) -> None:
        """Run the ring once and step the world."""
        self.command = self._fly(self.frame)
        self.simulation.tell_phase(self.frame.time, PHASES[self.cores.guidance.phase])
        self.frame = self.simulation.step(self.command)

    def run(self, watch: Callable[['Flight'], None] | None = None) -> verdict.Report:
        """Fly to the end and close; `watch` is called every cycle.

        Returns:
            The touchdown report of the simulation.
        """
        with self:
            while self.simulation.verdict.result == verdict.FLYING:
                self.step()
                if watch is not None:
                    watch(self)
        return self.simulation.verdict.report(self.simulation.time, self.simulation.dynamics)

    def close(self) -> None:
        """Give the link of the range finder back: the next flight in this process needs it."""
        self.cores.rangefinder.close()
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
        if self._status_schedule.due(self.navigation.time):
            guidance.set_ground(estimator.ground())
        self.wrench = guidance.step(self.navigation)
        self.cores.allocator.add_imu(frame.imu)
        return self.cores.allocator.step(self.wrench)


def files(root: Path, vehicle: str = 'resilience', site: str = 'mare_frigoris',
          scenario: str = 'nominal', seed: int = 1, terrain_dir: str = '') -> SimulatorParameters:
    """Return the parameters of a flight from the names in the folder `config`."""
    return SimulatorParameters(
        vehicle_file=str(root / 'vehicles' / f'{vehicle}.yaml'),
        site_file=str(root / 'sites' / f'{site}.yaml'),
        scenario_file=str(root / 'scenarios' / f'{scenario}.yaml'),
        sensors_file=str(root / 'sensors' / f'{vehicle}.yaml'), terrain_dir=terrain_dir, seed=seed,
        rangefinder_link='memory:flight')

"""The ring of the flight nodes without a world: recorded samples go in, answers come out."""

from collections.abc import Iterator
from dataclasses import dataclass

from lander_campaign.software import Software
from lander_common.samples import (
    AttitudeFix,
    ContactSample,
    GroundBelief,
    ImuSample,
    Navigation,
    RangeSample,
    StateVector,
    ThrusterCommand,
    VelocitySample,
    Wrench,
)
from lander_common.site import load_site
from lander_common.vehicle import load_vehicle
from lander_estimation.filter import NavigationFilter
from lander_estimation.status import AidStatus, SensorHealth
from lander_guidance.guidance import Guidance
from lander_guidance.report import Decision, GuidanceReport, Phase
from lander_thrusters.allocator import Health, ThrusterAllocator
from lander_thrusters.status import AllocationStatus

Sample = ImuSample | AttitudeFix | VelocitySample | ContactSample | RangeSample | StateVector

_STATUS_PERIOD = 0.1 - 1e-6  # [s] of guidance and allocator


@dataclass(frozen=True, slots=True)
class NavigationReport:
    """What the estimator says of the ground and its sensors ten times a second."""

    time: float  # [s]
    navigation: Navigation | None  # None before the state vector
    ground: GroundBelief | None
    terrain_variance: float  # [m^2]
    sensors: list[SensorHealth]
    hypotheses: dict[str, float]


Answer = (AidStatus | NavigationReport | Navigation | Wrench | GuidanceReport | ThrusterCommand
          | AllocationStatus)


class ReplayRing:
    """Estimator, guidance and allocator, driven by IMU samples and called in the order of the flight nodes.

    What a node publishes, and when, comes out as answers in the same order.
    """

    def __init__(self, software: Software):
        """Set up the flight software from its parameters, which name the vehicle and the site.

        Raises:
            FileError, ParameterError: name the file, the field and what is allowed.
        """
        estimator, guidance, allocator = (
            software.state_estimator, software.guidance, software.thruster_allocator)
        self.estimator = NavigationFilter(estimator, load_vehicle(estimator.vehicle_file),
                                          load_site(estimator.site_file))
        self.guidance = Guidance(guidance, load_vehicle(guidance.vehicle_file), load_site(guidance.site_file))
        self.allocator = ThrusterAllocator(allocator, load_vehicle(allocator.vehicle_file))
        self.backwards = 0  # IMU samples older than the one before
        self._time = float('-inf')  # [s] of the last IMU sample
        self._flying = False
        self._next_report = self._next_status = float('-inf')
        self._reported: tuple[Phase, Decision] = (Phase.WAIT, Decision.CONTINUE)
        self._health: Health | None = None

    def take(self, sample: Sample) -> Iterator[Answer]:
        """Take a sample; one of the IMU runs the ring once, and its answers are yielded.

        Raises:
            ValueError: a state vector that holds something that is not a number.
        """
        match sample:
            case ImuSample():
                yield from self._cycle(sample)
            case RangeSample():
                self.estimator.add_range(sample)
            case AttitudeFix():
                self.estimator.add_attitude(sample)
            case VelocitySample():
                self.estimator.add_velocity(sample)
            case ContactSample():
                self.guidance.set_contact(sample)
            case StateVector() if not self.estimator.initialised:
                self.estimator.initialise(sample)

    def _cycle(self, sample: ImuSample) -> Iterator[Answer]:
        if sample.time < self._time:
            self.backwards += 1
        if sample.time < self._time or (sample.time == self._time and self._flying):
            return
        self._time = sample.time
        navigation = self.estimator.step(sample)
        yield from self.estimator.take_aid_statuses()
        first = navigation is not None and not self._flying
        if self.estimator.status_due(self._time) or first:
            ground = self.estimator.ground()
            yield NavigationReport(self._time, navigation, ground, self.estimator.terrain_variance,
                                   self.estimator.sensor_states(), self.estimator.hypotheses())
            if navigation is not None:
                self.guidance.set_ground(ground)
        if navigation is not None:
            self._flying = True
            yield navigation
            self.allocator.add_imu(sample)
            yield from self._steer(navigation)

    def _steer(self, navigation: Navigation) -> Iterator[Answer]:
        wrench = self.guidance.step(navigation)
        yield wrench
        now = self.guidance.phase, self.guidance.decision
        if wrench.time >= self._next_report or now != self._reported:
            self._next_report, self._reported = wrench.time + _STATUS_PERIOD, now
            yield self.guidance.status()
        yield self.allocator.step(wrench)
        health = self.allocator.health()
        if wrench.time >= self._next_status or health != self._health:
            self._next_status, self._health = wrench.time + _STATUS_PERIOD, health
            yield self.allocator.status()

"""Mission control: shows the flight, sends the rover goal after the landing, judges the end.

Subscribes to guidance_status, navigation_status, rangefinder/range_sample, thrusters/status,
truth/touchdown, faults; action client of deploy_rover. Its timer runs on the steady wall clock, so that
it also notices that flight time stands still. Exit codes: 0 passed, 1 not passed, 3 nothing heard.
"""

import math
import time
from pathlib import Path
from typing import Any

from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rich.console import Console

from lander_common.parameters import ParameterError
from lander_common.ros.node import finish, run
from lander_common.ros.parameters import declare
from lander_common.ros.qos import EVENTS, LATCHED, RING, STATUS
from lander_common.ros.time import to_seconds
from lander_common.vehicle import load_vehicle
from lander_msgs.msg import (
    FaultEvent,
    GuidanceStatus,
    NavigationStatus,
    RangeSample,
    ThrusterStatus,
    TouchdownReport,
)
from lander_telemetry import downlink_node as downlink
from lander_telemetry.display import Screen, clock, table
from lander_telemetry.flight import Flight
from lander_telemetry.judgement import judge, passed
from lander_telemetry.mission import Mission
from lander_telemetry.parameters import MissionParameters
from lander_telemetry.rover_request_node import RoverRequest
from lander_telemetry.summary import summary, write

TICK_S = 0.2
PASSED, NOT_PASSED, NO_DATA = 0, 1, 3


class MissionControlNode(Node):
    """The ground station of a flight, which ends the process when the flight is over."""

    def __init__(self, **arguments: Any):
        """Begin to listen."""
        super().__init__('mission_control', **arguments)
        self._parameters = declare(self, MissionParameters)
        if not self._parameters.vehicle_file:
            raise ParameterError('vehicle_file', '', 'the path of a vehicle file')
        self._vehicle = load_vehicle(self._parameters.vehicle_file)
        _make(self._parameters.flight_dir)
        self._flight = Flight()
        self._mission = Mission(self._parameters, time.monotonic())
        self._console = Console(highlight=False)
        self._screen = Screen(self._console)
        self._over = math.inf  # [s] wall time of the end
        self._code = NO_DATA
        self._rover = RoverRequest(self, self._mission, self._say, self._parameters.lift_inhibit)
        for kind, topic, take, qos in (
                (GuidanceStatus, 'guidance_status', self._take_guidance, STATUS),
                (NavigationStatus, 'navigation_status', downlink.take_navigation, RING),
                (RangeSample, 'rangefinder/range_sample', downlink.take_range, RING),
                (ThrusterStatus, 'thrusters/status', downlink.take_thrusters, STATUS),
                (FaultEvent, 'faults', self._take_fault, EVENTS),
                (TouchdownReport, 'truth/touchdown', self._take_touchdown, LATCHED)):
            self.create_subscription(kind, topic, lambda message, take=take: self._take(take, message), qos)
        self.create_timer(TICK_S, self._tick, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def destroy_node(self) -> None:
        """Give the terminal back and end the node."""
        self._screen.close()
        super().destroy_node()

    def _take(self, take: Any, message: Any) -> None:
        self._mission.hear(time.monotonic())
        take(self._flight, message)

    def _take_guidance(self, flight: Flight, message: GuidanceStatus) -> None:
        before = flight.phase
        downlink.take_guidance(flight, message)
        if flight.phase != before:
            self._say(f'{flight.phase}: {message.reason}', 'bold red' if flight.phase == 'ABORT' else 'bold')
        if flight.phase == 'LANDED':
            self._mission.land(flight.time, time.monotonic())

    def _take_fault(self, flight: Flight, message: FaultEvent) -> None:
        fault = downlink.fault(message)
        flight.faults.append(fault)
        self._say('{}fault: {target} {kind} {value:g} ({cause})'.format(
            '' if fault['active'] else 'end of ', **fault), 'yellow')

    def _take_touchdown(self, flight: Flight, message: TouchdownReport) -> None:
        touchdown = downlink.touchdown(message)
        if not math.isfinite(flight.time):
            flight.time = to_seconds(message.header.stamp)
        self._mission.report(touchdown, flight.time)
        self._say(f'{touchdown.result}: {touchdown.reason}' if touchdown.final else 'first contact')

    def _tick(self) -> None:
        wall, mission = time.monotonic(), self._mission
        if self._over < math.inf:
            if wall - self._over >= self._parameters.settle_s:
                finish(self._code)
            return
        self._screen.update(self._flight, wall)
        self._rover.send_when_wanted(self._flight.time)
        if mission.is_over(self._flight.time, wall):
            self._over = wall
            self._end()

    def _say(self, text: str, style: str = '') -> None:
        self._screen.say(f'{clock(self._flight.time)}  {text}', style)

    def _end(self) -> None:
        self._screen.close()
        rows = judge(self._mission, self._vehicle.limits)
        good = passed(rows)
        self._code = NO_DATA if self._mission.silent else PASSED if good else NOT_PASSED
        given = self._parameters
        folder = Path(given.flight_dir).absolute() / 'bag'
        bag = str(folder) if given.flight_dir and folder.is_dir() else None
        self._console.print(table(rows, good))
        if bag:
            self._console.print(f'bag: {bag}', soft_wrap=True)
        if given.flight_dir:
            content = summary(self._mission, good, scenario=given.scenario, vehicle=self._vehicle.name,
                              seed=given.seed, bag=bag, faults=self._flight.faults)
            try:
                write(Path(given.flight_dir), content)
            except OSError as error:
                self.get_logger().error(f'{error.filename}: the summary is not written ({error.strerror})')


def _make(folder: str) -> None:
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ParameterError('flight_dir', folder, f'a folder to write in ({error.strerror})') from error


def main() -> None:
    """Start the node."""
    run(MissionControlNode)


if __name__ == '__main__':
    main()

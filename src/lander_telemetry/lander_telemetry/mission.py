"""The course of a mission: when the rover is to be deployed, and when the flight is over."""

from enum import Enum
from math import inf

from lander_telemetry.flight import Touchdown
from lander_telemetry.parameters import MissionParameters


class Rover(Enum):
    """How far the deployment of the rover is."""

    NOT_WANTED = 'not asked for'
    WAITING = 'waiting for the landing'
    UNDER_WAY = 'under way'
    DEPLOYED = 'deployed'
    FAILED = 'failed'


class Mission:
    """Follows a flight to its end. Flight times and wall times are arguments, in seconds."""

    def __init__(self, parameters: MissionParameters, wall: float):
        """Begin at wall time `wall`."""
        self._parameters = parameters
        self.touchdown = Touchdown()
        self.rover = Rover.WAITING if parameters.deploy_rover else Rover.NOT_WANTED
        self.rover_reason = ''
        self.silent = False  # the flight was given up because nothing was heard
        self._landed = self._at_rest = self._goal_sent = inf  # flight times
        self._landed_wall = inf
        self._heard = wall

    def hear(self, wall: float) -> None:
        """Note that a message arrived."""
        self._heard = wall

    def land(self, time: float, wall: float) -> None:
        """Note that guidance reports LANDED; only the first time counts."""
        if self._landed == inf:
            self._landed, self._landed_wall = time, wall

    def report(self, touchdown: Touchdown, time: float) -> None:
        """Note a touchdown report."""
        self.touchdown = touchdown
        if touchdown.final and self._at_rest == inf:
            self._at_rest = time

    @property
    def wants_rover(self) -> bool:
        """Whether the rover goal is to be sent now."""
        return self.rover is Rover.WAITING and self._landed < inf

    def rover_asked(self, time: float) -> None:
        """Note that the rover goal was sent."""
        self.rover, self._goal_sent = Rover.UNDER_WAY, time

    def rover_ended(self, deployed: bool, reason: str) -> None:
        """Note how the deployment ended; once it has ended, nothing changes it."""
        if self.rover in (Rover.WAITING, Rover.UNDER_WAY):
            self.rover = Rover.DEPLOYED if deployed else Rover.FAILED
            self.rover_reason = reason

    def is_over(self, time: float, wall: float) -> bool:
        """Whether the flight is over; applies the time limits."""
        limits = self._parameters
        if wall - self._heard > limits.silence_timeout_s:
            self.silent = not self.touchdown.final
            self.rover_ended(False, f'nothing heard for {limits.silence_timeout_s:g} s')
            return True
        if self.rover is Rover.WAITING and time - self._at_rest > limits.landed_timeout_s:
            self.rover_ended(False, 'guidance did not report LANDED')
        if self.rover is Rover.WAITING and wall - self._landed_wall > limits.server_timeout_s:
            self.rover_ended(False, 'there is no deploy_rover server')
        if self.rover is Rover.UNDER_WAY and time - self._goal_sent > limits.rover_timeout_s:
            self.rover_ended(False, f'no result within {limits.rover_timeout_s:g} s')
        if self.touchdown.final and self.touchdown.result != 'landed':
            self.rover_ended(False, f'the lander is {self.touchdown.result.replace("_", " ")}')
            return True
        rover_done = self.rover not in (Rover.WAITING, Rover.UNDER_WAY)
        unreported = time - self._landed > limits.landed_timeout_s
        return rover_done and (self.touchdown.final or unreported)

"""The deployment of the rover, step by step: check, release, drive off, take an image."""

import math
from dataclasses import dataclass
from enum import IntEnum

from lander_rover.interlocks import Code, Lander, refusal
from lander_rover.parameters import RoverParameters


class Stage(IntEnum):
    """Stages of a deployment: the numbers of the action DeployRover."""

    CHECK = 0
    RELEASE = 1
    DRIVE = 2
    IMAGE = 3
    DONE = 4


@dataclass(frozen=True)
class Rover:
    """What the rover reports."""

    odometry_time: float = -math.inf  # [s] of the last odometry
    position: tuple[float, float, float] = (0.0, 0.0, 0.0)  # [m]
    image_time: float = -math.inf  # [s] of the last image
    release_time: float = -math.inf  # [s] of the last word of the release device on this request
    release_refused: str = ''  # why it does not let the rover go; empty: it does, or says nothing


@dataclass(frozen=True)
class Commands:
    """What the rover hardware is told."""

    release: bool = False
    speed_m_s: float = 0.0
    take_image: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a deployment ended."""

    code: Code
    message: str

    @property
    def success(self) -> bool:
        """Whether the rover is on the ground, away from the lander, and has sent an image."""
        return self.code is Code.NONE


class Deployment:
    """One deployment. Call `step` with the latest states; time is flight time in seconds."""

    def __init__(self, parameters: RoverParameters, time: float, distance_m: float = 0.0):
        """Begin at `time`; a distance of 0 is the default of the parameters.

        Raises:
            ValueError: the distance is negative or not finite.
        """
        if not (math.isfinite(distance_m) and distance_m >= 0.0):
            raise ValueError(f'drive distance {distance_m} m: allowed is a number, at least 0')
        self._parameters = parameters
        self._goal_m = distance_m or parameters.drive_distance_m
        self._begin(Stage.CHECK, time, 'waiting until the lander is still')
        self._still_since = math.inf
        self._origin = (0.0, 0.0, 0.0)
        self._image_asked = -math.inf
        self.distance_m = 0.0  # driven
        self.outcome: Outcome | None = None

    @property
    def progress(self) -> float:
        """Share of the whole deployment that is done, 0 to 1."""
        part = min(1.0, self.distance_m / self._goal_m) if self.stage is Stage.DRIVE else 0.0
        return (self.stage + part) / Stage.DONE

    def step(self, time: float, lander: Lander, rover: Rover) -> Commands:
        """Advance to `time` and return what the rover is to do now."""
        if self.outcome is not None:
            return Commands()
        return {Stage.CHECK: self._check, Stage.RELEASE: self._release, Stage.DRIVE: self._drive,
                Stage.IMAGE: self._image}[self.stage](time, lander, rover)

    def cancel(self) -> Commands:
        """End the deployment where it is; the rover stops."""
        return self._end(Code.CANCELLED, f'cancelled while {self.detail}')

    def _check(self, time: float, lander: Lander, rover: Rover) -> Commands:
        refused = refusal(lander, time, self._parameters)
        if refused:
            self._still_since = math.inf
            may_come_to_rest = refused.code is Code.MOVING
            if may_come_to_rest and not self._late(time, self._parameters.check_timeout_s):
                return Commands()
            return self._end(refused.code, refused.reason)
        self._still_since = min(self._still_since, time)
        if time - self._still_since < self._parameters.still_time_s:
            return Commands()
        self._begin(Stage.RELEASE, time, 'letting the rover down')
        return Commands(release=True)

    def _release(self, time: float, lander: Lander, rover: Rover) -> Commands:
        refused = refusal(lander, time, self._parameters)
        if refused:
            return self._end(refused.code, f'during the release: {refused.reason}')
        if rover.odometry_time > self._began:
            self._origin = rover.position
            self._begin(Stage.DRIVE, time, f'driving off {self._goal_m:g} m')
            return Commands(speed_m_s=self._parameters.drive_speed_m_s)
        if rover.release_refused and rover.release_time >= self._began:
            return self._end(Code.RELEASE_FAILED, rover.release_refused)
        if self._late(time, self._parameters.release_timeout_s):
            return self._end(Code.RELEASE_FAILED, 'the rover sends no odometry after its release')
        return Commands(release=True)

    def _drive(self, time: float, lander: Lander, rover: Rover) -> Commands:
        self.distance_m = math.dist(rover.position, self._origin)
        if self.distance_m >= self._goal_m:
            self._begin(Stage.IMAGE, time, 'taking an image')
            self._image_asked = time
            return Commands(take_image=True)
        driven = f'after {self.distance_m:.2f} of {self._goal_m:g} m'
        if time - rover.odometry_time > self._parameters.odometry_timeout_s:
            return self._end(Code.DRIVE_FAILED, f'the odometry of the rover is silent {driven}')
        longest = self._parameters.drive_timeout_factor * self._goal_m / self._parameters.drive_speed_m_s
        if self._late(time, longest):
            return self._end(Code.DRIVE_FAILED, f'the rover is too slow: {driven} in {longest:.0f} s')
        return Commands(speed_m_s=self._parameters.drive_speed_m_s)

    def _image(self, time: float, lander: Lander, rover: Rover) -> Commands:
        if rover.image_time >= self._began:
            self._begin(Stage.DONE, time, 'the rover is deployed')
            return self._end(Code.NONE, f'deployed: {self.distance_m:.2f} m driven, first image received')
        if self._late(time, self._parameters.image_timeout_s):
            return self._end(Code.NO_IMAGE, 'the rover sends no image')
        if time - self._image_asked < self._parameters.image_retry_s:
            return Commands()
        self._image_asked = time
        return Commands(take_image=True)

    def _begin(self, stage: Stage, time: float, detail: str) -> None:
        self.stage, self._began, self.detail = stage, time, detail

    def _late(self, time: float, limit: float) -> bool:
        return time - self._began > limit

    def _end(self, code: Code, message: str) -> Commands:
        if self.outcome is None:
            self.outcome = Outcome(code, message)
        return Commands()

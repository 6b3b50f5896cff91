"""What the cores hand to each other. The nodes turn these into messages and back, bit for bit.

Times are seconds of the flight clock. Vectors are float64 arrays. Quaternions are x, y, z, w.
"""

from dataclasses import dataclass, field

import numpy as np

from lander_common.rotations import rotate


@dataclass(frozen=True, slots=True)
class ImuSample:
    """Mean rate and specific force over the interval that ends at `time`, at base_link."""

    time: float  # [s]
    angular_velocity: np.ndarray  # (3,) [rad/s] base_link, relative to inertial space
    specific_force: np.ndarray  # (3,) [m/s^2] base_link


@dataclass(frozen=True, slots=True)
class AttitudeFix:
    """Attitude in the Moon-fixed frame, from a star tracker."""

    time: float  # [s] of validity
    valid: bool
    reason: str
    q_moon_body: np.ndarray  # (4,)
    variance: np.ndarray  # (3,) [rad^2] about the base_link axes


@dataclass(frozen=True, slots=True)
class VelocitySample:
    """Velocity over the ground in base_link; components that are not measured are NaN."""

    time: float  # [s] of validity
    velocity: np.ndarray  # (3,) [m/s] base_link
    variance: np.ndarray  # (3,) [m^2/s^2]


@dataclass(frozen=True, slots=True)
class RangeSample:
    """One shot of a range finder. `validity` is one of the constants below."""

    NO_RETURN, VALID, DEGRADED, DEVICE_ERROR, TIMEOUT = range(5)

    time: float  # [s] of validity: the laser pulse
    received: float  # [s]
    validity: int
    reason: str
    range_m: float  # [m] NaN without a return
    variance: float  # [m^2] NaN without a return
    quality: float  # [-] share of valid shots in the last second
    beam: int = 0


@dataclass(frozen=True, slots=True)
class ContactSample:
    """Contact switches of the feet."""

    time: float  # [s]
    feet: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class StateVector:
    """State from orbit determination, sent up before the descent."""

    time: float  # [s]
    position_map: np.ndarray  # (3,) [m]
    velocity_body: np.ndarray  # (3,) [m/s] over the ground, in base_link as odometry has it
    q_map_body: np.ndarray  # (4,)
    position_covariance: np.ndarray  # (3, 3) [m^2] map
    velocity_covariance: np.ndarray  # (3, 3) [m^2/s^2] base_link
    attitude_variance: float  # [rad^2] each axis

    @property
    def velocity_map(self) -> np.ndarray:
        """Velocity over the ground in map [m/s], (3,)."""
        return rotate(self.q_map_body, self.velocity_body)


@dataclass(frozen=True, slots=True)
class Navigation:
    """The estimate that guidance flies on: what the odometry message holds."""

    time: float  # [s]
    position_map: np.ndarray  # (3,) [m] of base_link
    q_map_body: np.ndarray  # (4,)
    velocity_body: np.ndarray  # (3,) [m/s] over the ground, in base_link
    angular_velocity: np.ndarray  # (3,) [rad/s] of base_link relative to map, in base_link
    position_covariance: np.ndarray = field(default_factory=lambda: np.zeros((3, 3)))  # [m^2] map
    velocity_covariance: np.ndarray = field(default_factory=lambda: np.zeros((3, 3)))  # body
    attitude_covariance: np.ndarray = field(default_factory=lambda: np.zeros((3, 3)))  # [rad^2] map


@dataclass(frozen=True, slots=True)
class GroundBelief:
    """Where the ground is believed to be: part of the navigation status."""

    time: float  # [s]
    terrain_height_m: float  # [m] below the lander, above the reference sphere
    altitude_m: float  # [m]
    altitude_lower_m: float  # [m] lowest height still credible
    altitude_upper_m: float  # [m]


@dataclass(frozen=True, slots=True)
class Wrench:
    """Force and torque to be produced by the thrusters, about the centre of mass."""

    time: float  # [s]
    force: np.ndarray  # (3,) [N] base_link
    torque: np.ndarray  # (3,) [N m] base_link


@dataclass(frozen=True, slots=True)
class ThrusterCommand:
    """On-times from `time` on, per thruster in the order of the vehicle file."""

    time: float  # [s]
    on_time: np.ndarray  # (n,) [s]
    throttle: np.ndarray = None  # (n,) [-] share of full thrust while open; not given: ones

    def __post_init__(self) -> None:
        """Full thrust, unless something else is given."""
        if self.throttle is None:
            object.__setattr__(self, 'throttle', np.ones(len(self.on_time)))

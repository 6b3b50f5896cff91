"""The rover on the ground: let down beside the lander, then a unicycle that follows the terrain."""

import math
from dataclasses import dataclass

import numpy as np

from lander_common import rotations
from lander_common.constants import MOON_RADIUS
from lander_common.parameters import Parameters, parameter
from lander_common.site import Site
from lander_sim.terrain import Terrain


@dataclass(frozen=True)
class RoverParameters(Parameters):
    """A small rover; what is public of Tenacious is its size, 0.54 by 0.315 by 0.26 m."""

    mount_m: list[float] = parameter([0.0, 1.7, 0.5], unit='m', doc='Where it hangs, base_link; assumed')
    heading_deg: float = parameter(90.0, unit='deg', doc='Of its nose from base_link x, to the left; assumed')
    lowering_speed_m_s: float = parameter(0.1, unit='m/s', minimum=1e-3, maximum=5.0, doc='Assumed')
    max_speed_m_s: float = parameter(0.1, unit='m/s', minimum=1e-3, maximum=5.0, doc='Assumed')
    max_rate_rad_s: float = parameter(0.3, unit='rad/s', minimum=1e-3, maximum=5.0, doc='Assumed')
    max_slope_deg: float = parameter(25.0, unit='deg', minimum=1.0, maximum=60.0, doc='It climbs; assumed')
    slip_sigma: float = parameter(0.05, minimum=0.0, maximum=0.5, doc='True over wheel motion, -1; assumed')
    wheelbase_m: float = parameter(0.4, unit='m', minimum=0.05, maximum=5.0, doc='Distance of axles; assumed')


@dataclass(frozen=True, slots=True)
class RoverPose:
    """Where the rover really is."""

    position_map: np.ndarray  # (3,) [m] ground contact
    q_map_rover: np.ndarray  # (4,) x forward, y left, z along the ground's normal
    heading: float  # [rad] of the nose, counter-clockwise from east


@dataclass(frozen=True, slots=True)
class WheelOdometry:
    """What the wheels have counted since they touched the ground."""

    distance: float  # [m] rolled, always growing
    position: np.ndarray  # (2,) [m] x along the nose at the start, y left
    heading: float  # [rad] from the start
    speed: float  # [m/s]
    rate: float  # [rad/s]


class RoverModel:
    """Attached until `release`; then lowered; then it drives. `state` is one of the constants."""

    ATTACHED, LOWERING, ON_GROUND = 'attached', 'lowering', 'on_ground'

    def __init__(self, terrain: Terrain, site: Site, seed: int, parameters: RoverParameters | None = None):
        """Make a rover whose slip follows from the seed."""
        self.parameters = parameters or RoverParameters()
        self.state = self.ATTACHED
        self._terrain, self._site = terrain, site
        slip = np.random.default_rng([seed, 0x2073]).normal(0.0, self.parameters.slip_sigma, 2)
        self._grip, self._turn_grip = 1.0 + np.clip(slip, -0.5, 0.5)
        self._position, self._heading = np.zeros(3), 0.0
        self._odometry = WheelOdometry(0.0, np.zeros(2), 0.0, 0.0, 0.0)
        self._speed = self._rate = 0.0

    def release(self, lander_position_map: np.ndarray, lander_q_map_body: np.ndarray) -> None:
        """Start to let the rover down beside the lander at this pose; later calls change nothing."""
        if self.state != self.ATTACHED:
            return
        mount = np.array(self.parameters.mount_m)
        self._position = lander_position_map + rotations.rotate(lander_q_map_body, mount)
        a = math.radians(self.parameters.heading_deg)
        nose = rotations.rotate(lander_q_map_body, np.array([math.cos(a), math.sin(a), 0.0]))
        self._heading = math.atan2(nose[1], nose[0])
        self.state = self.LOWERING

    def drive(self, linear: float, angular: float) -> None:
        """Command wheel speed [m/s] and turn rate [rad/s, left positive]; held within what the motors can.

        Raises:
            ValueError: a command is not finite.
        """
        if not (math.isfinite(linear) and math.isfinite(angular)):
            raise ValueError(f'rover drive command ({linear}, {angular}) is not finite')
        p = self.parameters
        self._speed = min(max(linear, -p.max_speed_m_s), p.max_speed_m_s)
        self._rate = min(max(angular, -p.max_rate_rad_s), p.max_rate_rad_s)

    def step(self, dt: float) -> None:
        """Advance by `dt` [s], at most a second or so."""
        if self.state == self.LOWERING:
            ground = self._ground(self._position)
            self._position[2] = max(self._position[2] - self.parameters.lowering_speed_m_s * dt, ground)
            if self._position[2] == ground:
                self.state = self.ON_GROUND
        elif self.state == self.ON_GROUND:
            self._roll(dt)
            self._count(dt)

    def odometry(self) -> WheelOdometry:
        """Return what the wheels have counted; they turn without slip in their own view."""
        return self._odometry

    def pose(self) -> RoverPose | None:
        """Return the true pose; None while attached, for then the lander carries it."""
        if self.state == self.ATTACHED:
            return None
        normal = self._normal() if self.state == self.ON_GROUND else np.array([0.0, 0.0, 1.0])
        q = rotations.align_z(normal, np.array([math.cos(self._heading), math.sin(self._heading), 0.0]))
        return RoverPose(self._position.copy(), q, self._heading)

    def _roll(self, dt: float) -> None:
        heading = self._heading + 0.5 * self._turn_grip * self._rate * dt
        nose = np.array([math.cos(heading), math.sin(heading), 0.0])
        normal = self._normal()
        climb = -(normal @ nose) / normal[2]  # rise per horizontal distance
        uphill = climb * math.copysign(1.0, self._speed)
        if uphill <= math.tan(math.radians(self.parameters.max_slope_deg)):  # else the wheels spin
            self._position = self._position + nose * (
                self._grip * self._speed * dt / math.sqrt(1.0 + climb * climb))
        self._heading += self._turn_grip * self._rate * dt
        self._position[2] = self._ground(self._position)

    def _count(self, dt: float) -> None:
        o = self._odometry
        middle = o.heading + 0.5 * self._rate * dt
        step = self._speed * dt * np.array([math.cos(middle), math.sin(middle)])
        self._odometry = WheelOdometry(o.distance + abs(self._speed) * dt, o.position + step,
                                       o.heading + self._rate * dt, self._speed, self._rate)

    def _normal(self) -> np.ndarray:
        _, normal = self._terrain.plane_at(self._site.to_moon(self._position), self.parameters.wheelbase_m)
        return np.ascontiguousarray(self._site.rotation.T @ normal)

    def _ground(self, position: np.ndarray) -> float:
        """Return z [m] in `map` of the ground at x, y."""
        radius = MOON_RADIUS + self._terrain.height_at(self._site.to_moon(position))
        return math.sqrt(radius**2 - position[0]**2 - position[1]**2) - MOON_RADIUS

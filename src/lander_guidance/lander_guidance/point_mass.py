"""A point mass with an engine over flat ground or a turning sphere, to fly a guidance law without attitude.

It knows nothing of the optimiser's equations: on a sphere it moves in a frame that does not turn.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lander_guidance.optimiser import DescentProblem

Law = Callable[[float, np.ndarray, np.ndarray, float], np.ndarray]
"""Thrust (3,) [N] for time [s], position [m], velocity [m/s] and mass [kg], map."""


@dataclass(frozen=True)
class Touchdown:
    """How a flight ended: at the ground, or out of time or propellant."""

    time: float  # [s]
    position: np.ndarray  # (3,) [m] map
    velocity: np.ndarray  # (3,) [m/s] map
    propellant: float  # [kg] used
    landed: bool


class PointMass:
    """Classical Runge-Kutta; thrust is clipped to what the engine can do and held over a step."""

    def __init__(self, problem: DescentProblem, thrust_scale: float = 1.0, isp_scale: float = 1.0) -> None:
        """Start where `problem` does, with a real engine that differs from the one there."""
        self._problem, self._scale = problem, thrust_scale
        self._exhaust = isp_scale * problem.exhaust_velocity_m_s
        self._spin, self._centre = np.array(problem.spin_rad_s), np.array([0.0, 0.0, -problem.radius_m])
        self._gm = problem.gravity_m_s2 * problem.radius_m**2
        position = np.array(problem.position_m) - self._centre
        self.time, self.mass = 0.0, problem.mass_kg
        self._r = position
        self._v = np.array(problem.velocity_m_s) + np.cross(self._spin, position)

    @property
    def position(self) -> np.ndarray:
        """Position, (3,) [m] map."""
        return self._turned(self.time).T @ self._r + self._centre

    @property
    def velocity(self) -> np.ndarray:
        """Velocity over the ground, (3,) [m/s] map."""
        turn = self._turned(self.time)
        return turn.T @ (self._v - np.cross(self._spin, self._r))

    @property
    def height(self) -> float:
        """Height above the target's ground [m]."""
        radius, z = self._problem.radius_m, self._problem.target_position_m[2]
        return (math.sqrt(self._r @ self._r) - radius if radius else float(self._r[2])) - z

    def step(self, thrust: np.ndarray, dt: float) -> None:
        """Fly `dt` s with the thrust vector commanded, (3,) [N] map."""
        size = max(math.sqrt(thrust @ thrust), 1e-9)
        p = self._problem
        real = self._scale * min(max(size, p.thrust_min_n), p.thrust_max_n)
        force, flow, time = real / size * thrust, real / self._exhaust, self.time

        def rate(since: float, r: np.ndarray, v: np.ndarray) -> np.ndarray:
            return self._fall(r) + self._turned(time + since) @ force / (self.mass - flow * since)

        r, v, h = self._r, self._v, dt
        a1 = rate(0.0, r, v)
        v2 = v + 0.5 * h * a1
        a2 = rate(0.5 * h, r + 0.5 * h * v, v2)
        v3 = v + 0.5 * h * a2
        a3 = rate(0.5 * h, r + 0.5 * h * v2, v3)
        v4 = v + h * a3
        a4 = rate(h, r + h * v3, v4)
        self._r = r + h / 6.0 * (v + 2.0 * v2 + 2.0 * v3 + v4)
        self._v = v + h / 6.0 * (a1 + 2.0 * a2 + 2.0 * a3 + a4)
        self.mass -= flow * dt
        self.time += dt

    def fly(self, law: Law, dt: float = 0.1, until: float = 2000.0,
            watch: Callable[[np.ndarray], bool | None] | None = None) -> Touchdown:
        """Fly `law`, called every `dt` s, to the ground, where the last step is cut short.

        `watch` is told the thrust commanded, (3,) [N] map, before each step; the flight ends if it says True.
        Where the problem has no ground, nothing else ends it.
        """
        while self.time < until and self.mass > self._problem.dry_mass_kg:
            thrust = law(self.time, self.position, self.velocity, self.mass)
            if watch is not None and watch(thrust):
                break
            state = self.time, self.mass, self._r, self._v
            self.step(thrust, dt)
            if self._problem.ground and self.height <= 0.0:
                early, late = 0.0, dt
                while late - early > 1e-9:
                    middle = 0.5 * (early + late)
                    self.time, self.mass, self._r, self._v = state
                    self.step(thrust, middle)
                    early, late = (early, middle) if self.height <= 0.0 else (middle, late)
                return self._touchdown(True)
        return self._touchdown(False)

    def _touchdown(self, landed: bool) -> Touchdown:
        used = self._problem.mass_kg - self.mass
        return Touchdown(self.time, self.position, self.velocity, used, landed)

    def _fall(self, r: np.ndarray) -> np.ndarray:
        if not self._problem.radius_m:
            return np.array([0.0, 0.0, -self._problem.gravity_m_s2])
        return -self._gm / math.sqrt(r @ r) ** 3 * r

    def _turned(self, time: float) -> np.ndarray:
        """Return the rotation from map to the frame that does not turn, (3, 3); Rodrigues' formula."""
        rate = math.sqrt(self._spin @ self._spin)
        if rate == 0.0:
            return np.eye(3)
        x, y, z = self._spin / rate
        k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
        return np.eye(3) + math.sin(rate * time) * k + (1.0 - math.cos(rate * time)) * k @ k

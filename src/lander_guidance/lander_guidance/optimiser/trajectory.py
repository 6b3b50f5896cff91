"""What the optimiser answers: a trajectory that was checked, or the reason why there is none."""

from dataclasses import dataclass, replace

import numpy as np


class NoTrajectoryError(ValueError):
    """No trajectory keeps all limits. The text says what is out of reach and by how much at best."""

    def __init__(self, reason: str, flight_time_s: float, lacks: dict[str, float]) -> None:
        """Keep the reason, the flight time [s] that comes nearest, and what lacks there (names with unit)."""
        super().__init__(reason)
        self.flight_time_s, self.lacks = flight_time_s, lacks


@dataclass(frozen=True)
class Check:
    """How the plan ends when it is flown open loop in the true dynamics, with the true throttle range."""

    position_m: float
    """Distance from the planned end."""
    velocity_m_s: float
    """Difference to the planned velocity at the end."""
    mass_kg: float
    """Mass at the end less the planned one."""
    depth_m: float
    """Deepest below ground or glide cone, between the knots too."""
    tilt_deg: float
    """Most above the tilt limit."""
    speed_m_s: float
    """Most above the speed limit."""


@dataclass(frozen=True)
class Trajectory:
    """A descent at n + 1 knots, in the frame of the problem; acceleration is linear in between."""

    time_s: np.ndarray
    """(n + 1,) from 0 on."""
    position_m: np.ndarray
    """(n + 1, 3)."""
    velocity_m_s: np.ndarray
    """(n + 1, 3)."""
    acceleration_m_s2: np.ndarray
    """(n + 1, 3), of thrust and free fall together."""
    thrust_n: np.ndarray
    """(n + 1, 3)."""
    mass_kg: np.ndarray
    """(n + 1,)."""
    propellant_kg: float
    landing_error_m: float
    """Horizontal distance of the end from the target."""
    check: Check
    programs: int
    """Cone programs that were solved."""

    @property
    def flight_time_s(self) -> float:
        """Time from start to landing [s]."""
        return float(self.time_s[-1])

    def after(self, time_s: float) -> 'Trajectory':
        """Return what is left from `time_s` [s] on, which becomes time 0; `check` is that of the whole."""
        time = min(max(time_s, 0.0), 0.999 * self.flight_time_s)
        rest = self.time_s > time
        position, velocity, acceleration = self.at(time)
        thrust = [np.interp(time, self.time_s, self.thrust_n[:, i]) for i in range(3)]
        mass = float(np.interp(time, self.time_s, self.mass_kg))
        return replace(
            self, time_s=np.append(0.0, self.time_s[rest] - time),
            position_m=np.vstack([position, self.position_m[rest]]),
            velocity_m_s=np.vstack([velocity, self.velocity_m_s[rest]]),
            acceleration_m_s2=np.vstack([acceleration, self.acceleration_m_s2[rest]]),
            thrust_n=np.vstack([thrust, self.thrust_n[rest]]), mass_kg=np.append(mass, self.mass_kg[rest]),
            propellant_kg=mass - float(self.mass_kg[-1]))

    def at(self, time_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return position [m], velocity [m/s] and acceleration [m/s^2], (3,) each; ends are held."""
        t = min(max(time_s, 0.0), self.flight_time_s)
        k = min(int(np.searchsorted(self.time_s, t, side='right')) - 1, self.time_s.size - 2)
        s = t - self.time_s[k]
        r, v, a = self.position_m[k], self.velocity_m_s[k], self.acceleration_m_s2[k]
        jerk = (self.acceleration_m_s2[k + 1] - a) / (self.time_s[k + 1] - self.time_s[k])
        return r + s * (v + s * (a / 2.0 + s / 6.0 * jerk)), v + s * (a + s / 2.0 * jerk), a + s * jerk

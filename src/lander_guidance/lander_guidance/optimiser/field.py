"""Free fall in the frame `map`, over flat ground or over a sphere that turns with the frame."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.rotations import cross, norm


@compiled
def free_fall(position: np.ndarray, velocity: np.ndarray, gravity: float, radius: float,
              spin: np.ndarray) -> np.ndarray:
    """Return the acceleration of an unpowered body, (3,) [m/s^2]: gravity, Coriolis, centrifugal.

    `gravity` [m/s^2] is that at map height 0, `radius` [m] that of the sphere there (0: flat).
    """
    if radius == 0.0:
        return np.array([0.0, 0.0, -gravity])
    out = position + np.array([0.0, 0.0, radius])
    distance = norm(out)
    return (-gravity * radius**2 / distance**3 * out
            - cross(spin, cross(spin, out)) - 2.0 * cross(spin, velocity))


@compiled
def gradient(position: np.ndarray, gravity: float, radius: float,
             spin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how free fall changes with position [1/s^2] and with velocity [1/s], (3, 3) each."""
    by_position, by_velocity = np.zeros((3, 3)), np.zeros((3, 3))
    if radius == 0.0:
        return by_position, by_velocity
    out = position + np.array([0.0, 0.0, radius])
    distance = norm(out)
    k = gravity * radius**2 / distance**3
    for j in range(3):
        unit = np.zeros(3)
        unit[j] = 1.0
        by_position[:, j] = 3.0 * k * out[j] / distance**2 * out - k * unit - cross(spin, cross(spin, unit))
        by_velocity[:, j] = -2.0 * cross(spin, unit)
    return by_position, by_velocity


@compiled
def vertical(position: np.ndarray, radius: float) -> np.ndarray:
    """Return the unit vector up at `position`, (3,)."""
    if radius == 0.0:
        return np.array([0.0, 0.0, 1.0])
    out = position + np.array([0.0, 0.0, radius])
    return out / norm(out)


@compiled
def height(position: np.ndarray, radius: float) -> float:
    """Return the height above flat ground or above the sphere [m]."""
    if radius == 0.0:
        return position[2]
    return norm(position + np.array([0.0, 0.0, radius])) - radius

"""The nominal state through time: strapdown navigation on the rotating Moon, fourth-order Runge-Kutta."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RATE
from lander_common.moon import free_fall
from lander_common.rotations import from_rotation_vector, multiply, norm, normalise, rotate
from lander_estimation.layout import (
    ACCELEROMETER_BIAS,
    GYRO_BIAS,
    POSITION,
    QUATERNION,
    TERRAIN,
    VELOCITY,
)
from lander_estimation.model import ACCELEROMETER_NOISE, COAST_FORCE, SITE_HEIGHT
from lander_estimation.terrain import terrain_rates

LONGEST_STEP = 1.0  # [s] keeps an orbit exact to centimetres over hours


@compiled
def coasting(x: np.ndarray, force: np.ndarray, dt: float, model: np.ndarray) -> bool:
    """Return whether a mean specific force [m/s^2] over `dt` [s] is nothing but bias and noise."""
    noise = 4.0 * math.sqrt(model[ACCELEROMETER_NOISE] / dt)
    return norm(force - x[ACCELEROMETER_BIAS:ACCELEROMETER_BIAS + 3]) < model[COAST_FORCE] + noise


@compiled
def true_force(x: np.ndarray, force: np.ndarray, dt: float, model: np.ndarray) -> np.ndarray:
    """Return the specific force [m/s^2] without bias; exactly zero in unpowered flight."""
    if coasting(x, force, dt, model):
        return np.zeros(3)
    return force - x[ACCELEROMETER_BIAS:ACCELEROMETER_BIAS + 3]


@compiled
def propagate(x: np.ndarray, rate: np.ndarray, force: np.ndarray, dt: float, model: np.ndarray) -> None:
    """Move the nominal state `x`, (17,), in place over `dt` [s] of mean rate and true specific force."""
    steps = max(1, math.ceil(dt / LONGEST_STEP - 1e-9))
    h = dt / steps
    p, v, q = x[POSITION:POSITION + 3], x[VELOCITY:VELOCITY + 3], x[QUATERNION:QUATERNION + 4]
    turn = from_rotation_vector(0.5 * h * (rate - x[GYRO_BIAS:GYRO_BIAS + 3]))
    moon_turn = from_rotation_vector(np.array([0.0, 0.0, -0.5 * h * MOON_RATE]))
    for _ in range(steps):
        pull, _ = terrain_rates(p, v, model)
        x[TERRAIN] = model[SITE_HEIGHT] + (x[TERRAIN] - model[SITE_HEIGHT]) * math.exp(-pull * h)
        q_middle = multiply(multiply(moon_turn, q), turn)
        q_end = multiply(multiply(moon_turn, q_middle), turn)
        a_middle = rotate(q_middle, force)
        k1 = rotate(q, force) + free_fall(p, v)
        v2 = v + 0.5 * h * k1
        k2 = a_middle + free_fall(p + 0.5 * h * v, v2)
        v3 = v + 0.5 * h * k2
        k3 = a_middle + free_fall(p + 0.5 * h * v2, v3)
        v4 = v + h * k3
        k4 = rotate(q_end, force) + free_fall(p + h * v3, v4)
        p += h / 6.0 * (v + 2.0 * v2 + 2.0 * v3 + v4)
        v += h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        q[:] = normalise(q_end)


@compiled
def propagate_rows(x: np.ndarray, rows: np.ndarray, model: np.ndarray) -> None:
    """Move the nominal state `x` in place through the intervals of an ImuBuffer, shape (n, 9)."""
    for i in range(len(rows)):
        dt = rows[i, 1] - rows[i, 0]
        propagate(x, rows[i, 2:5], true_force(x, rows[i, 5:8], dt, model), dt, model)

"""The covariance of the error state through time."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_GM, MOON_RATE
from lander_common.moon import height
from lander_common.rotations import norm, skew, to_matrix
from lander_estimation.layout import (
    ACCELEROMETER_BIAS,
    D_ACCELEROMETER_BIAS,
    D_ATTITUDE,
    D_GYRO_BIAS,
    D_POSITION,
    D_TERRAIN,
    D_VELOCITY,
    ERROR_SIZE,
    GYRO_BIAS,
    POSITION,
    QUATERNION,
    TERRAIN,
    VELOCITY,
)
from lander_estimation.model import (
    ACCELEROMETER_NOISE,
    ACCELEROMETER_WALK,
    COAST_NOISE,
    GAP_ACCELERATION,
    GAP_RATE,
    GYRO_NOISE,
    GYRO_WALK,
    SCALE_VARIANCE,
    SLOPE_VARIANCE,
)
from lander_estimation.propagation import LONGEST_STEP, propagate, true_force
from lander_estimation.terrain import terrain_rates
from lander_estimation.update import update


@compiled
def transition(x: np.ndarray, force: np.ndarray, dt: float, model: np.ndarray) -> np.ndarray:
    """Return the error transition matrix, (16, 16), over `dt` [s], second order in time.

    A zero `force` stands for unpowered flight, in which the accelerometer is not used.
    """
    p = x[POSITION:POSITION + 3]
    r = norm(p)
    rotation = to_matrix(x[QUATERNION:QUATERNION + 4])
    thrust = skew(np.array([rotation[i, 0] * force[0] + rotation[i, 1] * force[1] + rotation[i, 2] * force[2]
                            for i in range(3)]))
    powered = force[0] != 0.0 or force[1] != 0.0 or force[2] != 0.0
    phi = np.zeros((ERROR_SIZE, ERROR_SIZE))
    g = MOON_GM / r**3
    for i in range(3):
        for j in range(3):
            gradient = 3.0 * g * p[i] * p[j] / r**2 - (g if i == j else 0.0)
            phi[D_POSITION + i, D_POSITION + j] = 0.5 * dt * dt * gradient
            phi[D_VELOCITY + i, D_POSITION + j] = dt * gradient
            phi[D_VELOCITY + i, D_VELOCITY + j] = 0.5 * dt * dt * gradient
            phi[D_VELOCITY + i, D_ATTITUDE + j] = -dt * thrust[i, j]
            phi[D_POSITION + i, D_ATTITUDE + j] = -0.5 * dt * dt * thrust[i, j]
            phi[D_ATTITUDE + i, D_GYRO_BIAS + j] = -dt * rotation[i, j]
            if powered:
                phi[D_VELOCITY + i, D_ACCELEROMETER_BIAS + j] = -dt * rotation[i, j]
                phi[D_POSITION + i, D_ACCELEROMETER_BIAS + j] = -0.5 * dt * dt * rotation[i, j]
        phi[D_POSITION + i, D_VELOCITY + i] = dt
    for k in range(ERROR_SIZE):
        phi[k, k] += 1.0
    turn = dt * MOON_RATE
    phi[D_VELOCITY, D_VELOCITY + 1] += 2.0 * turn
    phi[D_VELOCITY + 1, D_VELOCITY] -= 2.0 * turn
    phi[D_ATTITUDE, D_ATTITUDE + 1] += turn
    phi[D_ATTITUDE + 1, D_ATTITUDE] -= turn
    pull, _ = terrain_rates(p, x[VELOCITY:VELOCITY + 3], model)
    phi[D_TERRAIN, D_TERRAIN] = math.exp(-pull * dt)
    return phi


@compiled
def process_noise(x: np.ndarray, rate: np.ndarray, powered: bool, gap: float, dt: float,
                  model: np.ndarray) -> np.ndarray:
    """Return the diagonal of the process noise over `dt` [s], (16,); `gap` [s] is an IMU gap, or 0.

    The footprint of the beam wanders over the ground with the lander and, swept by the `rate`, with
    the attitude.
    """
    p = x[POSITION:POSITION + 3]
    _, walk = terrain_rates(p, x[VELOCITY:VELOCITY + 3], model)
    sweep = norm(rate - x[GYRO_BIAS:GYRO_BIAS + 3]) * max(0.0, height(p) - x[TERRAIN])
    walk += model[SLOPE_VARIANCE] * sweep
    noise = np.zeros(ERROR_SIZE)
    accelerometer = model[ACCELEROMETER_NOISE] if powered else model[COAST_NOISE]
    noise[D_VELOCITY:D_VELOCITY + 3] = dt * (accelerometer + gap * model[GAP_ACCELERATION])
    noise[D_ATTITUDE:D_ATTITUDE + 3] = dt * (model[GYRO_NOISE] + gap * model[GAP_RATE])
    noise[D_ACCELEROMETER_BIAS:D_ACCELEROMETER_BIAS + 3] = dt * model[ACCELEROMETER_WALK]
    noise[D_GYRO_BIAS:D_GYRO_BIAS + 3] = dt * model[GYRO_WALK]
    noise[D_TERRAIN] = dt * walk
    return noise


@compiled
def _sparse_product(sparse: np.ndarray, dense: np.ndarray) -> np.ndarray:
    product = np.zeros((ERROR_SIZE, ERROR_SIZE))
    for i in range(ERROR_SIZE):
        for k in range(ERROR_SIZE):
            factor = sparse[i, k]
            if factor != 0.0:
                for j in range(ERROR_SIZE):
                    product[i, j] += factor * dense[k, j]
    return product


@compiled
def predict_covariance(cov: np.ndarray, x: np.ndarray, rate: np.ndarray, force: np.ndarray, gap: float,
                       dt: float, model: np.ndarray) -> np.ndarray:
    """Return the covariance, (16, 16), `dt` [s] after `cov`, which belongs to the nominal state `x`."""
    phi = transition(x, force, dt, model)
    powered = force[0] != 0.0 or force[1] != 0.0 or force[2] != 0.0
    half = 0.5 * process_noise(x, rate, powered, gap, dt, model)
    start = cov.copy()
    for k in range(ERROR_SIZE):
        start[k, k] += half[k]
    end = _sparse_product(phi, _sparse_product(phi, start).T)
    end = 0.5 * (end + end.T)
    for k in range(ERROR_SIZE):
        end[k, k] += half[k]
    return end


@compiled
def predict(x: np.ndarray, cov: np.ndarray, row: np.ndarray, dt: float, model: np.ndarray) -> bool:
    """Move state and covariance in place over the first `dt` [s] of an interval of an ImuBuffer, (9,).

    In unpowered flight the accelerometer shows its bias: it is fused as such. Returns whether it was.
    """
    force = true_force(x, row[5:8], row[1] - row[0], model)
    # A scale factor error looks like a bias that comes with the thrust and that coasting cannot show.
    hidden = model[SCALE_VARIANCE] * (force[0] ** 2 + force[1] ** 2 + force[2] ** 2)
    for k in range(D_ACCELEROMETER_BIAS, D_ACCELEROMETER_BIAS + 3):
        cov[k, k] = max(cov[k, k], hidden)
    steps = max(1, math.ceil(dt / LONGEST_STEP - 1e-9))
    for _ in range(steps):
        cov[:] = predict_covariance(cov, x, row[2:5], force, row[8], dt / steps, model)
        propagate(x, row[2:5], force, dt / steps, model)
    shows_bias = row[8] == 0.0 and force[0] == 0.0 and force[1] == 0.0 and force[2] == 0.0
    if shows_bias:
        jacobian = np.zeros((3, ERROR_SIZE))
        for i in range(3):
            jacobian[i, D_ACCELEROMETER_BIAS + i] = 1.0
        noise = np.full(3, (model[ACCELEROMETER_NOISE] + model[COAST_NOISE]) / dt)
        update(x, cov, jacobian, row[5:8] - x[ACCELEROMETER_BIAS:ACCELEROMETER_BIAS + 3], noise)
    return shows_bias


@compiled
def predict_to(cov: np.ndarray, x: np.ndarray, rows: np.ndarray, model: np.ndarray) -> np.ndarray:
    """Return the covariance at the end of the intervals `rows`, (n, 9), in one coarse step.

    `x` is the nominal state there. Good for the short way from the fusion horizon to now.
    """
    if len(rows) == 0:
        return cov.copy()
    last = rows[len(rows) - 1]
    force = true_force(x, last[5:8], last[1] - last[0], model)
    return predict_covariance(cov, x, last[2:5], force, np.max(rows[:, 8]), last[1] - rows[0, 0], model)

"""The covariance of the error state through time."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_GM, MOON_RADIUS, MOON_RATE
from lander_common.quaternions import matrix
from lander_common.vectors import dot, length, turn
from lander_estimation.imu import increments
from lander_estimation.layout import (
    D_ACCELEROMETER_BIAS,
    D_ATTITUDE,
    D_GYRO_BIAS,
    D_POSITION,
    D_TERRAIN,
    D_VELOCITY,
    ERROR_SIZE,
    POSITION,
    QUATERNION,
    TERRAIN,
    VELOCITY,
)
from lander_estimation.terrain import drawn, terrain_rates

MOVING = D_ACCELEROMETER_BIAS  # error states before this one depend on others


@compiled
def transition(x: np.ndarray, start: np.void, end: np.void, coupling: np.ndarray) -> None:
    """Write the upper rows of the error transition matrix less one, (9, 17), between two sums of the IMU.

    `x` is the nominal state at the first. Second order in time. Without thrust the accelerometer is not used.
    """
    dt = end.time - start.time
    powered = end.powered_s - start.powered_s
    turned, dv, dp = increments(start, end)
    first = (x[QUATERNION], x[QUATERNION + 1], x[QUATERNION + 2], x[QUATERNION + 3])
    m = matrix(first)
    d = matrix(turned)
    dv, dp = turn(m, dv), turn(m, dp)
    p = (x[POSITION], x[POSITION + 1], x[POSITION + 2])
    r2 = dot(p, p)
    g = MOON_GM / (r2 * math.sqrt(r2))
    for i in range(3):
        for j in range(3):
            gradient = 3.0 * g * p[i] * p[j] / r2 - (g if i == j else 0.0)
            # mean of the attitudes at start and end
            mean = 0.5 * (m[i][j] + m[i][0] * d[0][j] + m[i][1] * d[1][j] + m[i][2] * d[2][j])
            coupling[D_POSITION + i, D_POSITION + j] = 0.5 * dt * dt * gradient
            coupling[D_POSITION + i, D_VELOCITY + j] = 0.0
            coupling[D_POSITION + i, D_ACCELEROMETER_BIAS + j] = -0.5 * powered * dt * mean
            coupling[D_VELOCITY + i, D_POSITION + j] = dt * gradient
            coupling[D_VELOCITY + i, D_VELOCITY + j] = 0.5 * dt * dt * gradient
            coupling[D_VELOCITY + i, D_ACCELEROMETER_BIAS + j] = -powered * mean
            coupling[D_ATTITUDE + i, D_ATTITUDE + j] = 0.0
            coupling[D_ATTITUDE + i, D_GYRO_BIAS + j] = -dt * mean
        coupling[D_POSITION + i, D_VELOCITY + i] = dt
        coupling[D_POSITION + i, D_ATTITUDE + i] = coupling[D_VELOCITY + i, D_ATTITUDE + i] = 0.0
    for row, gained in ((D_POSITION, dp), (D_VELOCITY, dv)):
        # minus the vector product with what the thrust has added
        coupling[row, D_ATTITUDE + 1], coupling[row, D_ATTITUDE + 2] = gained[2], -gained[1]
        coupling[row + 1, D_ATTITUDE], coupling[row + 1, D_ATTITUDE + 2] = -gained[2], gained[0]
        coupling[row + 2, D_ATTITUDE], coupling[row + 2, D_ATTITUDE + 1] = gained[1], -gained[0]
    angle = dt * MOON_RATE
    coupling[D_VELOCITY, D_VELOCITY + 1] += 2.0 * angle
    coupling[D_VELOCITY + 1, D_VELOCITY] -= 2.0 * angle
    coupling[D_ATTITUDE, D_ATTITUDE + 1] = angle
    coupling[D_ATTITUDE + 1, D_ATTITUDE] = -angle


@compiled
def reach(x: np.ndarray, height: float, model: np.void) -> float:
    """Return how far the footprint of the first beam goes when the lander turns by one radian [m/rad].

    A beam that slants sweeps farther: the height over the squared cosine of its incidence on flat ground.
    """
    m = matrix((x[QUATERNION], x[QUATERNION + 1], x[QUATERNION + 2], x[QUATERNION + 3]))
    beam = turn(m, model.beam[0])
    p = (x[POSITION], x[POSITION + 1], x[POSITION + 2])
    cosine = max(model.min_cosine, -dot(beam, p) / length(p))
    return height / (cosine * cosine)


@compiled
def process_noise(x: np.ndarray, start: np.void, end: np.void, way: float, model: np.void,
                  noise: np.ndarray) -> float:
    """Write the diagonal of the process noise, (17,), between two sums; return how the terrain error decays.

    The footprint of the beam wanders over the ground with the lander, by `way` [m] since the last range, and,
    swept by its rate, with the attitude.
    """
    dt = end.time - start.time
    powered = end.powered_s - start.powered_s
    gap = end.gap - start.gap
    p = (x[POSITION], x[POSITION + 1], x[POSITION + 2])
    pull, walk = terrain_rates(p, (x[VELOCITY], x[VELOCITY + 1], x[VELOCITY + 2]), way, model)
    turned, _, _ = increments(start, end)
    sweep = 2.0 * math.asin(min(1.0, length((turned[0], turned[1], turned[2]))))
    height = max(0.0, length(p) - MOON_RADIUS - x[TERRAIN])
    force = powered * model.accelerometer_noise + (dt - powered) * model.coast_noise
    for i in range(3):
        noise[D_POSITION + i] = 0.0
        noise[D_VELOCITY + i] = force + gap * model.gap_acceleration
        noise[D_ATTITUDE + i] = dt * model.gyro_noise + gap * model.gap_rate
        noise[D_ACCELEROMETER_BIAS + i] = dt * model.accelerometer_walk
        noise[D_GYRO_BIAS + i] = dt * model.gyro_walk
    noise[D_TERRAIN] = dt * walk + model.slope_variance * sweep * reach(x, height, model)
    noise[D_TERRAIN + 1] = 0.0
    return math.exp(-pull * drawn(p, way, model) * dt)


@compiled
def _transform(coupling: np.ndarray, cov: np.ndarray, coupled: np.ndarray) -> None:
    """Multiply `cov` from both sides with the transition matrix, one plus `coupling` C of the upper rows.

    P becomes P + G + G' + G C', where G = C P is `coupled`.
    """
    for i in range(MOVING):
        first, end = (0, D_GYRO_BIAS) if i < D_ATTITUDE else (D_ATTITUDE, D_GYRO_BIAS + 3)
        coupled[i] = 0.0
        for k in range(first, end):
            c = coupling[i, k]
            if c != 0.0:
                for j in range(ERROR_SIZE):
                    coupled[i, j] += c * cov[k, j]
    for i in range(MOVING):
        first, end = (0, D_GYRO_BIAS) if i < D_ATTITUDE else (D_ATTITUDE, D_GYRO_BIAS + 3)
        for j in range(i + 1):
            total = cov[i, j] + coupled[i, j] + coupled[j, i]
            for k in range(first, end):
                total += coupling[i, k] * coupled[j, k]
            cov[i, j] = cov[j, i] = total
        for j in range(MOVING, ERROR_SIZE):
            cov[i, j] = cov[j, i] = cov[i, j] + coupled[i, j]


@compiled
def _show_scale(model: np.void, start: np.void, end: np.void, least: np.ndarray) -> None:
    """Write the least variances of the biases, (6,) from the accelerometer's on.

    Scale factors, which come and go with thrust and rate, make the biases at least as uncertain as that.
    """
    dt, powered = end.time - start.time, end.powered_s - start.powered_s
    turned, gained, _ = increments(start, end)
    for i in range(3):
        least[i] = model.scale_variance * (gained[i] / powered) ** 2 if powered > 0.0 else 0.0
        least[3 + i] = model.gyro_scale_variance * (2.0 * turned[i] / dt) ** 2


@compiled
def predict(est: np.void, x: np.ndarray, start: np.void, end: np.void, cov: np.ndarray) -> float:
    """Move a covariance between two sums of the IMU in place; return the decay of the terrain error.

    `x` is the nominal state at the first.
    """
    model, work = est.model, est.covariance
    _show_scale(model, start, end, work.least)
    for k in range(6):
        i = D_ACCELEROMETER_BIAS + k
        cov[i, i] = max(cov[i, i], work.least[k])
    transition(x, start, end, work.coupling)
    decay = process_noise(x, start, end, est.way, model, work.noise)
    for k in range(ERROR_SIZE):
        cov[k, k] += 0.5 * work.noise[k]
    _transform(work.coupling, cov, work.coupled)
    for k in range(ERROR_SIZE):
        cov[k, D_TERRAIN] *= decay
        cov[D_TERRAIN, k] *= decay
    for k in range(ERROR_SIZE):
        cov[k, k] += 0.5 * work.noise[k]
    return decay


@compiled
def predict_sum(est: np.void, x: np.ndarray, start: np.void, end: np.void, cov: np.ndarray,
                weights: np.ndarray) -> tuple[float, float]:
    """Return the variance that a weighted sum of the error states has after `predict`, and its decay.

    A fraction of its work: the `weights`, (17,), of the error states at `end` are turned in place into those
    at `start`, and `cov` is left as it is.
    """
    model, work = est.model, est.covariance
    _show_scale(model, start, end, work.least)
    transition(x, start, end, work.coupling)
    decay = process_noise(x, start, end, est.way, model, work.noise)
    variance = 0.0
    for k in range(ERROR_SIZE):
        variance += 0.5 * work.noise[k] * weights[k] * weights[k]
    weights[D_TERRAIN] *= decay
    for j in range(ERROR_SIZE):
        total = weights[j]
        for i in range(MOVING):
            total += work.coupling[i, j] * weights[i]
        work.back[j] = total
    for j in range(ERROR_SIZE):
        weights[j] = work.back[j]
        variance += 0.5 * work.noise[j] * weights[j] * weights[j]
    for k in range(6):
        i = D_ACCELEROMETER_BIAS + k
        variance += max(work.least[k] - cov[i, i], 0.0) * weights[i] * weights[i]
    for i in range(ERROR_SIZE):
        if weights[i] != 0.0:
            for j in range(ERROR_SIZE):
                variance += weights[i] * cov[i, j] * weights[j]
    return variance, decay

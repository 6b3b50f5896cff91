"""The nominal state through time: strapdown navigation from the sums of the IMU.

Between two instants the motion is followed in a frame that coincides with `moon` at the first and does not
turn: there are no fictitious forces, and what the IMU has summed up only needs to be added.
"""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RATE
from lander_common.gravity import gravity
from lander_common.quaternions import matrix, product, renormalise, rotation
from lander_common.vectors import Vector, add_scaled, cross, turn
from lander_estimation.imu import increments
from lander_estimation.layout import ACCELEROMETER_BIAS as ACCELEROMETER
from lander_estimation.layout import GYRO_BIAS, NOMINAL_SIZE, POSITION, QUATERNION, VELOCITY

LONGEST_STEP = 1.0  # [s] keeps an orbit exact to centimetres over hours
SHORT = 0.5  # [s] gravity in the middle is exact enough


@compiled
def _fall(p: Vector, v: Vector, dt: float) -> tuple[Vector, Vector]:
    """Return position and velocity after a free fall: midpoint rule, Runge-Kutta-Nystrom for longer times."""
    if dt <= SHORT:
        g = gravity(add_scaled(p, 0.5 * dt, v))
        return add_scaled(add_scaled(p, dt, v), 0.5 * dt * dt, g), add_scaled(v, dt, g)
    steps = math.ceil(dt / LONGEST_STEP - 1e-9)
    h = dt / steps
    for _ in range(steps):
        k1 = gravity(p)
        middle = add_scaled(add_scaled(p, 0.5 * h, v), h * h / 8.0, k1)
        k2 = gravity(middle)
        end = add_scaled(p, h, v)
        k3 = gravity(add_scaled(end, 0.5 * h * h, k2))
        p = add_scaled(add_scaled(end, h * h / 6.0, k1), h * h / 3.0, k2)
        v = add_scaled(add_scaled(add_scaled(v, h / 6.0, k1), 2.0 * h / 3.0, k2), h / 6.0, k3)
    return p, v


@compiled
def carry(x: np.ndarray, start: np.void, end: np.void, result: np.ndarray) -> None:
    """Write to `result`, (18,), the nominal state `x` carried from the sums `start` to the sums `end`.

    The terrain height is left as it is. Biases are taken from the sums to second order.
    """
    dt = end.time - start.time
    turned, dv, dp = increments(start, end)
    gyro = (x[GYRO_BIAS], x[GYRO_BIAS + 1], x[GYRO_BIAS + 2])
    accelerometer = (x[ACCELEROMETER], x[ACCELEROMETER + 1], x[ACCELEROMETER + 2])
    half = rotation(-0.5 * dt, gyro)
    turned = product(product(half, turned), half)
    powered = end.powered_s - start.powered_s
    if powered > 0.0:
        # The mean attitude of the interval: biases are fixed to the body, which turns.
        mean = matrix(product((x[QUATERNION], x[QUATERNION + 1], x[QUATERNION + 2], x[QUATERNION + 3]),
                              rotation(1.0, (turned[0], turned[1], turned[2]))))
        bias = turn(mean, accelerometer)
        m = matrix((x[QUATERNION], x[QUATERNION + 1], x[QUATERNION + 2], x[QUATERNION + 3]))
        dv = add_scaled(turn(m, add_scaled(dv, -0.5 * dt, cross(gyro, dv))), -powered, bias)
        dp = add_scaled(turn(m, add_scaled(dp, -dt / 3.0, cross(gyro, dp))), -0.5 * powered * dt, bias)
    p = (x[POSITION], x[POSITION + 1], x[POSITION + 2])
    v = (x[VELOCITY] - MOON_RATE * p[1], x[VELOCITY + 1] + MOON_RATE * p[0], x[VELOCITY + 2])
    p, v = _fall(p, v, dt)
    p, v = add_scaled(p, 1.0, dp), add_scaled(v, 1.0, dv)
    back = rotation(-MOON_RATE * dt, (0.0, 0.0, 1.0))  # from the frame that does not turn
    s, c = -2.0 * back[2] * back[3], 1.0 - 2.0 * back[2] * back[2]
    result[POSITION], result[POSITION + 1] = c * p[0] + s * p[1], c * p[1] - s * p[0]
    result[POSITION + 2] = p[2]
    result[VELOCITY] = c * v[0] + s * v[1] + MOON_RATE * result[POSITION + 1]
    result[VELOCITY + 1] = c * v[1] - s * v[0] - MOON_RATE * result[POSITION]
    result[VELOCITY + 2] = v[2]
    q = product((x[QUATERNION], x[QUATERNION + 1], x[QUATERNION + 2], x[QUATERNION + 3]), turned)
    q = renormalise(product(back, q))
    for i in range(4):
        result[QUATERNION + i] = q[i]
    for i in range(ACCELEROMETER, NOMINAL_SIZE):
        result[i] = x[i]

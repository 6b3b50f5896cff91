"""Attitude control: from a wanted thrust direction to a torque that the RCS can give."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.rotations import align_z, conjugate, cross, multiply, norm, rotate, to_rotation_vector
from lander_guidance.parameters import GuidanceParameters

_SMOOTHING = 0.6  # [s] time constant of the direction that is flown: the ground below is rough
_INTEGRAL_GAIN = 0.3  # [1/s] of rate error into standing torque
_INTEGRAL_SHARE = 0.4  # of the torque limit that a standing torque may use
_LONGEST_INTEGRAL = 0.2  # [s] longer steps are coast: no engine disturbs the attitude


class AttitudeControl:
    """Turns the thrust axis with limited rate, with +x in the plane of the track."""

    def __init__(self, parameters: GuidanceParameters, torque_limit: np.ndarray) -> None:
        """Use at most `torque_limit` (3,) [N m]."""
        self._gains = (parameters.attitude_gain, parameters.rate_gain)
        self._limit = torque_limit
        self._standing = np.zeros(3)
        self._direction: np.ndarray | None = None

    def step(self, direction: np.ndarray, left: np.ndarray, slew: float, attitude: np.ndarray,
             rate: np.ndarray, inertia: np.ndarray, dt: float) -> tuple[np.ndarray, float]:
        """Return the torque (3,) [N m] and the angle [rad] between thrust axis and flown direction.

        `direction` and `left` (normal of the track) are unit vectors in moon, `slew` [rad/s] the
        fastest turn. The direction that is flown follows the wanted one smoothly, no faster than `slew`.
        """
        if self._direction is None:
            self._direction = _axis(attitude)
        self._direction, turn = _follow(self._direction, direction, left, slew * dt, dt / (dt + _SMOOTHING))
        torque, self._standing, error = _control(
            self._direction, turn / max(dt, 1e-6), left, slew, attitude, rate, inertia, dt,
            self._gains[0], self._gains[1], self._limit, self._standing)
        return torque, error

    def release(self) -> None:
        """Forget the flown direction and the standing torque: the vehicle stands."""
        self._direction, self._standing = None, np.zeros(3)

    @property
    def direction(self) -> np.ndarray | None:
        """Direction that is flown now, (3,) moon."""
        return self._direction


@compiled
def _axis(q):
    return np.array([2.0 * (q[0] * q[2] + q[3] * q[1]), 2.0 * (q[1] * q[2] - q[3] * q[0]),
                     1.0 - 2.0 * (q[0] * q[0] + q[1] * q[1])])


@compiled
def _follow(now, wanted, spare, largest, share):
    """Turn `now` by a share of the way to `wanted`, at most `largest` [rad]; `spare` serves at 180 deg."""
    across = cross(now, wanted)
    sine, cosine = norm(across), np.dot(now, wanted)
    angle = math.atan2(sine, cosine)
    turn = min(share * angle, largest)
    if turn < 1e-9:
        return now, np.zeros(3)
    if sine < 1e-9:
        across = spare - np.dot(spare, now) * now
        sine = norm(across)
    pivot = across / sine
    turned = math.cos(turn) * now + math.sin(turn) * cross(pivot, now)
    return turned / norm(turned), pivot * turn


@compiled
def _control(direction, turn_rate, left, slew, attitude, rate, inertia, dt, attitude_gain, rate_gain, limit,
             standing):
    forward = cross(left, direction)
    if norm(forward) < 1e-3:
        forward = rotate(attitude, np.array([1.0, 0.0, 0.0])) + 1e-2 * left
    wanted = align_z(direction, forward)
    error = to_rotation_vector(multiply(conjugate(attitude), wanted))
    # A torque is held for a whole step: gains that grow beyond its length would swing.
    rate_gain = min(rate_gain, 0.5 / dt)
    attitude_gain = min(attitude_gain, 0.25 * rate_gain)
    turn = rotate(conjugate(attitude), turn_rate)
    size = norm(turn)
    if size > slew:
        turn *= slew / size
    wanted_rate = attitude_gain * error
    size = norm(wanted_rate)
    if size > slew:
        wanted_rate *= slew / size
    wanted_rate = wanted_rate + turn
    rate_error = wanted_rate - rate
    torque = inertia @ (rate_gain * rate_error) + cross(rate, inertia @ rate) + standing
    kept = standing + dt * _INTEGRAL_GAIN * (inertia @ rate_error)
    if dt > _LONGEST_INTEGRAL:
        kept = np.zeros(3)
    for i in range(3):
        kept[i] = min(max(kept[i], -_INTEGRAL_SHARE * limit[i]), _INTEGRAL_SHARE * limit[i])
        if abs(torque[i]) > limit[i]:
            torque[i] = min(max(torque[i], -limit[i]), limit[i])
            kept[i] = min(max(kept[i], -abs(standing[i])), abs(standing[i]))
    axis = _axis(attitude)
    return torque, kept, math.atan2(norm(cross(axis, direction)), np.dot(axis, direction))

"""One step of the simulated flight as a single compiled kernel."""

from dataclasses import dataclass

import numpy as np

from lander_common import rotations
from lander_common.compiled import compiled
from lander_common.constants import MOON_RATE
from lander_sim import rigid_body
from lander_sim.contact import Contacts, drag_anchors
from lander_sim.propulsion import mean_thrust
from lander_sim.vectors import dot, scale, subtract

REST_SPEED = 0.02  # [m/s]
PLASTIC_SPEED = 30.0  # [m/s] assumed: a wreck that meets the ground faster stays where it fell
REST_RATE = np.radians(0.2)  # [rad/s]
PROPELLANT = 19  # index behind state and integrals
SIZE = 20
BAD_COMMAND = -1.0


@dataclass(frozen=True)
class FirstContact:
    """State of base_link just before the first point touched the ground."""

    time: float  # [s]
    vertical_speed: float  # [m/s] positive down
    horizontal_speed: float  # [m/s] over the ground
    body_rate: float  # [rad/s] relative to the Moon
    tilt: float  # [rad]


@compiled
def motion(y: np.ndarray) -> tuple[float, float, float, float]:
    """Return sink rate [m/s], speed over ground [m/s], rate relative to the Moon [rad/s] and tilt [rad]."""
    r = rotations.to_matrix(y[6:10])
    up = scale(1.0 / np.sqrt(dot(y[0:3], y[0:3])), y[0:3])
    sink = -dot(y[3:6], up)
    w = subtract(y[10:13], scale(MOON_RATE, r[2]))
    cosine = min(max(dot(r[:, 2], up), -1.0), 1.0)
    ground = max(dot(y[3:6], y[3:6]) - sink * sink, 0.0)
    return sink, np.sqrt(ground), np.sqrt(dot(w, w)), np.arccos(cosine)


@compiled
def _stop(y: np.ndarray, place: tuple[float, float, float], contacts: Contacts) -> None:
    """Lay the vehicle down at `place`, without velocity and without load on the ground."""
    y[0], y[1], y[2] = place
    y[3:6] = 0.0
    y[10:13] = MOON_RATE * rotations.to_matrix(y[6:10])[2]
    contacts.anchors[:] = 0.0
    contacts.normal_forces[:] = 0.0


@compiled
def step(y: np.ndarray, record: np.ndarray, on_time: np.ndarray, dt: float, count: int, near: bool,
         mass: np.ndarray, thrusters: np.ndarray, fractions: np.ndarray, contacts: Contacts) -> float:
    """Advance by dt [s] in `count` equal integration steps.

    Args:
        y: (20,) state, integrals for the IMU over this step, propellant [kg].
        record: (6,) seconds at rest, then the fields of FirstContact, NaN before contact; its time is
            counted from the start of this step.
        on_time: (n,) [s] valves are open for, from the start of this step.
        dt: [s].
        count: number of integration steps.
        near: whether the ground may push.
        mass: (13,) see rigid_body.mass_table.
        thrusters: (n, 9) see propulsion.thruster_table.
        fractions: (n,) [-] of full thrust.
        contacts: points and ground.

    Returns:
        The speed [m/s]; NaN if the motion is no longer finite; BAD_COMMAND, without any motion, if an
        on-time is NaN.
    """
    for value in on_time:
        if np.isnan(value):
            return BAD_COMMAND
    h = dt / count
    work = np.empty((3, PROPELLANT))
    state = y[:PROPELLANT]
    state[rigid_body.SIZE:] = 0.0
    for k in range(count):
        force, torque, flow = mean_thrust(k * h, h, on_time, thrusters, fractions, y[PROPELLANT])
        body = rigid_body.body(mass, y[PROPELLANT] - 0.5 * flow * h, force, torque)
        before = motion(state) if near else (0.0, 0.0, 0.0, 0.0)
        place = (y[0], y[1], y[2])
        rigid_body.advance(state, h, body, contacts, near, work)
        y[PROPELLANT] = max(y[PROPELLANT] - flow * h, 0.0)
        touching = drag_anchors(state, contacts) if near else 0
        if touching > 0 and np.isnan(record[1]):
            record[1] = k * h
            record[2], record[3], record[4], record[5] = before
            if before[0] ** 2 + before[1] ** 2 > PLASTIC_SPEED**2:
                _stop(state, place, contacts)
        still = touching > 0 and dot(y[3:6], y[3:6]) < REST_SPEED**2 and before[2] < REST_RATE
        record[0] = record[0] + h if still else 0.0
    total = 0.0
    for value in y:
        total += value
    return np.sqrt(dot(y[3:6], y[3:6])) if np.isfinite(total) else np.nan

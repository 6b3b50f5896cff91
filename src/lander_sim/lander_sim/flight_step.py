"""One step of the true flight as a single compiled kernel; see truth.TRUTH for the record it works on."""

from dataclasses import dataclass

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RATE
from lander_common.mass import DRY
from lander_common.quaternions import matrix
from lander_common.vectors import dot, scale, subtract
from lander_sim import rigid_body
from lander_sim.contact import drag_anchors, gap
from lander_sim.glide import glide
from lander_sim.propulsion import Thrust, set_valves, thrust_over
from lander_sim.truth import PROPELLANT

REST_SPEED = 0.02  # [m/s]
PLASTIC_SPEED = 30.0  # [m/s] assumed: a wreck that meets the ground faster stays where it fell
REST_RATE = np.radians(0.2)  # [rad/s]
NEAR = 0.5  # [m] between the ground and the sphere that holds all contact points
AIR = 0.1  # [m] between each contact point and its plane: more than the ground differs from that
STEEP = 3.0  # [-] the ground comes nearer by at most this times the way flown
LONGEST_STEP, LONGEST_FALL = 0.01, 0.25  # [s] of the integrator far above the ground, with thrust and without
BAD_COMMAND, GROUND_NEAR = -1.0, -2.0
"""Returned instead of a speed; nothing has moved then."""


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
    r = matrix(y[6:10])
    up = scale(1.0 / np.sqrt(dot(y[0:3], y[0:3])), y[0:3])
    sink = -dot(y[3:6], up)
    w = subtract(y[10:13], scale(MOON_RATE, r[2]))
    cosine = min(max(r[0][2] * up[0] + r[1][2] * up[1] + r[2][2] * up[2], -1.0), 1.0)
    ground = max(dot(y[3:6], y[3:6]) - sink * sink, 0.0)
    return sink, np.sqrt(ground), np.sqrt(dot(w, w)), np.arccos(cosine)


@compiled
def _stop(y: np.ndarray, place: tuple[float, float, float], contacts: np.void) -> None:
    """Lay the vehicle down at `place`, without velocity and without load on the ground."""
    y[0], y[1], y[2] = place
    y[3:6] = 0.0
    y[10], y[11], y[12] = scale(MOON_RATE, matrix(y[6:10])[2])
    contacts.anchors[:] = 0.0
    contacts.normal_forces[:] = 0.0


@compiled
def _burn(truth: np.void, spread: rigid_body.MassProperties, start: float,
         h: float) -> tuple[Thrust, rigid_body.Body]:
    """Take the propellant of an integration step of h [s], `start` [s] after the valves opened.

    Returns:
        The thrust, and the body under it with the mass in the middle of the step.
    """
    y = truth.y
    thrust = thrust_over(truth.propulsion, start, h, y[PROPELLANT])
    left = y[PROPELLANT] - thrust.flow * h
    mass = truth.mass[DRY] + 0.5 * (y[PROPELLANT] + left)
    y[PROPELLANT] = max(left, 0.0)
    return thrust, rigid_body.body(mass, spread, thrust.force, thrust.torque)


@compiled
def step_near(truth: np.void, dt: float) -> float:
    """Advance as `step_low`."""
    if not set_valves(truth.propulsion):
        return BAD_COMMAND
    if gap(truth.y, truth.contacts) > AIR + STEEP * truth.speed * dt:
        return _fly(truth, dt)
    count = int(np.ceil(dt / truth.contact_step - 1e-9))
    h = dt / count
    y, first, contacts = truth.y, truth.first_contact, truth.contacts
    y[rigid_body.INTEGRALS] = 0.0
    spread = rigid_body.mass_properties(truth.mass, y[PROPELLANT])
    for k in range(count):
        _, body = _burn(truth, spread, k * h, h)
        before, place = motion(y), (y[0], y[1], y[2])
        rigid_body.advance(truth, h, body)
        touching = drag_anchors(y, contacts)
        if touching > 0 and np.isnan(first[0]):
            first[0] = truth.time + k * h
            first[1], first[2], first[3], first[4] = before
            if before[0] ** 2 + before[1] ** 2 > PLASTIC_SPEED**2:
                _stop(y, place, contacts)
        still = touching > 0 and dot(y[3:6], y[3:6]) < REST_SPEED**2 and before[2] < REST_RATE
        truth.rest = truth.rest + h if still else 0.0
    return _end(truth, dt)


@compiled
def _end(truth: np.void, dt: float) -> float:
    y = truth.y
    total = y[0] + y[1] + y[2] + y[6] + y[9] + y[10] + y[11] + y[12] + y[PROPELLANT]  # one NaN takes all
    truth.speed = np.sqrt(dot(y[3:6], y[3:6]))
    truth.time, truth.dt, truth.altitude = truth.time + dt, dt, np.nan
    return truth.speed if np.isfinite(total + truth.speed) else np.nan


@compiled
def step_above(truth: np.void, dt: float) -> float:
    """Advance as `step_high`."""
    way = STEEP * truth.speed * dt
    if truth.clearance - way < NEAR:
        return GROUND_NEAR
    if not set_valves(truth.propulsion):
        return BAD_COMMAND
    truth.clearance -= way
    return _fly(truth, dt)


@compiled
def _fly(truth: np.void, dt: float) -> float:
    longest = LONGEST_STEP if truth.propulsion.firing > 0 else LONGEST_FALL
    count = int(np.ceil(dt / longest - 1e-9))
    h, y = dt / count, truth.y
    y[rigid_body.INTEGRALS] = 0.0
    spread = rigid_body.mass_properties(truth.mass, y[PROPELLANT])
    for k in range(count):
        thrust, body = _burn(truth, spread, k * h, h)
        glide(y, h, body, thrust)
    truth.rest = 0.0
    return _end(truth, dt)


@compiled
def step_high(truth: np.ndarray, dt: float) -> float:
    """Advance by dt [s] above the ground; `truth`: (1,) of TRUTH.

    Returns:
        As `step_low`; GROUND_NEAR if the clearance has to be measured first.
    """
    return step_above(truth[0], dt)


@compiled
def step_low(truth: np.ndarray, dt: float) -> float:
    """Advance by dt [s] in integration steps of at most `contact_step`, while the ground may push.

    Returns:
        The speed [m/s]; NaN if the motion is no longer finite; BAD_COMMAND if an on-time is NaN.
    """
    return step_near(truth[0], dt)


@compiled
def fly_high(truth: np.ndarray, dt: float, commands: np.ndarray) -> int:
    """Take a step under each of `commands`, (k, n) [s], until one is not possible; return how many."""
    propulsion = truth[0].propulsion
    for k in range(commands.shape[0]):
        for i in range(commands.shape[1]):
            propulsion.command[i] = commands[k, i]
        if not step_above(truth[0], dt) >= 0.0:
            return k
    return commands.shape[0]

"""Guidance as kernels on a record of record.GUIDANCE: samples in, wrench out."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.mass import inertia
from lander_common.quaternions import Quaternion
from lander_common.ticks import tenth
from lander_common.vectors import Vector, add_scaled, cross, dot, limited, put, subtract, unit
from lander_guidance import inbox
from lander_guidance.attitude import control, release
from lander_guidance.decide import look
from lander_guidance.phases import ABORT, BRAKING, PITCH_UP, TERMINAL, fly
from lander_guidance.propulsion import flow, forget, measure, rcs_flow
from lander_guidance.sink_limit import bound, search
from lander_guidance.situation import is_finite, observe

_POINTED, _LOST = math.radians(30.0), math.radians(45.0)  # thrust fades out between these attitude errors
_FAST = 100.0  # [m/s] above it the track defines the heading
_TOO_FAST = 2.0  # [m/s]
_LONGEST_STEP = 2.0  # [s] a gap in navigation counts as no more


@compiled
def set_ground(gd: np.void, ground: np.ndarray) -> None:
    """Take a belief: time [s], height [m], altitude, lowest and highest credible altitude [m], (5,).

    It counts from `sample_age_s` after its time on; one that is not finite changes nothing.
    """
    below, above = ground[2] - ground[3], ground[4] - ground[2]
    if math.isfinite(ground[1] + below + above):
        inbox.put(gd.grounds, ground[0], ground[1], max(below, 0.0), max(above, 0.0))


@compiled
def set_contact(gd: np.void, time: float, feet: int) -> None:
    """Take the number of feet with contact; it counts from `sample_age_s` after its time on."""
    inbox.put(gd.contacts, time, feet, 0.0, 0.0)


@compiled
def step(gd: np.void, time: float, position_map: Vector, q_map_body: Quaternion, velocity_body: Vector,
         angular_velocity: Vector) -> None:
    """Write the wrench to be held from `time` [s] to the next step.

    A sample that is not finite is answered with the last force and no torque, and reported.
    """
    gd.time = gd.wrench_time = time
    gd.healthy = is_finite(time, position_map, q_map_body, velocity_body, angular_velocity)
    if not gd.healthy:
        put(gd.torque, (0.0, 0.0, 0.0))
        return
    _take_samples(gd, time)
    now = gd.now
    last = (now.velocity[0], now.velocity[1], now.velocity[2])
    now.dt = limited(time - now.time, 0.0, _LONGEST_STEP) if gd.flown else 0.0
    now.time, gd.flown = time, 1
    observe(now, gd.site, gd.ground, gd.body.foot, position_map, q_map_body, velocity_body, angular_velocity)
    if gd.parameters.trust_estimate:
        now.lower = now.upper = now.altitude
    _account(gd, last)
    if now.speed > _FAST:
        put(gd.left, unit(cross(now.up, now.drift)))
    tick = tenth(time)
    due = tick != gd.tick
    gd.tick = tick
    if due:
        search(gd)
    # Main engines that are off in the vertical descent come back when it is too fast.
    alone = gd.phase == TERMINAL and now.sink < gd.sink.limit + _TOO_FAST
    gd.most_thrust = gd.engines.terminal if alone else gd.engines.limit
    bound(gd)
    fly(gd)
    if due:
        look(gd)
    _act(gd)


@compiled
def _take_samples(gd: np.void, time: float) -> None:
    before = time - gd.parameters.sample_age_s
    while inbox.ripe(gd.grounds, before):
        value = gd.grounds.values[0]
        gd.ground.height = value[0]
        if not gd.parameters.trust_estimate:
            gd.ground.below, gd.ground.above = value[1], value[2]
        inbox.drop_first(gd.grounds)
    while inbox.ripe(gd.contacts, before):
        gd.feet = int(gd.contacts.values[0, 0])
        inbox.drop_first(gd.contacts)


@compiled
def _account(gd: np.void, last: Vector) -> None:
    """Book the propellant of the last step, and compare the speed it gave with the one expected."""
    now, thrust = gd.now, gd.force[2]
    powered = gd.phase in (BRAKING, PITCH_UP, TERMINAL, ABORT)
    if 0.0 < now.dt < _LONGEST_STEP and powered and thrust > 0.0:
        gained = add_scaled(subtract(now.velocity, last), -now.dt, now.fall)
        measure(gd.scale, thrust, gd.mass, dot(gained, now.axis), now.dt)
    else:
        forget(gd.scale)
    used = (flow(gd.engines, thrust) + rcs_flow(gd.engines, gd.torque)) * now.dt
    gd.propellant = max(gd.propellant - used, 0.0)
    gd.mass = gd.body.dry + gd.propellant


@compiled
def _act(gd: np.void) -> None:
    """Turn the demand into a wrench."""
    d, now, p, a = gd.demand, gd.now, gd.parameters, gd.attitude
    thrust = 0.0
    if d.active:
        control(a, d.direction, gd.left, d.slew, now.attitude, now.rate, inertia(gd.body.mass, gd.propellant),
                max(now.dt, 1e-3), (p.attitude_gain, p.rate_gain), gd.engines.torque_limit)
        if d.thrust > 0.0:
            # The part of the demand that pushes the right way now, within the limits.
            thrust = limited(d.thrust * dot(d.direction, now.axis), gd.engines.floor, gd.most_thrust)
            thrust *= limited((_LOST - a.error) / (_LOST - _POINTED), 0.0, 1.0)
    else:
        release(a)
    put(gd.torque, a.torque)
    gd.force[2] = thrust

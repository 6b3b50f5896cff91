"""The state of flight in the frame `moon`, as all guidance laws see it."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_common.gravity import free_fall
from lander_common.quaternions import Quaternion, product, rotate, z_axis
from lander_common.site import Site
from lander_common.vectors import Vector, add, add_scaled, dot, limited, put, scale

SITUATION = np.dtype([
    ('time', float),  # [s]
    ('dt', float),  # [s] since the last cycle
    ('position', float, 3), ('velocity', float, 3),  # [m] moon, [m/s] over the ground
    ('attitude', float, 4),  # rotates base_link into moon
    ('rate', float, 3),  # [rad/s] base_link
    ('up', float, 3),
    ('axis', float, 3),  # thrust axis, base_link +z
    ('height', float),  # [m] above the reference sphere
    ('altitude', float),  # [m] of the feet above the ground below
    ('lower', float), ('upper', float),  # [m] lowest and highest altitude still credible
    ('sink', float),  # [m/s] positive down
    ('drift', float, 3),  # [m/s] horizontal velocity
    ('speed', float),  # [m/s] its size
    ('to_target', float, 3),  # [m] horizontal way to the target
    ('distance', float),  # [m] to the target
    ('fall', float, 3),  # [m/s^2] acceleration without thrust
    ('gravity', float),  # [m/s^2] what holds the sink rate constant
])

SITE = np.dtype([
    ('rotation', float, (3, 3)), ('quaternion', float, 4), ('origin', float, 3),  # of map in moon
    ('target', float, 3),  # unit vector of the landing site
    ('ground', float),  # [m] height above the reference sphere
])

GROUND = np.dtype([('height', float), ('below', float), ('above', float)])
"""Height [m] above the reference sphere; how much lower and higher the altitude may be [m]."""


def site_record(site: Site) -> np.void:
    """Return `site` as a SITE."""
    record = np.zeros(1, SITE)[0]
    record['rotation'], record['quaternion'], record['origin'] = site.rotation, site.quaternion, site.origin
    record['target'], record['ground'] = site.rotation[:, 2], site.ground_height_m
    return record


@compiled
def is_finite(time: float, position: Vector, attitude: Quaternion, velocity: Vector, rate: Vector) -> bool:
    """Return whether all that guidance uses of a navigation sample is a number."""
    return math.isfinite(time + position[0] + position[1] + position[2] + attitude[0] + attitude[1]
                         + attitude[2] + attitude[3] + velocity[0] + velocity[1] + velocity[2] + rate[0]
                         + rate[1] + rate[2])


@compiled
def observe(now: np.void, site: np.void, ground: np.void, foot: float, position_map: Vector,
            q_map_body: Quaternion, velocity_body: Vector, rate: Vector) -> None:
    """Write all of `now` but its times; `foot` [m] is the height of base_link on its feet."""
    m = site.rotation
    r = add(site.origin, (dot(m[0], position_map), dot(m[1], position_map), dot(m[2], position_map)))
    q = product(site.quaternion, q_map_body)
    v = rotate(q, velocity_body)
    radius = math.sqrt(dot(r, r))
    up = scale(1.0 / radius, r)
    climb = dot(v, up)
    drift = add_scaled(v, -climb, up)
    cosine = dot(site.target, up)
    across = add_scaled(site.target, -cosine, up)
    sine = math.sqrt(dot(across, across))
    now.distance = MOON_RADIUS * math.atan2(sine, cosine)
    put(now.to_target, scale(now.distance / max(sine, 1e-12), across))
    fall = free_fall(r, v)
    square = dot(drift, drift)
    put(now.position, r)
    put(now.velocity, v)
    now.attitude[0], now.attitude[1], now.attitude[2], now.attitude[3] = q
    put(now.rate, rate)
    put(now.up, up)
    put(now.axis, z_axis(q))
    put(now.drift, drift)
    put(now.fall, fall)
    now.height, now.sink, now.speed = radius - MOON_RADIUS, -climb, math.sqrt(square)
    now.gravity = -dot(fall, up) - square / radius
    now.altitude = now.height - ground.height - foot
    now.lower, now.upper = now.altitude - ground.below, now.altitude + ground.above


@compiled
def gravity_at_rest(now: np.void) -> float:
    """Return gravity [m/s^2] without the lift of flying round the Moon."""
    return now.gravity + now.speed * now.speed / (MOON_RADIUS + now.height)


@compiled
def tilt(now: np.void) -> float:
    """Return the angle between the thrust axis and the vertical [rad]."""
    return math.acos(limited(dot(now.axis, now.up), -1.0, 1.0))

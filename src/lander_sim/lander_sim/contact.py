"""Ground contact: feet and body corners on local planes, with springs, dampers and dry friction.

Along the ground normal each point has the spring and damper of a leg, which can push but not pull, and which
is crushed: it springs back by a tenth of its compression and stays shorter by the rest. Along the ground it
hangs on a bristle: a spring and damper of the same strength to an anchor on the ground, which is dragged
along when the spring exceeds the friction. So a vehicle at rest does not creep.
"""

import math
from typing import Protocol

import numpy as np

from lander_common import rotations
from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS, MOON_RATE
from lander_common.quaternions import matrix
from lander_common.vectors import (
    Matrix,
    Vector,
    across,
    add,
    cross,
    dot,
    length,
    put,
    scale,
    subtract,
    turn,
    turn_back,
)
from lander_common.vehicle import Vehicle
from lander_sim.terrain.surface import Landscape, plane

_BODY_RADIUS = 0.7  # [-] of the circle of feet; assumed: corners of the body that touch when it lies
_BODY_BOTTOM = 0.3  # [m] above the feet, assumed
_BODY_TOP = 1.0  # [m] above base_link, assumed
SPRINGBACK = 0.1  # [-] of a leg's compression, assumed: crushed honeycomb gives little back
_STAYED = 0.01  # [m] sideways: as long the plane below a point holds
_MOST = 24  # points: 8 legs, as a vehicle file allows, with 3 points each
_MOON_SPIN = (0.0, 0.0, MOON_RATE)  # [rad/s] moon


CONTACTS = np.dtype([
    ('count', np.int64),  # of points
    ('points', float, (_MOST, 3)),  # [m] base_link
    ('planes', float, (_MOST, 6)),  # [m] a point of the ground below each, and the normal, moon
    ('anchors', float, (_MOST, 4)),  # [m] moon; last column: 1 while in contact
    ('crushed', float, _MOST),  # [m] by which a leg stays shorter
    ('normal_forces', float, _MOST),  # [N]
    ('stiffness', float),  # [N/m]
    ('damping', float),  # [N s/m]
    ('friction', float),  # [-]
])
"""All that the kernels need to know of the points and the ground; updated in place."""


class Ground(Protocol):
    """What is needed of a terrain."""

    def height_at(self, position_moon: np.ndarray) -> float:
        """Return the height [m] above the reference sphere."""

    def plane_at(self, position_moon: np.ndarray) -> tuple[float, np.ndarray]:
        """Return height [m] and upward normal, moon, (3,)."""


def contact_points(vehicle: Vehicle) -> np.ndarray:
    """Return the contact points [m] base_link, (m, 3): first the feet, then the corners of the body."""
    legs = vehicle.legs
    feet = legs.feet
    corners = feet * _BODY_RADIUS
    low, high = corners.copy(), corners.copy()
    low[:, 2] = legs.foot_z_m + _BODY_BOTTOM
    high[:, 2] = max(_BODY_TOP, legs.foot_z_m + 2.0 * _BODY_BOTTOM)
    return np.vstack([feet, low, high])


def load_contacts(contacts: np.void, vehicle: Vehicle) -> None:
    """Write the points of a vehicle to its record; it does not touch the ground.

    Raises:
        ValueError: the vehicle has more legs than the record holds.
    """
    points, legs = contact_points(vehicle), vehicle.legs
    if len(points) > _MOST:
        raise ValueError(f'{len(points)} contact points; allowed are {_MOST}')
    contacts['count'] = len(points)
    contacts['points'][:len(points)] = points
    contacts['stiffness'], contacts['damping'] = legs.stiffness_n_m, legs.damping_n_s_m
    contacts['friction'] = legs.friction


def stable_step(vehicle: Vehicle) -> float:
    """Return the longest integration step [s] that follows the stiffest motion on the legs closely."""
    legs, mass = vehicle.legs, vehicle.mass
    swing = legs.radius_m**2 + legs.foot_z_m**2
    lightest = 1.0 / (1.0 / mass.dry_kg + swing / min(mass.dry_inertia_kg_m2))
    swinging = math.sqrt(legs.count * legs.stiffness_n_m / SPRINGBACK / lightest)
    damped = legs.count * legs.damping_n_s_m / lightest
    return 0.3 / max(swinging, damped)


@compiled
def _normal_force(p: Vector, v: Vector, i: int, c: np.void) -> float:
    """Return the force [N] along the normal on point i at p, moving with v, moon; -1 in the air."""
    normal = c.planes[i, 3:6]
    depth = -dot(normal, subtract(p, c.planes[i, 0:3]))
    sprung = depth - c.crushed[i]
    if sprung <= 0.0:
        return -1.0
    spring = c.stiffness * min(depth, sprung / SPRINGBACK)
    return max(spring - c.damping * dot(normal, v), 0.0)


@compiled
def reaction(y: np.ndarray, c: np.void) -> tuple[Vector, Vector]:
    """Return force [N] and torque [N m] about base_link, both in base_link; y: state, see rigid_body."""
    force, torque = (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
    r = matrix(y[6:10])
    spin = subtract(turn(r, y[10:13]), _MOON_SPIN)
    for i in range(c.count):
        arm = turn(r, c.points[i])
        p, v = add(y[0:3], arm), add(y[3:6], cross(spin, arm))
        push = _normal_force(p, v, i, c)
        if push > 0.0:
            normal = c.planes[i, 3:6]
            bristle = scale(c.anchors[i, 3] * c.stiffness, across(subtract(p, c.anchors[i, 0:3]), normal))
            grip = add(bristle, scale(c.damping, across(v, normal)))
            size = np.sqrt(dot(grip, grip))
            limit = c.friction * push
            share = limit / size if size > limit else 1.0
            total = subtract(scale(push, normal), scale(share, grip))
            force, torque = add(force, total), add(torque, cross(arm, total))
    return turn_back(r, force), turn_back(r, torque)


@compiled
def gap(y: np.ndarray, c: np.void) -> float:
    """Return how far the lowest point is above its plane [m]; y: state, see rigid_body."""
    r, least = matrix(y[6:10]), np.inf
    for i in range(c.count):
        p = add(y[0:3], turn(r, c.points[i]))
        least = min(least, dot(c.planes[i, 3:6], subtract(p, c.planes[i, 0:3])))
    return least


@compiled
def drag_anchors(y: np.ndarray, c: np.void) -> int:
    """Set, drag or drop the anchors and crush the legs after an integration step; return how many touch."""
    touching = 0
    r = matrix(y[6:10])
    spin = subtract(turn(r, y[10:13]), _MOON_SPIN)
    for i in range(c.count):
        arm = turn(r, c.points[i])
        p, v = add(y[0:3], arm), add(y[3:6], cross(spin, arm))
        push = _normal_force(p, v, i, c)
        c.normal_forces[i] = max(push, 0.0)
        if push < 0.0:
            c.anchors[i] = 0.0
            continue
        touching += 1
        depth = -dot(c.planes[i, 3:6], subtract(p, c.planes[i, 0:3]))
        c.crushed[i] = max(c.crushed[i], (1.0 - SPRINGBACK) * depth)
        stretch = scale(c.anchors[i, 3], across(subtract(p, c.anchors[i, 0:3]), c.planes[i, 3:6]))
        size = c.stiffness * np.sqrt(dot(stretch, stretch))
        limit = c.friction * push
        anchor = subtract(p, scale(limit / size if size > limit else 1.0, stretch))
        for k in range(3):
            c.anchors[i, k] = anchor[k]
        c.anchors[i, 3] = 1.0
    return touching


@compiled
def _moved(y: np.ndarray, c: np.void, i: int, r: Matrix) -> tuple[bool, Vector]:
    """Return whether point i has moved more than 1 cm sideways of its plane, and where it is [m], moon."""
    place = add(y, turn(r, c.points[i]))
    up = scale(1.0 / np.sqrt(dot(place, place)), place)
    aside = across(subtract(place, c.planes[i]), up)
    return not (dot(aside, aside) <= _STAYED * _STAYED or np.isnan(place[0])), place


@compiled
def feel_surface(y: np.ndarray, contacts: np.void, land: Landscape) -> bool:
    """Do as `feel_ground`, compiled; return False where the surface has no data."""
    r = matrix(y[6:10])
    for i in range(contacts.count):
        moved, place = _moved(y, contacts, i, r)
        if moved:
            height, normal = plane(place, land, 1.0)
            if np.isnan(height) or np.isnan(normal[0]):
                return False
            put(contacts.planes[i, 0:3], scale((MOON_RADIUS + height) / length(place), place))
            put(contacts.planes[i, 3:6], normal)
    return True


@compiled
def _places(y: np.ndarray, c: np.void, places: np.ndarray) -> None:
    """Write to `places`, (m, 3), where the points are; NaN if they have not moved."""
    r = matrix(y[6:10])
    for i in range(c.count):
        moved, place = _moved(y, c, i, r)
        put(places[i], place if moved else (np.nan, np.nan, np.nan))


def feel_ground(y: np.ndarray, contacts: np.void, terrain: Ground) -> None:
    """Ask the terrain for a new plane below every point that has moved sideways by more than 1 cm."""
    places = np.empty((contacts['count'], 3))
    _places(y, contacts, places)
    for i in np.flatnonzero(~np.isnan(places[:, 0])):
        height, normal = terrain.plane_at(places[i])
        contacts['planes'][i, :3] = places[i] * ((MOON_RADIUS + height) / rotations.norm(places[i]))
        contacts['planes'][i, 3:] = normal

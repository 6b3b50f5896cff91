"""A map of the site: the height that the ground should have in the footprint of the beam.

It says something new only every `spacing` metres: nearer points of a map share their error. Together with the
ranges it also says where over the map the lander is.
"""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.vectors import Vector, add_scaled, dot
from lander_estimation.aiding.range import ray
from lander_estimation.layout import D_POSITION, D_TERRAIN, POSITION, TERRAIN
from lander_estimation.outcome import NO_REASON, OFF_MAP


@compiled
def look_up(model: np.void, position: Vector) -> tuple[float, float, float]:
    """Return height [m] and slopes to the east and the north at a position in `moon`; NaN: off the map."""
    map_, to_moon = model.map, model.to_moon
    offset = add_scaled(position, -1.0, model.origin)
    east = dot(offset, (to_moon[0, 0], to_moon[1, 0], to_moon[2, 0])) - map_.east
    north = dot(offset, (to_moon[0, 1], to_moon[1, 1], to_moon[2, 1])) - map_.north
    u, v = east / map_.spacing, north / map_.spacing
    if not (0.0 <= u < map_.columns - 1 and 0.0 <= v < map_.rows - 1):
        return math.nan, 0.0, 0.0
    i, j = int(v), int(u)
    v, u = v - i, u - j
    a, b = map_.heights[i, j], map_.heights[i, j + 1]
    c, d = map_.heights[i + 1, j], map_.heights[i + 1, j + 1]
    return ((1.0 - v) * ((1.0 - u) * a + u * b) + v * ((1.0 - u) * c + u * d),
            ((1.0 - v) * (b - a) + v * (d - c)) / map_.spacing,
            ((1.0 - u) * (c - a) + u * (d - b)) / map_.spacing)


@compiled
def predict(est: np.void) -> int:
    """Write to `est.prediction` the height by the map against that believed, or say why there is none."""
    model, x, p = est.model, est.x, est.prediction
    _, cosine, foot, _, _ = ray(x, model.mount[0], model.beam[0])
    if not cosine >= model.min_cosine:
        foot = (x[POSITION], x[POSITION + 1], x[POSITION + 2])
    height, east, north = look_up(model, foot)
    if math.isnan(height):
        return OFF_MAP
    p.size = 1
    p.observation[0] = height
    p.variance[0] = p.noise[0] = model.map.variance
    p.innovation[0] = height - x[TERRAIN]
    p.jacobian[0, :] = 0.0
    p.jacobian[0, D_TERRAIN] = 1.0
    for i in range(3):
        p.jacobian[0, D_POSITION + i] = -(model.to_moon[i, 0] * east + model.to_moon[i, 1] * north)
    p.scatter = 0.0
    return NO_REASON

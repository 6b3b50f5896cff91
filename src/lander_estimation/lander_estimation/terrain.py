"""What is known of the ground without measuring it.

The terrain height is a random walk over the ground that passes through the site: its variance grows by
`slope_variance` per metre from the site and saturates at `far_variance`. Flown towards the site, such a
walk is pulled to the site's height, so that an unmeasured terrain is as uncertain as the prior says
everywhere, and a measured one keeps its value for as long as it means something.
"""

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_estimation.vectors import Vector, add_scaled, dot, length


@compiled
def _site(model: np.void) -> Vector:
    return model.to_moon[0, 2], model.to_moon[1, 2], model.to_moon[2, 2]


@compiled
def prior_variance(position: Vector, model: np.void) -> float:
    """Return the variance of the terrain height below `position` (moon) before any range [m^2]."""
    r = length(position)
    up = (position[0] / r, position[1] / r, position[2] / r)
    distance = MOON_RADIUS * length(add_scaled(up, -1.0, _site(model)))
    return min(model.far_variance, model.site_variance + model.slope_variance * distance)


@compiled
def horizontal(position: Vector, velocity: Vector) -> Vector:
    """Return the part of a velocity along the ground [m/s], vectors in `moon`."""
    return add_scaled(velocity, -dot(position, velocity) / dot(position, position), position)


@compiled
def terrain_rates(position: Vector, velocity: Vector, model: np.void) -> tuple[float, float]:
    """Return pull towards the site's height [1/s] and growth of the variance [m^2/s]."""
    r = length(position)
    up = (position[0] / r, position[1] / r, position[2] / r)
    site = _site(model)
    along = horizontal(position, velocity)
    walk = model.slope_variance * length(along)
    distance = MOON_RADIUS * length(add_scaled(up, -1.0, site))
    prior = model.site_variance + model.slope_variance * distance
    growth = 0.0  # of the prior, along the flown track
    if prior >= model.far_variance:
        prior = model.far_variance
    elif distance > 1.0:
        recession = -MOON_RADIUS * MOON_RADIUS / (distance * r) * dot(site, along)
        growth = max(-walk, min(walk, model.slope_variance * recession))
    return 0.5 * (walk - growth) / prior, walk + model.terrain_floor


@compiled
def prior_variance_of(position: np.ndarray, record: np.ndarray) -> float:
    """Return `prior_variance` for the model in an array of one ESTIMATOR."""
    return prior_variance((position[0], position[1], position[2]), record[0].model)

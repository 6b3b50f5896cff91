"""What is known of the ground without measuring it.

The terrain height is a random walk over the ground that passes through the site: its variance grows by
`SLOPE_VARIANCE` per metre from the site and saturates at `FAR_VARIANCE`. Flown towards the site, such a
walk is pulled to the site's height, so that an unmeasured terrain is as uncertain as the prior says
everywhere, and a measured one keeps its value for as long as it means something.
"""

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_common.rotations import norm
from lander_estimation.model import FAR_VARIANCE, SITE_UP, SITE_VARIANCE, SLOPE_VARIANCE, TERRAIN_FLOOR


@compiled
def prior_variance(position: np.ndarray, model: np.ndarray) -> float:
    """Return the variance of the terrain height below `position` (moon) before any range [m^2]."""
    distance = MOON_RADIUS * norm(position / norm(position) - model[SITE_UP:SITE_UP + 3])
    return min(model[FAR_VARIANCE], model[SITE_VARIANCE] + model[SLOPE_VARIANCE] * distance)


@compiled
def ground_speed(position: np.ndarray, velocity: np.ndarray) -> float:
    """Return the horizontal speed [m/s] of vectors in `moon`."""
    up = position / norm(position)
    return norm(velocity - np.sum(velocity * up) * up)


@compiled
def terrain_rates(position: np.ndarray, velocity: np.ndarray, model: np.ndarray) -> tuple[float, float]:
    """Return pull towards the site's height [1/s] and growth of the variance [m^2/s]."""
    r = norm(position)
    up = position / r
    site = model[SITE_UP:SITE_UP + 3]
    horizontal = velocity - np.sum(velocity * up) * up
    walk = model[SLOPE_VARIANCE] * norm(horizontal)
    distance = MOON_RADIUS * norm(up - site)
    prior = model[SITE_VARIANCE] + model[SLOPE_VARIANCE] * distance
    growth = 0.0  # of the prior, along the flown track
    if prior >= model[FAR_VARIANCE]:
        prior = model[FAR_VARIANCE]
    elif distance > 1.0:
        recession = -MOON_RADIUS**2 / (distance * r) * np.sum(site * horizontal)
        growth = max(-walk, min(walk, model[SLOPE_VARIANCE] * recession))
    return 0.5 * (walk - growth) / prior, walk + model[TERRAIN_FLOOR]

"""What is known of the ground without measuring it.

Two points of the ground differ in height by a variance that grows with their distance: in proportion to it as
far as the baseline of the site's slope, faster beyond, because real ground is smoother than a random walk
(Hurst exponent; Rosenburg et al. 2011). So the prior grows with the distance from the site, up to
`far_variance`, and the variance of a measured height with the way since the last range. Flown towards the
site an unmeasured height is drawn to the site's, just so much that it stays at the prior.
"""

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_common.vectors import Vector, add_scaled, dot, length

UNMEASURED = 1e6  # [m] way since the last range before there was any


@compiled
def difference(distance: float, model: np.void) -> float:
    """Return the variance [m^2] of the difference in height of points of the ground `distance` [m] apart."""
    ratio = distance / model.slope_length
    return model.slope_variance * model.slope_length * max(ratio, ratio ** (2.0 * model.hurst))


@compiled
def _steepness(distance: float, model: np.void) -> float:
    """Return the derivative of `difference` with respect to the distance [m^2/m]."""
    if distance < model.slope_length:
        return model.slope_variance
    twice = 2.0 * model.hurst
    return model.slope_variance * max(1.0, twice * (distance / model.slope_length) ** (twice - 1.0))


@compiled
def _from_site(position: Vector, model: np.void) -> tuple[float, Vector]:
    """Return the distance of a position from the site along the ground [m], and the site's direction."""
    site = (model.to_moon[0, 2], model.to_moon[1, 2], model.to_moon[2, 2])
    return MOON_RADIUS * length(add_scaled(site, -1.0 / length(position), position)), site


@compiled
def prior_variance(position: Vector, model: np.void) -> float:
    """Return the variance of the terrain height below `position` (moon) before any range [m^2]."""
    distance, _ = _from_site(position, model)
    return min(model.far_variance, model.site_variance + difference(distance, model))


@compiled
def horizontal(position: Vector, velocity: Vector) -> Vector:
    """Return the part of a velocity along the ground [m/s], vectors in `moon`."""
    return add_scaled(velocity, -dot(position, velocity) / dot(position, position), position)


@compiled
def drawn(position: Vector, way: float, model: np.void) -> float:
    """Return the share of the pull to the site's height that is felt `way` [m] after the last range.

    With ranges there is next to none: else ground unlike the model would be taken for an error in position.
    """
    distance, _ = _from_site(position, model)
    return min(1.0, way / max(distance, model.slope_length))


@compiled
def terrain_rates(position: Vector, velocity: Vector, way: float, model: np.void) -> tuple[float, float]:
    """Return pull towards the site's height [1/s] and growth of the variance [m^2/s].

    `way` [m] has been flown over the ground since the last range.
    """
    along = horizontal(position, velocity)
    walk = length(along) * _steepness(way, model)
    distance, site = _from_site(position, model)
    prior = model.site_variance + difference(distance, model)
    growth = 0.0  # of the prior, along the flown track
    if prior >= model.far_variance:
        prior = model.far_variance
    elif distance > 1.0:
        recession = -MOON_RADIUS * MOON_RADIUS / (distance * length(position)) * dot(site, along)
        growth = min(walk, _steepness(distance, model) * recession)
    return 0.5 * (walk - growth) / prior, walk + model.terrain_floor


@compiled
def prior_variance_of(position: np.ndarray, record: np.ndarray) -> float:
    """Return `prior_variance` for the model in an array of one ESTIMATOR."""
    return prior_variance((position[0], position[1], position[2]), record[0].model)

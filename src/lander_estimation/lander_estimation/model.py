"""The constants of the process model, packed into one array for the kernels."""

import numpy as np

from lander_common.site import Site
from lander_estimation.parameters import EstimatorParameters

(ACCELEROMETER_NOISE, GYRO_NOISE, ACCELEROMETER_WALK, GYRO_WALK, SCALE_VARIANCE, COAST_FORCE, COAST_NOISE,
 GAP_ACCELERATION, GAP_RATE, SLOPE_VARIANCE, SITE_HEIGHT, SITE_VARIANCE, FAR_VARIANCE, TERRAIN_FLOOR,
 SITE_UP) = range(15)


def pack(parameters: EstimatorParameters, site: Site) -> np.ndarray:
    """Return the array that the constants of this module index, shape (18,).

    Noises are squared densities, SLOPE_VARIANCE is the growth of the terrain variance per metre
    travelled [m^2/m], SITE_UP the first of three components of the site's direction in `moon`.
    """
    p = parameters
    return np.array([
        p.accelerometer_noise**2, p.gyro_noise**2, p.accelerometer_bias_walk**2, p.gyro_bias_walk**2,
        p.accelerometer_scale_sigma**2, p.coast_force, p.coast_noise**2, p.gap_acceleration**2,
        p.gap_rate**2, site.slope_sigma**2 * p.terrain_length_m, site.ground_height_m,
        site.ground_height_sigma_m**2,
        max(p.terrain_far_sigma_m, site.ground_height_sigma_m)**2, p.terrain_floor**2,
        *site.rotation[:, 2]])

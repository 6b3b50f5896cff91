"""Where the filter starts: the state vector from orbit determination, and nothing known of the biases."""

import math

import numpy as np

from lander_common.rotations import multiply, to_matrix
from lander_common.samples import StateVector
from lander_common.site import Site
from lander_estimation import layout
from lander_estimation.parameters import EstimatorParameters
from lander_estimation.terrain import prior_variance_of


def initial_state(state: StateVector, parameters: EstimatorParameters, site: Site,
                  record: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return nominal state, (18,), and covariance, (17, 17), of a state vector.

    Raises:
        ValueError: it holds something that is not a number, or a covariance that is none.
    """
    p, rotation = parameters, site.rotation
    position = site.to_moon(state.position_map)
    attitude = multiply(site.quaternion, state.q_map_body / np.linalg.norm(state.q_map_body))
    x = np.concatenate([position, rotation @ state.velocity_map, attitude, np.zeros(6),
                        [site.ground_height_m, 0.0]])
    cov = np.zeros((layout.ERROR_SIZE, layout.ERROR_SIZE))
    cov[0:3, 0:3] = rotation @ state.position_covariance @ rotation.T
    to_moon = to_matrix(attitude)
    cov[3:6, 3:6] = to_moon @ state.velocity_covariance @ to_moon.T
    cov[6:9, 6:9] = state.attitude_variance * np.eye(3)
    cov[9:12, 9:12] = p.accelerometer_bias_sigma**2 * np.eye(3)
    cov[12:15, 12:15] = p.gyro_bias_sigma**2 * np.eye(3)
    cov[15, 15] = prior_variance_of(position, record)
    cov[16, 16] = p.range_bias_sigma_m**2
    cov = 0.5 * (cov + cov.T)
    if not (math.isfinite(state.time) and np.isfinite(x).all() and np.isfinite(cov).all()):
        raise ValueError('state vector holds something that is not a number')
    if np.linalg.eigvalsh(cov).min() < -1e-9 * cov.max():
        raise ValueError('covariance of the state vector is not positive semi-definite')
    return x, cov

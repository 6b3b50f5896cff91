"""Where the filter starts: the state vector from orbit determination, and nothing known of the biases."""

import numpy as np

from lander_common.rotations import multiply, to_matrix
from lander_common.samples import StateVector
from lander_common.site import Site
from lander_estimation import layout
from lander_estimation.parameters import EstimatorParameters
from lander_estimation.terrain import prior_variance


def initial_state(state: StateVector, parameters: EstimatorParameters, site: Site,
                  packed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return nominal state, (17,), and covariance, (16, 16), of a state vector."""
    rotation = site.rotation
    position = site.to_moon(state.position_map)
    attitude = multiply(site.quaternion, state.q_map_body / np.linalg.norm(state.q_map_body))
    x = np.concatenate([position, rotation @ state.velocity_map, attitude, np.zeros(6),
                        [site.ground_height_m]])
    cov = np.zeros((layout.ERROR_SIZE, layout.ERROR_SIZE))
    cov[0:3, 0:3] = rotation @ state.position_covariance @ rotation.T
    to_moon = to_matrix(attitude)
    cov[3:6, 3:6] = to_moon @ state.velocity_covariance @ to_moon.T
    cov[6:9, 6:9] = state.attitude_variance * np.eye(3)
    cov[9:12, 9:12] = parameters.accelerometer_bias_sigma**2 * np.eye(3)
    cov[12:15, 12:15] = parameters.gyro_bias_sigma**2 * np.eye(3)
    cov[15, 15] = prior_variance(position, packed)
    return x, 0.5 * (cov + cov.T)

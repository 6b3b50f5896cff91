"""The velocity sensor: velocity over the ground in base_link, whatever components it measures."""

import numpy as np

from lander_common.compiled import compiled
from lander_common.rotations import skew, to_matrix
from lander_common.samples import VelocitySample
from lander_estimation.aiding.rejections import Rejections
from lander_estimation.aiding.source import Prediction
from lander_estimation.layout import D_ATTITUDE, D_VELOCITY, ERROR_SIZE, QUATERNION, VELOCITY
from lander_estimation.parameters import EstimatorParameters
from lander_estimation.status import Outcome


class VelocityAid:
    """Compares the measured components of velocity samples with the state."""

    name = 'ground_velocity'
    recovered = (Outcome.FUSED, 'rejected velocities agree with each other: believed again')
    blamed = slice(D_VELOCITY, D_VELOCITY + 3)

    def __init__(self, parameters: EstimatorParameters):
        """Take gate and recovery from the parameters."""
        self.gate = parameters.velocity_gate
        self._limit = parameters.velocity_limit
        self.rejections = Rejections(parameters.recovery_count, parameters.recovery_gate,
                                     parameters.fix_recovery_window_s)

    def is_empty(self, sample: VelocitySample) -> bool:
        """Return whether no component was measured."""
        return bool(np.isnan(sample.velocity).all())

    def defect(self, sample: VelocitySample) -> str:
        """Say why the sample must not be used; '' if it may."""
        if np.nanmax(np.abs(sample.velocity)) > self._limit:
            return 'velocity is beyond full scale'
        variance = sample.variance[~np.isnan(sample.velocity)]
        if not (np.isfinite(variance).all() and (variance > 0.0).all()):
            return 'variance is not a positive number'
        return ''

    def key(self, sample: VelocitySample) -> int:
        """Return 0: there is one sensor."""
        return 0

    def predict(self, x: np.ndarray, sample: VelocitySample) -> Prediction:
        """Compare the measured components with the state."""
        expected, jacobian = velocity_body(x)
        measured = ~np.isnan(sample.velocity)
        variance = sample.variance[measured]
        observation = sample.velocity[measured]
        return Prediction(observation, variance, observation - expected[measured],
                          jacobian[measured], variance, float(variance.max()))


@compiled
def velocity_body(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the velocity over the ground in base_link, (3,) [m/s], and its Jacobian, (3, 16)."""
    to_body = np.ascontiguousarray(to_matrix(x[QUATERNION:QUATERNION + 4]).T)
    velocity = x[VELOCITY:VELOCITY + 3].copy()
    jacobian = np.zeros((3, ERROR_SIZE))
    jacobian[:, D_VELOCITY:D_VELOCITY + 3] = to_body
    jacobian[:, D_ATTITUDE:D_ATTITUDE + 3] = to_body @ skew(velocity)
    return to_body @ velocity, jacobian

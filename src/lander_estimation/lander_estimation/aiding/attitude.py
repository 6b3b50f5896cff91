"""The star tracker: attitude in the Moon-fixed frame, all three axes."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.rotations import conjugate, multiply, rotate, to_matrix, to_rotation_vector
from lander_common.samples import AttitudeFix
from lander_estimation.aiding.rejections import Rejections
from lander_estimation.aiding.source import Prediction
from lander_estimation.layout import D_ATTITUDE, ERROR_SIZE, QUATERNION
from lander_estimation.parameters import EstimatorParameters
from lander_estimation.status import Outcome


class AttitudeAid:
    """Compares attitude fixes with the state as rotation vectors about the base_link axes [rad]."""

    name = 'star_tracker'
    recovered = (Outcome.FUSED, 'rejected fixes agree with each other: believed again')
    blamed = slice(D_ATTITUDE, D_ATTITUDE + 3)

    def __init__(self, parameters: EstimatorParameters):
        """Take gate and recovery from the parameters."""
        self.gate = parameters.attitude_gate
        self.rejections = Rejections(parameters.recovery_count, parameters.recovery_gate,
                                     parameters.fix_recovery_window_s)

    def is_empty(self, sample: AttitudeFix) -> bool:
        """Return whether the tracker has lost the stars."""
        return not sample.valid

    def defect(self, sample: AttitudeFix) -> str:
        """Say why the fix must not be used; '' if it may."""
        if not abs(float(np.linalg.norm(sample.q_moon_body)) - 1.0) < 1e-3:
            return 'not a unit quaternion'
        if not all(math.isfinite(v) and v > 0.0 for v in sample.variance):
            return 'variance is not a positive number'
        return ''

    def key(self, sample: AttitudeFix) -> int:
        """Return 0: there is one tracker."""
        return 0

    def predict(self, x: np.ndarray, sample: AttitudeFix) -> Prediction:
        """Compare a fix with the state; the observation is the rotation from the estimate to the fix."""
        innovation, jacobian = turn_between(x, sample.q_moon_body)
        return Prediction(innovation, sample.variance, innovation, jacobian, sample.variance,
                          float(max(sample.variance)))


@compiled
def turn_between(x: np.ndarray, fix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rotation from the estimate to `fix`, (3,) [rad] base_link, and its Jacobian, (3, 16)."""
    q = x[QUATERNION:QUATERNION + 4]
    innovation = rotate(conjugate(q), to_rotation_vector(multiply(fix, conjugate(q))))
    jacobian = np.zeros((3, ERROR_SIZE))
    jacobian[:, D_ATTITUDE:D_ATTITUDE + 3] = to_matrix(q).T
    return innovation, jacobian

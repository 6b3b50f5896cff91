"""The fate of one measurement: fused, rejected, or believed after all because many agree."""

from typing import Any

import numpy as np

from lander_estimation.aiding.source import AidSource, Prediction
from lander_estimation.status import AidStatus, Outcome
from lander_estimation.update import distance_squared, innovation_covariance, update


def fuse(aid: AidSource, sample: Any, x: np.ndarray, cov: np.ndarray) -> AidStatus:
    """Fuse a sample into state, (17,), and covariance, (16, 16), in place, unless it is rejected."""
    prediction = aid.predict(x, sample)
    if isinstance(prediction, str):
        return AidStatus(sample.time, aid.name, Outcome.REJECTED, prediction)
    p = prediction
    s = innovation_covariance(cov, p.jacobian, p.noise)
    ratio = float(distance_squared(s, p.innovation)) / aid.gate**2 if np.isfinite(s).all() else float('nan')
    outcome, reason = Outcome.FUSED, ''
    if not np.isfinite(ratio):
        outcome, reason = Outcome.REJECTED, 'not computable'
    elif ratio > 1.0:
        outcome, reason = _second_chance(aid, sample.time, p, cov)
    if outcome != Outcome.REJECTED:
        aid.rejections.clear()
        if not update(x, cov, p.jacobian, p.innovation, p.noise):
            outcome, reason = Outcome.REJECTED, 'not computable'
    return AidStatus(sample.time, aid.name, outcome, reason, p.observation, p.variance, p.innovation,
                     np.diag(s).copy(), ratio)


def _second_chance(aid: AidSource, time: float, p: Prediction, cov: np.ndarray) -> tuple[Outcome, str]:
    """Raise the variance of the blamed states if the rejected measurements agree with each other."""
    blamed = p.jacobian[:, aid.blamed]
    offset = blamed.T @ (p.innovation / np.sum(blamed**2, axis=1))
    if not aid.rejections.agree(time, offset, p.scatter):
        return Outcome.REJECTED, 'innovation above gate'
    index = np.arange(aid.blamed.start, aid.blamed.stop)
    cov[index, index] += offset @ offset
    return aid.recovered

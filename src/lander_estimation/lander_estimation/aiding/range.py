"""The range finder: a slant range along the beam to the believed ground."""

import math

import numpy as np

from lander_common.compiled import compiled
from lander_common.constants import MOON_RADIUS
from lander_common.rotations import cross, norm, rotate
from lander_common.samples import RangeSample
from lander_common.vehicle import Vehicle
from lander_estimation.aiding.rejections import Rejections
from lander_estimation.aiding.source import Prediction
from lander_estimation.layout import (
    D_ATTITUDE,
    D_POSITION,
    D_TERRAIN,
    ERROR_SIZE,
    POSITION,
    QUATERNION,
    TERRAIN,
    VELOCITY,
)
from lander_estimation.model import SLOPE_VARIANCE
from lander_estimation.parameters import EstimatorParameters
from lander_estimation.status import Outcome
from lander_estimation.terrain import ground_speed


class RangeAid:
    """Compares ranges with the sphere whose radius is that of the Moon plus the terrain height."""

    name = 'range'
    recovered = (Outcome.TERRAIN_CHANGE, 'rejected ranges agree with each other: the ground has changed')
    blamed = slice(D_TERRAIN, D_TERRAIN + 1)

    def __init__(self, parameters: EstimatorParameters, vehicle: Vehicle, model: np.ndarray):
        """Look along the beam of `vehicle`; `model` as packed by lander_estimation.model."""
        self._parameters = parameters
        self._model = model
        self._mount = np.array(vehicle.rangefinder.position_m)
        self._beam = vehicle.rangefinder.axis
        self.gate = parameters.range_gate
        self.rejections = Rejections(parameters.recovery_count, parameters.recovery_gate,
                                     parameters.range_recovery_window_s)

    def is_empty(self, sample: RangeSample) -> bool:
        """Return whether the shot had no return, or the device failed."""
        return sample.validity not in (RangeSample.VALID, RangeSample.DEGRADED)

    def defect(self, sample: RangeSample) -> str:
        """Say why the sample must not be used; '' if it may."""
        if not 0.0 < sample.range_m <= self._parameters.range_limit_m:
            return 'range is not a positive number within full scale'
        if not (math.isfinite(sample.variance) and sample.variance > 0.0):
            return 'variance is not a positive number'
        return ''

    def key(self, sample: RangeSample) -> int:
        """Return the beam."""
        return sample.beam

    def terrain_aside(self, x: np.ndarray) -> float:
        """Return the variance of the terrain below the lander against that in the footprint [m^2]."""
        _, cosine, aside, _ = ray(x, self._mount, self._beam)
        return self._model[SLOPE_VARIANCE] * aside if cosine >= self._parameters.range_min_cosine else 0.0

    def predict(self, x: np.ndarray, sample: RangeSample) -> Prediction | str:
        """Compare a range with the state, or say why the beam does not meet the ground."""
        expected, cosine, _, row = ray(x, self._mount, self._beam)
        if not cosine >= self._parameters.range_min_cosine:
            return 'beam misses the ground' if math.isnan(cosine) else 'beam grazes the ground'
        scale = self._parameters.range_degraded_scale if sample.validity == RangeSample.DEGRADED else 1.0
        walk = self._model[SLOPE_VARIANCE]
        noise = sample.variance * scale**2 + self._parameters.range_sigma_floor_m**2
        speed = ground_speed(x[POSITION:POSITION + 3], x[VELOCITY:VELOCITY + 3])
        scatter = noise * cosine**2 + walk * speed * self._parameters.range_recovery_window_s
        return Prediction(np.array([sample.range_m]), np.array([sample.variance]),
                          np.array([sample.range_m - expected]), row, np.array([noise]), scatter)


@compiled
def ray(x: np.ndarray, mount: np.ndarray, beam: np.ndarray) -> tuple[float, float, float, np.ndarray]:
    """Follow the beam from state `x`, (17,), to the believed ground.

    Args:
        x: nominal state.
        mount: aperture in base_link [m], (3,).
        beam: unit vector in base_link, (3,).

    Returns:
        Range [m]; cosine of the incidence, NaN if the beam misses the sphere; horizontal distance [m]
        of the footprint from the point below the lander; Jacobian of the range, (1, 16).
    """
    row = np.zeros((1, ERROR_SIZE))
    q = x[QUATERNION:QUATERNION + 4]
    p = x[POSITION:POSITION + 3]
    arm, u = rotate(q, mount), rotate(q, beam)
    origin = p + arm
    along = np.sum(origin * u)
    radius = MOON_RADIUS + x[TERRAIN]
    root = along**2 - np.sum(origin * origin) + radius**2
    if root <= 0.0 or along >= 0.0:
        return math.nan, math.nan, math.nan, row
    distance = -along - math.sqrt(root)
    foot = origin + distance * u
    normal = foot / norm(foot)
    cosine = -np.sum(normal * u)
    row[0, D_POSITION:D_POSITION + 3] = normal / cosine
    row[0, D_ATTITUDE:D_ATTITUDE + 3] = cross(arm + distance * u, normal) / cosine
    row[0, D_TERRAIN] = -1.0 / cosine
    aside = norm(cross(foot, p)) / norm(p)
    return distance, cosine, aside, row

"""Velocity over the ground: a camera that follows the ground, or a Doppler velocimeter."""

import math
from dataclasses import dataclass

import numpy as np

from lander_common import rotations
from lander_common.parameters import Parameters, parameter
from lander_common.samples import VelocitySample
from lander_sim.sensors.sensor import PeriodicSensor

KINDS = ('camera_flow', 'doppler')


@dataclass(frozen=True)
class GroundVelocityParameters(Parameters):
    """A ground velocity sensor; all values assumed."""

    kind: str = parameter('camera_flow', choices=KINDS, doc='A camera measures x and y only')
    rate_hz: float = parameter(10.0, unit='Hz', minimum=0.01, maximum=100, doc='Samples per second')
    min_altitude_m: float = parameter(
        1.0, unit='m', minimum=0, maximum=1e5, doc='Nothing below (dust, focus)')
    max_altitude_m: float = parameter(2000.0, unit='m', minimum=1, maximum=1e6, doc='Nothing above')
    max_tilt_deg: float = parameter(45.0, unit='deg', minimum=0, maximum=180, doc='Nothing beyond')
    noise_m_s: float = parameter(
        0.03, unit='m/s', minimum=1e-4, maximum=100, doc='Standard deviation each axis, at rest')
    noise_per_speed: float = parameter(
        0.005, unit='-', minimum=0, maximum=1, doc='Added to it per speed')
    noise_per_altitude: float = parameter(
        5e-4, unit='1/s', minimum=0, maximum=1, doc='Added to it per altitude; camera only')
    dropout: float = parameter(0.0, minimum=0, maximum=1, doc='Share of samples that are lost')


class GroundVelocity(PeriodicSensor):
    """One ground velocity sensor, aligned with base_link."""

    faults = {
        'bias': (-1e3, 1e3, 'added to every component [m/s]'),
        'scale': (-1.0, 10.0, 'added to every component, as a fraction of it [-]'),
        'noise': (0.0, 1e3, 'standard deviation of additional noise [m/s]'),
        'spike': (-1e4, 1e4, 'added to every component of the next sample only [m/s]'),
        'stuck': (-math.inf, math.inf, 'not used: the last velocity is repeated'),
        'dropout': (0.0, 1.0, 'probability that a sample is lost [-]'),
    }

    def __init__(self, parameters: GroundVelocityParameters, rng: np.random.Generator):
        """Make a healthy sensor."""
        super().__init__(parameters.rate_hz)
        self.parameters, self._rng = parameters, rng
        self._last: tuple[np.ndarray, float] | None = None  # velocity, sigma

    def sample(self, time: float, velocity_body: np.ndarray, altitude: float,
               tilt: float) -> VelocitySample | None:
        """Return the velocity at `time` [s], None if none is due, possible or left.

        Args:
            time: [s]; asked less often than `rate_hz`, the sensor answers every time.
            velocity_body: true velocity over the ground [m/s] base_link, (3,).
            altitude: true height above the ground [m].
            tilt: true angle between base_link +z and the vertical [rad].
        """
        p = self.parameters
        if not self._begin(time):
            return None
        chance, (noise, more) = self._rng.random(2), self._rng.standard_normal((2, 3))
        if (chance[0] < p.dropout or chance[1] < self._fault('dropout') or tilt > math.radians(p.max_tilt_deg)
                or not p.min_altitude_m <= altitude <= p.max_altitude_m):
            return None
        if 'stuck' not in self._faults or self._last is None:
            sigma = p.noise_m_s + p.noise_per_speed * rotations.norm(velocity_body)
            if p.kind == 'camera_flow':
                sigma += p.noise_per_altitude * altitude
            velocity = (1.0 + self._fault('scale')) * velocity_body + sigma * noise
            velocity += self._fault('noise') * more + self._fault('bias') + self._once('spike')
            self._last = velocity, sigma
        velocity, variance = self._last[0].copy(), np.full(3, self._last[1] ** 2)
        if p.kind == 'camera_flow':
            velocity[2] = variance[2] = math.nan
        return VelocitySample(time, velocity, variance)

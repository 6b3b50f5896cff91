"""Velocity over the ground: a camera that follows the ground, or a Doppler velocimeter."""

import math
from dataclasses import dataclass

import numpy as np

from lander_common import rotations
from lander_common.compiled import compiled
from lander_common.parameters import Parameters, parameter
from lander_common.samples import VelocitySample
from lander_sim.sensors.sensor import PERIODIC, PeriodicSensor, active, fault, once

KINDS = ('camera_flow', 'doppler', 'none')
_BIAS, _SCALE, _NOISE, _SPIKE, _STUCK, _DROPOUT = range(6)

GROUND_VELOCITY = np.dtype([
    *PERIODIC,
    ('velocity', float, 3), ('variance', float, 3),  # [m/s], [m^2/s^2] base_link; NaN: not measured
    ('vertical', np.int64),  # 1: z is measured too
    ('lowest', float), ('highest', float), ('max_tilt', float),  # [m], [m], [rad] where it works
    ('sigmas', float, 3),  # noise at rest [m/s], per speed [-], per altitude [1/s]
    ('dropout', float),  # [-]
    ('last', float, 4),  # [m/s] the last velocity measured and [m^2/s^2] its variance; NaN: none
    ('faults', float, 6),
    ('chances', float, 2), ('draws', float, (2, 3)),  # [-] uniform; standard normal: sensor, fault
])
"""State of a ground velocity sensor."""


@dataclass(frozen=True)
class GroundVelocityParameters(Parameters):
    """A ground velocity sensor; all values assumed."""

    kind: str = parameter('camera_flow', choices=KINDS, doc='A camera measures x and y only; none: no sensor')
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

    def __init__(self, parameters: GroundVelocityParameters, rng: np.random.Generator,
                 record: np.ndarray | None = None):
        """Make a healthy sensor. `record`: (1,) of GROUND_VELOCITY to work on."""
        super().__init__(GROUND_VELOCITY, parameters.rate_hz, record)
        p, self.stream, state = parameters, rng, self._state
        self.parameters = p
        if p.kind == 'none':
            state['next'] = math.inf
        camera = p.kind == 'camera_flow'
        state['vertical'], state['dropout'] = not camera, p.dropout
        state['lowest'], state['highest'] = p.min_altitude_m, p.max_altitude_m
        state['max_tilt'] = math.radians(p.max_tilt_deg)
        state['sigmas'] = p.noise_m_s, p.noise_per_speed, p.noise_per_altitude if camera else 0.0
        state['last'] = math.nan

    def sample(self, time: float, velocity_body: np.ndarray, altitude: float,
               tilt: float) -> VelocitySample | None:
        """Return the velocity at `time` [s], None if none is due, possible or left.

        Args:
            time: [s]; asked less often than `rate_hz`, the sensor answers every time.
            velocity_body: true velocity over the ground [m/s] base_link, (3,).
            altitude: true height above the ground [m].
            tilt: true angle between base_link +z and the vertical [rad].
        """
        if not self._begin(time):
            return None
        self.stream.random(out=self._state['chances'])
        self.stream.standard_normal(out=self._state['draws'])
        _measure(self.record, velocity_body, altitude, tilt)
        return self.velocity(time)

    def velocity(self, time: float) -> VelocitySample | None:
        """Return what the record says of `time` [s]."""
        state = self._state
        if not state['due']:
            return None
        return VelocitySample(time, state['velocity'].copy(), state['variance'].copy())


@compiled
def draw(sensor: np.void, rng: np.random.Generator) -> None:
    """Draw the noise of one sample."""
    for i in range(2):
        sensor.chances[i] = rng.random()
    for i in range(2):
        for k in range(3):
            sensor.draws[i, k] = rng.standard_normal()


@compiled
def measure(sensor: np.void, velocity: np.ndarray, altitude: float, tilt: float) -> None:
    """Write to `velocity` and `variance` what is seen at a velocity [m/s], altitude [m] and tilt [rad]."""
    faults, draws = sensor.faults, sensor.draws
    if (sensor.chances[0] < sensor.dropout or sensor.chances[1] < fault(faults, _DROPOUT)
            or tilt > sensor.max_tilt or not sensor.lowest <= altitude <= sensor.highest):
        return
    if not active(faults, _STUCK) or np.isnan(sensor.last[0]):
        sigma = sensor.sigmas[0] + sensor.sigmas[1] * rotations.norm(velocity) + sensor.sigmas[2] * altitude
        gain, offset = 1.0 + fault(faults, _SCALE), fault(faults, _BIAS) + once(faults, _SPIKE)
        for i in range(3):
            more = fault(faults, _NOISE) * draws[1, i] + offset
            sensor.last[i] = gain * velocity[i] + sigma * draws[0, i] + more
        sensor.last[3] = sigma * sigma
    sensor.due = 1
    for i in range(3):
        seen = i < 2 or sensor.vertical == 1
        sensor.velocity[i] = sensor.last[i] if seen else np.nan
        sensor.variance[i] = sensor.last[3] if seen else np.nan


@compiled
def _measure(sensor: np.ndarray, velocity: np.ndarray, altitude: float, tilt: float) -> None:
    measure(sensor[0], velocity, altitude, tilt)

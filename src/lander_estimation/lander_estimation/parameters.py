"""Parameters of the navigation filter and its node."""

from dataclasses import dataclass

import numpy as np

from lander_common.parameters import ParameterError, Parameters, parameter


@dataclass(frozen=True)
class EstimatorParameters(Parameters):
    """How the filter trusts its sensors and the ground."""

    vehicle_file: str = parameter('', doc='Vehicle file (config/vehicles)')
    site_file: str = parameter('', doc='Site file (config/sites)')

    terrain_map_file: str = parameter('', doc='Map of the site, see map_file.py; empty: none')

    horizon_s: float = parameter(
        0.5, unit='s', minimum=0.0, maximum=2.0, doc='Fusion horizon: longest latency of a measurement')
    bound_sigma: float = parameter(
        3.0, minimum=1.0, maximum=6.0, doc='Half width of the credible altitude interval, in sigmas')

    accelerometer_noise: float = parameter(
        3.4e-4, unit='m/s^2/sqrt(Hz)', minimum=1e-7, maximum=1.0, doc='Velocity random walk')
    gyro_noise: float = parameter(
        1.5e-5, unit='rad/s/sqrt(Hz)', minimum=1e-9, maximum=1.0, doc='Angle random walk')
    accelerometer_bias_sigma: float = parameter(
        1e-3, unit='m/s^2', minimum=0.0, maximum=1.0, doc='Bias at the start')
    gyro_bias_sigma: float = parameter(
        5e-6, unit='rad/s', minimum=0.0, maximum=1.0, doc='Bias at the start')
    accelerometer_bias_walk: float = parameter(
        2e-6, unit='m/s^2/sqrt(s)', minimum=0.0, maximum=1.0, doc='Random walk of the bias')
    gyro_bias_walk: float = parameter(
        1e-8, unit='rad/s/sqrt(s)', minimum=0.0, maximum=1.0, doc='Random walk of the bias')
    accelerometer_scale_sigma: float = parameter(
        1e-4, minimum=0.0, maximum=0.1, doc='Scale factor error, part of the specific force')
    gyro_scale_sigma: float = parameter(
        1e-4, minimum=0.0, maximum=0.1, doc='Scale factor error, part of the rate')
    coast_force: float = parameter(
        0.01, unit='m/s^2', minimum=0.0, maximum=0.2,
        doc='Less specific force than this, bias removed, is unpowered flight')
    coast_noise: float = parameter(
        1e-4, unit='m/s^2/sqrt(Hz)', minimum=0.0, maximum=1.0, doc='Forces not modelled in unpowered flight')

    imu_force_limit: float = parameter(
        200.0, unit='m/s^2', minimum=1.0, maximum=1e5, doc='Full scale: more is a broken sample')
    imu_rate_limit: float = parameter(
        20.0, unit='rad/s', minimum=0.1, maximum=1e3, doc='Full scale: more is a broken sample')
    imu_gap_s: float = parameter(
        0.2, unit='s', minimum=0.01, maximum=10.0, doc='A longer powered interval is a gap')
    imu_coast_gap_s: float = parameter(
        3.0, unit='s', minimum=0.01, maximum=100.0, doc='A longer unpowered interval is a gap')
    imu_hold_s: float = parameter(
        1.0, unit='s', minimum=0.0, maximum=10.0, doc='Longest part of a gap flown on the next sample')
    gap_acceleration: float = parameter(
        3.0, unit='m/s^2', minimum=0.0, maximum=100.0, doc='Unknown acceleration in a gap')
    gap_rate: float = parameter(0.05, unit='rad/s', minimum=0.0, maximum=10.0, doc='Unknown rate in a gap')

    terrain_length_m: float = parameter(
        200.0, unit='m', minimum=1.0, maximum=1e5, doc='Baseline of the slope of the site file')
    terrain_hurst: float = parameter(
        0.9, minimum=0.5, maximum=1.0,
        doc='Hurst exponent of the ground beyond the baseline; median 0.95 highlands, 0.76 mare')
    terrain_far_sigma_m: float = parameter(
        2000.0, unit='m', minimum=1.0, maximum=1e4, doc='Terrain height far from the site')
    terrain_floor: float = parameter(
        0.2, unit='m/sqrt(s)', minimum=0.0, maximum=100.0, doc='Random walk of the terrain while hovering')

    star_tracker_boresight: list[float] = parameter(
        [1.0, 0.0, 1.0], length=3,
        doc='Direction of view in base_link, about which a tracker is noisier; zeros: independent axes')
    range_gate: float = parameter(5.0, minimum=1.0, maximum=20.0, doc='Innovation gate in sigmas')
    attitude_gate: float = parameter(5.0, minimum=1.0, maximum=20.0, doc='Innovation gate in sigmas')
    velocity_gate: float = parameter(5.0, minimum=1.0, maximum=20.0, doc='Innovation gate in sigmas')
    range_limit_m: float = parameter(
        50e3, unit='m', minimum=1.0, maximum=1e6, doc='Full scale: a longer range is a broken sample')
    velocity_limit: float = parameter(
        3000.0, unit='m/s', minimum=1.0, maximum=1e5, doc='Full scale: a higher velocity is a broken sample')
    range_sigma_floor_m: float = parameter(
        0.3, unit='m', minimum=0.0, maximum=100.0, doc='Roughness of the ground in the footprint')
    range_bias_sigma_m: float = parameter(
        0.3, unit='m', minimum=0.0, maximum=100.0, doc='Constant error of the range finder')
    range_degraded_scale: float = parameter(
        3.0, minimum=1.0, maximum=100.0, doc='Factor on the sigma of a range the device calls degraded')
    range_min_cosine: float = parameter(
        0.2, minimum=0.01, maximum=1.0, doc='Smallest cosine of the incidence on the ground')

    range_beams: int = parameter(1, minimum=1, maximum=2, doc='Range finders: their samples tell the beam')
    second_position_m: list[float] = parameter(
        [-0.4, 0.0, -0.8], length=3, unit='m', doc='Aperture of the second, base_link')
    second_direction: list[float] = parameter([0.0, 0.0, -1.0], length=3, doc='Its beam, base_link')
    range_recovery_count: int = parameter(
        3, minimum=2, maximum=12, doc='Rejected ranges, at least, before they can be believed')
    range_recovery_probability: float = parameter(
        0.95, minimum=0.5, maximum=0.9999, doc='They are believed if they are real with this probability')
    credible_probability: float = parameter(
        0.05, minimum=1e-4, maximum=0.9, doc='An altitude with this probability is within the bounds')
    altitude_latch: bool = parameter(
        False, doc='Demonstration only: ranges above the gate for 0.5 s shut the range finder out for ever')
    recovery_count: int = parameter(
        4, minimum=2, maximum=50, doc='Rejected measurements in a row that must agree to be believed')
    recovery_gate: float = parameter(
        3.0, minimum=1.0, maximum=20.0, doc='Agreement of rejected measurements in sigmas')
    range_recovery_window_s: float = parameter(
        20.0, unit='s', minimum=0.1, maximum=60.0, doc='Rejected ranges are remembered for')
    fix_recovery_window_s: float = parameter(
        5.0, unit='s', minimum=0.1, maximum=60.0, doc='Rejected attitudes and velocities are remembered for')

    future_limit_s: float = parameter(
        5.0, unit='s', minimum=0.0, maximum=60.0, doc='A measurement further ahead of the IMU is refused')
    sensor_timeout_s: float = parameter(
        3.0, unit='s', minimum=0.1, maximum=60.0, doc='A sensor silent for longer is lost')

    def __post_init__(self) -> None:
        """Check also that the second beam has a direction."""
        super().__post_init__()
        if not any(self.second_direction):
            raise ParameterError('second_direction', self.second_direction, 'three numbers, not all zero')

    @property
    def second_axis(self) -> np.ndarray:
        """Unit vector of the second beam, shape (3,)."""
        return np.array(self.second_direction) / np.linalg.norm(self.second_direction)

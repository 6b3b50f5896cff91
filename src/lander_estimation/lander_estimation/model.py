"""The constants of the filter in the record, and the record of a filter that waits for its state vector."""

import numpy as np

from lander_common.rotations import conjugate
from lander_common.site import Site
from lander_common.vehicle import Vehicle
from lander_estimation.map_file import load_map
from lander_estimation.parameters import EstimatorParameters
from lander_estimation.record import ESTIMATOR


def new_record(parameters: EstimatorParameters, vehicle: Vehicle, site: Site) -> np.ndarray:
    """Return the array of one ESTIMATOR of a filter that has not started."""
    record = np.zeros(1, ESTIMATOR)
    est, p = record[0], parameters
    values = {
        'horizon_s': p.horizon_s, 'bound_sigma': p.bound_sigma,
        'accelerometer_noise': p.accelerometer_noise**2, 'gyro_noise': p.gyro_noise**2,
        'accelerometer_walk': p.accelerometer_bias_walk**2, 'gyro_walk': p.gyro_bias_walk**2,
        'scale_variance': p.accelerometer_scale_sigma**2,
        'gyro_scale_variance': p.gyro_scale_sigma**2, 'coast_force': p.coast_force,
        'coast_noise': p.coast_noise**2, 'force_limit': p.imu_force_limit, 'rate_limit': p.imu_rate_limit,
        'gap_s': p.imu_gap_s, 'coast_gap_s': p.imu_coast_gap_s, 'hold_s': p.imu_hold_s,
        'gap_acceleration': p.gap_acceleration**2, 'gap_rate': p.gap_rate**2,
        'slope_variance': site.slope_sigma**2 * p.terrain_length_m, 'slope_length': p.terrain_length_m,
        'hurst': p.terrain_hurst,
        'site_height': site.ground_height_m,
        'site_variance': site.ground_height_sigma_m**2,
        'far_variance': max(p.terrain_far_sigma_m, site.ground_height_sigma_m)**2,
        'terrain_floor': p.terrain_floor**2, 'range_limit': p.range_limit_m,
        'velocity_limit': p.velocity_limit, 'roughness': p.range_sigma_floor_m**2,
        'degraded_scale': p.range_degraded_scale, 'min_cosine': p.range_min_cosine,
        'recovery_gate': p.recovery_gate, 'range_window_s': p.range_recovery_window_s,
        'fix_window_s': p.fix_recovery_window_s, 'future_limit_s': p.future_limit_s,
        'timeout_s': p.sensor_timeout_s, 'recovery_count': p.recovery_count,
        'gate': np.square([p.range_gate, p.attitude_gate, p.velocity_gate, 1.0, p.range_gate, p.range_gate]),
        'map': load_map(p.terrain_map_file)[0],
        'mount': [vehicle.rangefinder.position_m, p.second_position_m],
        'beam': [vehicle.rangefinder.axis, p.second_axis], 'beams': p.range_beams,
        'range_recovery': p.range_recovery_probability, 'range_recovery_count': p.range_recovery_count,
        'credible': p.credible_probability, 'latch': p.altitude_latch,
        'range_bias_variance': p.range_bias_sigma_m**2,
        'star_axes': _axes(np.array(p.star_tracker_boresight)),
        'star_boresight': any(p.star_tracker_boresight),
        'origin': site.origin, 'to_moon': site.rotation, 'q_map_moon': conjugate(site.quaternion),
    }
    assert set(values) == set(est['model'].dtype.names)
    for name, value in values.items():
        est['model'][name] = value
    est['now'] = est['base']['time'] = est['horizon'] = est['navigation']['time'] = np.nan
    est['monitors']['last_heard'] = est['monitors']['last_fused'] = -np.inf
    est['status_tick'] = np.iinfo(np.int64).min
    return record


def _axes(boresight: np.ndarray) -> np.ndarray:
    """Return rows of unit length: the boresight and two axes across it; the identity if it is zero."""
    if not boresight.any():
        return np.eye(3)
    first = boresight / np.linalg.norm(boresight)
    second = np.cross(first, np.eye(3)[np.argmin(np.abs(first))])
    second /= np.linalg.norm(second)
    return np.array([first, second, np.cross(first, second)])

"""All that the navigation filter remembers: one record of fixed size, on which every kernel works.

From Python a kernel gets an array of one record: Numba takes ten times as long to unpack a bare record.
Integers are 64 bit, also where they are used as yes or no.
"""

import numpy as np

from lander_estimation.layout import ERROR_SIZE, NOMINAL_SIZE

INTERVALS = 512  # of the IMU between fusion horizon and now: 2.5 s at 200 Hz
QUEUE = 128  # measurements that wait
FUSED = 16  # keys of the latest measurements fused, against duplicates
STATUSES = 128  # latest outcomes
REMEMBERED = 50  # rejected measurements of one source
WINDOW = 12  # rejected ranges of one beam
BEAMS = 2
CELLS = 64  # of ground that the beam has crossed and the lander has not yet
MAP_SIZE = 96  # rows and columns of a terrain map at most
RECENT = 10  # samples by which the health of a sensor is judged

RANGE, STAR_TRACKER, GROUND_VELOCITY, IMU, RANGE_2, TERRAIN_MAP = range(6)
"""Ranks of the sources: of measurements of the same time the lower rank is fused first. The second range
finder has the rank of the first, and a name and a health of its own."""
SOURCES = ('range', 'star_tracker', 'ground_velocity', 'imu', 'range_2', 'terrain_map')

MAP = np.dtype([
    ('rows', int), ('columns', int), ('east', float), ('north', float), ('spacing', float),  # [m] map
    ('variance', float), ('heights', float, (MAP_SIZE, MAP_SIZE)),
])

MODEL = np.dtype([(name, float) for name in (
    'horizon_s', 'bound_sigma',
    'accelerometer_noise', 'gyro_noise', 'accelerometer_walk', 'gyro_walk',  # squared densities
    'scale_variance', 'gyro_scale_variance', 'coast_force', 'coast_noise',
    'force_limit', 'rate_limit', 'gap_s', 'coast_gap_s', 'hold_s', 'gap_acceleration', 'gap_rate',
    'hurst', 'slope_variance', 'slope_length',  # [-], [m^2/m] growth of the terrain variance, [m]
    'site_height', 'site_variance', 'far_variance', 'terrain_floor',
    'range_limit', 'velocity_limit', 'roughness', 'degraded_scale', 'min_cosine',
    'range_recovery', 'credible', 'range_window_s', 'recovery_gate', 'fix_window_s', 'future_limit_s',
    'timeout_s', 'range_bias_variance',
)] + [
    ('recovery_count', int), ('range_recovery_count', int), ('beams', int), ('latch', int),
    ('gate', float, 6),  # [sigma] squared, by source
    ('map', MAP),
    ('star_axes', float, (3, 3)),  # rows: boresight of the star tracker and two axes across it, base_link
    ('star_boresight', int),  # whether it is known
    ('mount', float, (BEAMS, 3)), ('beam', float, (BEAMS, 3)),  # range finders: aperture [m], direction
    ('origin', float, 3), ('to_moon', float, (3, 3)), ('q_map_moon', float, 4),  # of the site
])

SUMS = np.dtype([
    # IMU integrated from an arbitrary origin to `time`, in a frame that does not turn: attitude, and velocity
    # [m/s] and position [m] by specific force alone, biases not removed
    ('time', float), ('q', float, 4), ('v', float, 3), ('p', float, 3),
    ('powered_s', float),  # [s] with thrust
    ('coast_s', float), ('coast_v', float, 3),  # [s] without thrust, and what they show then [m/s]
    ('gap', float),  # [s^2] sum of duration times length of the gap it lies in
])

INTERVAL = np.dtype([
    ('rate', float, 3), ('force', float, 3), ('powered', int), ('gap', float),
    ('end', SUMS),  # sums up to its end
])

MEASUREMENT = np.dtype([
    ('time', float), ('source', int), ('beam', int),  # the key
    ('value', float, 4), ('variance', float, 3), ('degraded', int),
])

AID_STATUS = np.dtype([
    ('time', float), ('source', int), ('outcome', int), ('reason', int), ('size', int),
    ('observation', float, 3), ('observation_variance', float, 3),
    ('innovation', float, 3), ('innovation_variance', float, 3), ('test_ratio', float),
])

MONITOR = np.dtype([
    ('outcomes', int, 3), ('empty', int),
    ('recent', int, RECENT), ('heard', int),  # 1 for a good sample; how many samples ever
    ('last_heard', float), ('last_fused', float),
])

REJECTIONS = np.dtype([
    ('count', int), ('size', int), ('time', float, REMEMBERED), ('offset', float, (REMEMBERED, 3)),
    ('scatter', float, REMEMBERED),
])

SHOT = np.dtype([
    # a rejected range: altitude by it less the altitude believed [m], variance of the sensor alone and of the
    # whole [m^2], the range itself [m], footprint [m] moon
    ('time', float), ('offset', float), ('noise', float), ('spread', float), ('reading', float),
    ('foot', float, 3),
])

BEAM_MEMORY = np.dtype([
    ('count', int), ('shots', SHOT, WINDOW),
    ('last_time', float), ('last_foot', float, 3),  # of the last range fused
    ('against', float), ('against_time', float),  # log likelihood of a step, by what other beams say
    ('judged', float), ('probability', float, 3), ('offset', float), ('variance', float),
    ('reading', float), ('repeats', int), ('climb', float),  # [-] times it came again, [m] climb at first
    ('terrain', float),  # [m] height that the offsets were seen against
    ('loudness', float),  # [m^2] variance that its ranges show beyond what they say
])

SWATH = np.dtype([
    # see swath.py: cells of ground, the latest last; [m] moon, but from where the IMU began, which makes the
    # lander be at `travel`
    ('travel', float, 3), ('count', int),
    ('cells', np.dtype([('place', float, 3), ('size', float)]), CELLS),  # [m]
])

NAVIGATION = np.dtype([
    ('time', float), ('position_map', float, 3), ('q_map_body', float, 4), ('velocity_body', float, 3),
    ('angular_velocity', float, 3),
])

PREDICTION = np.dtype([
    # the measurement in hand, m components against the state
    ('size', int), ('observation', float, 3), ('variance', float, 3), ('innovation', float, 3),
    ('noise', float, 3),  # variance used: the sensor's, and what the model does not know
    ('jacobian', float, (3, ERROR_SIZE)), ('scatter', float),
    ('cosine', float), ('foot', float, 3),  # of a range: incidence, footprint [m] moon
    # made by update.project
    ('innovation_variance', float, 3), ('white', float, 3), ('gain', float, (3, ERROR_SIZE)),
    ('lower', float, (3, 3)),
])

COVARIANCE = np.dtype([
    # scratch of covariance.predict
    ('coupling', float, (9, ERROR_SIZE)), ('coupled', float, (9, ERROR_SIZE)), ('noise', float, ERROR_SIZE),
    ('least', float, 6), ('weights', float, ERROR_SIZE), ('back', float, ERROR_SIZE),
])

ESTIMATOR = np.dtype([
    ('model', MODEL),
    ('initialised', int),
    ('x', float, NOMINAL_SIZE), ('cov', float, (ERROR_SIZE, ERROR_SIZE)),  # at `base.time`
    ('base', SUMS),  # where x lives in the sums of the IMU
    ('sums_since', float),  # [s] origin of all sums
    ('horizon', float),  # [s] measurements before this come too late
    ('now', float), ('last_rate', float, 3), ('last_force', float, 3),
    ('x_now', float, NOMINAL_SIZE), ('navigation', NAVIGATION), ('ground', float, 5),
    ('status_tick', int),
    ('head', int), ('count', int), ('intervals', INTERVAL, INTERVALS),
    ('incoming', MEASUREMENT), ('queue_head', int), ('queue_count', int), ('queue', MEASUREMENT, QUEUE),
    ('fused_count', int), ('fused', float, (FUSED, 3)),
    ('status_count', int), ('status_taken', int), ('statuses', AID_STATUS, STATUSES),
    ('monitors', MONITOR, len(SOURCES)),
    ('rejections', REJECTIONS, 3), ('beams', BEAM_MEMORY, BEAMS), ('latched', int),
    ('map_way', float),  # [m] flown over the ground since the map was asked
    ('way', float), ('climb', float),  # [m] flown over the ground since the last range, up since the start
    ('swath', SWATH),
    ('prediction', PREDICTION), ('correction', float, ERROR_SIZE),
    ('split', SUMS), ('covariance', COVARIANCE), ('cov_now', float, (ERROR_SIZE, ERROR_SIZE)),
])

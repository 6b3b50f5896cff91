"""All that the fault detection remembers: part of the allocator's record."""

import math

import numpy as np

from lander_common.vehicle import MOST, Vehicle
from lander_thrusters.fault_test import EVIDENCE, KINDS
from lander_thrusters.parameters import AllocatorParameters

SAMPLES, CYCLES = 64, 64  # kept at most, until they are compared

DETECTOR = np.dtype([
    # Parameters.
    ('age', float), ('span', float),  # [s] of samples that count; of a window of evidence
    ('noise', float, 2),  # of rates and forces, squared
    ('drift_time', float), ('thrust_spread', float), ('misalignment', float), ('centre_spread', float),
    ('bias', float),
    ('shares', float, (2, MOST)),  # [-] part of the thrust of its group (main, assist) that a thruster has
    # IMU samples by time, the oldest first: time, rate [rad/s], specific force [m/s^2].
    ('samples', float, (SAMPLES, 7)), ('waiting', np.int64),
    ('last_sample', float),  # [s] NaN: none was looked at yet
    # What the thrusters should have given, see thrust_history.
    ('cycle_end', float, CYCLES), ('cycle_length', float, CYCLES),  # [s]
    ('cycle_flying', np.int64, CYCLES), ('cycle_burnt', float, (CYCLES, 2, MOST)),  # [s] of full thrust
    ('first', np.int64), ('kept', np.int64),
    ('time', float), ('flying', np.int64),  # of the last command; NaN: none
    ('on_time', float, MOST), ('throttle', float, MOST),
    ('fraction', float, MOST), ('position', float, MOST),  # [-] of valves, of throttles
    ('burnt', float, MOST),  # [s]
    ('whole', float), ('rise', float, MOST), ('fall', float, MOST),  # [-] decay over a whole cycle
    # What full thrust does to the motion, see motion_model.
    ('computed_at', float), ('centre', float, 3), ('inertia', float, 6), ('inverse', float, 6),
    ('columns', float, (6, MOST)), ('prior', float, (6, 3)),
    # What was learnt of constant errors, and the evidence.
    ('state', float, (6, 3)), ('cov', float, (6, 3, 3)),
    ('evidence', EVIDENCE),
    # The window of evidence.
    ('anchored', np.int64), ('anchor_end', float), ('anchor_length', float),
    ('anchor_burnt', float, (2, MOST)), ('anchor_rate', float, 3), ('felt', float, 6),
    ('quiet_until', float), ('shock_until', float), ('trouble', np.int64),  # see fault_detection
])


def set_up_detector(d: np.void, parameters: AllocatorParameters, vehicle: Vehicle) -> None:
    """Write the start, without suspicion, to the record."""
    p, thrusters, n = parameters, vehicle.thrusters, len(vehicle.thrusters)
    d['age'], d['span'], d['drift_time'] = p.imu_age_s, p.evidence_window_s, p.drift_time_s
    d['noise'] = np.array([p.accel_noise_m_s_rt_s, p.gyro_noise_rad_rt_s]) ** 2
    d['thrust_spread'], d['misalignment'] = p.thrust_spread, np.radians(p.misalignment_deg)
    d['centre_spread'], d['bias'] = p.centre_spread_m, p.accel_bias_m_s2
    for row, name in zip(d['shares'], ('main', 'assist')):
        total = sum(thrusters[i].thrust_n for i in vehicle.group(name))
        for i in vehicle.group(name):
            row[i] = thrusters[i].thrust_n / total
    d['last_sample'] = d['time'] = d['whole'] = math.nan
    d['position'][:n] = [t.throttle_min for t in thrusters]
    d['quiet_until'] = d['shock_until'] = -math.inf
    d['computed_at'] = math.inf
    e = d['evidence']
    e['count'], e['weak_loss'] = n, p.weak_loss
    # Wald: that many windows and hypotheses pass before one false alarm.
    e['threshold'] = math.log(3600.0 * p.false_alarm_h / p.evidence_window_s * len(KINDS) * n)

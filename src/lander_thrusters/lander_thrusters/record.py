"""All that the allocator remembers: one record of the same size for every vehicle.

Kernels take the record; from Python they are reached through an array of one record. Thrusters are numbered
as in the vehicle file; arrays are padded to MOST. Vectors of six are force x, y, z and torque x, y, z in
base_link, about the centre of mass.
"""

import numpy as np

from lander_common.constants import STANDARD_GRAVITY
from lander_common.mass import MASS_SIZE, mass_table
from lander_common.parameters import ParameterError
from lander_common.vehicle import GROUPS, MOST, Vehicle
from lander_thrusters.bounded_least_squares import SCRATCH
from lander_thrusters.detector_record import DETECTOR, set_up_detector
from lander_thrusters.effectiveness import update_model
from lander_thrusters.masks import update_masks
from lander_thrusters.motion_model import update_motion
from lander_thrusters.parameters import AllocatorParameters

ALLOCATOR = np.dtype([
    # What the kernels say.
    ('time', float),  # [s] of the last wrench
    ('on_time', float, MOST),  # [s] left from then on
    ('throttle', float, MOST),  # [-] while open
    # The vehicle.
    ('count', np.int64), ('group', np.int64, MOST),  # index in lander_common.vehicle.GROUPS
    ('force', float, (MOST, 3)), ('position', float, (MOST, 3)),  # [N] at full thrust, [m]
    ('flow', float, MOST),  # [kg/s] at full thrust
    ('shortest', float, MOST),  # [s] opening
    ('lowest', float, MOST), ('throttle_rate', float, MOST),  # [-]; 1: on or off only. [1/s]
    ('rise', float, MOST), ('fall', float, MOST),  # [s]
    ('mass', float, MASS_SIZE),  # mass_table
    # Parameters.
    ('nominal', float), ('hold', float), ('dead_band', float, 6), ('weights', float, 6),
    ('duty_cost', float), ('role_cost', float), ('on_share', float), ('off_share', float),
    # What is asked.
    ('asked', float, 6), ('valid', np.int64), ('last_good', float),  # the last good wrench
    ('interval', float),  # [s] between wrenches
    # Thrusters that are not used.
    ('known_mask', np.int64), ('failed_mask', np.int64), ('burning_mask', np.int64),
    ('healthy', float, MOST), ('burning', np.int64, MOST),  # 1 or 0
    ('replan', np.int64),  # a new window starts with the next wrench
    ('kind', np.int64, MOST), ('found', float, MOST),  # fault found, see fault_test, -1: none; [s] when
    # The pulse window.
    ('start', float), ('window', float),  # [s]
    ('asked_then', float, 6), ('target', float, 6),  # asked at its start; the same without noise
    ('target_now', float, 6),  # with what is made good now
    ('carry', float, 6),  # [N s, N m s] asked and not yet given
    ('limited', np.int64),  # the engines cannot give the force z that is asked
    ('duty', float, MOST),  # [-]
    ('fixed', float, MOST), ('upper', float, MOST), ('rest', float, 6),  # see sharing.ask
    ('wanted', float, MOST), ('pulse', float, MOST),  # [s] of this window
    ('opened', float, MOST), ('end', float, MOST),  # [s] of the pulse that runs now, see valves
    ('level', float, MOST),  # [-] where throttles are now
    ('main_on', np.int64), ('switched', float), ('main_shortest', float),
    # The model.
    ('propellant', float), ('computed_at', float),  # [kg]
    ('wrench', float, (6, MOST)),  # of full thrust [N, N m]
    ('shared_count', np.int64), ('shared', np.int64, MOST),  # thrusters of the least squares
    ('hessian', float, (MOST, MOST)), ('gradient', float, (MOST, 6)),
    ('slope', float, MOST), ('room', float, MOST), ('share', float, MOST), ('scratch', SCRATCH),
    ('detecting', np.int64), ('detector', DETECTOR),
])


def allocator_record(parameters: AllocatorParameters, vehicle: Vehicle) -> np.ndarray:
    """Return the record, (1,), of an allocator with all valves closed and full tanks.

    Raises:
        ParameterError: the window is too short for the pulses of the vehicle.
    """
    p, thrusters, n = parameters, vehicle.thrusters, len(vehicle.thrusters)
    record = np.zeros(1, ALLOCATOR)
    al = record[0]
    al['count'], al['time'] = n, -np.inf
    al['throttle'], al['lowest'], al['level'] = 1.0, 1.0, 1.0
    for i, t in enumerate(thrusters):
        al['group'][i] = GROUPS.index(t.group)
        al['force'][i], al['position'][i] = t.thrust_n * t.axis, t.position_m
        al['flow'][i] = t.thrust_n / (t.isp_s * STANDARD_GRAVITY)
        al['shortest'][i], al['rise'][i], al['fall'][i] = t.min_on_time_s, t.rise_time_s, t.fall_time_s
        al['lowest'][i] = t.throttle_min
        al['throttle_rate'][i] = t.throttle_rate_s if t.throttle_rate_s > 0.0 else np.inf
    al['level'][:n] = al['throttle'][:n] = al['lowest'][:n]
    al['mass'] = mass_table(vehicle.mass)
    pulsed = vehicle.group('assist', 'rcs')
    limit = max((2.0 * thrusters[i].min_on_time_s for i in pulsed), default=0.0)
    if p.window_s < limit:
        raise ParameterError('window_s', p.window_s,
                             f'at least {limit:g} s, twice the longest shortest pulse of {vehicle.name}')
    mains = vehicle.group('main')
    shared = sorted([*pulsed, *(i for i in mains if thrusters[i].throttled)])
    al['shared_count'] = len(shared)
    al['shared'][:len(shared)] = shared
    al['main_shortest'] = max((thrusters[i].min_on_time_s for i in mains), default=0.0)
    al['nominal'] = al['window'] = al['interval'] = p.window_s
    al['hold'] = p.hold_s
    al['dead_band'] = [p.force_dead_band_n] * 3 + [p.torque_dead_band_n_m] * 3
    scale = [p.lateral_force_scale_n] * 2 + [p.vertical_force_scale_n] + [p.torque_scale_n_m] * 3
    al['weights'] = 1.0 / np.array(scale) ** 2
    al['duty_cost'], al['role_cost'] = p.duty_cost, p.role_cost
    al['on_share'], al['off_share'] = p.main_on_share, p.main_off_share
    al['valid'], al['last_good'] = 1, -np.inf
    al['known_mask'] = al['failed_mask'] = p.failed_mask
    al['kind'] = -1
    al['start'] = al['switched'] = -np.inf
    al['opened'], al['end'] = np.inf, -np.inf
    al['propellant'] = vehicle.mass.propellant_kg
    al['detecting'] = p.detect_faults
    set_up_detector(al['detector'], p, vehicle)
    update_masks(record)
    update_model(record)
    update_motion(record)
    return record

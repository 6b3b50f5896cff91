"""All that the simulated world remembers between two cycles, as one record."""

import numpy as np

from lander_rangefinder.record import RANGEFINDER
from lander_sim.devices.direct import DEVICE
from lander_sim.fault_watch import WATCH
from lander_sim.sensors.contact_switches import SWITCHES
from lander_sim.sensors.ground_velocity import GROUND_VELOCITY
from lander_sim.sensors.imu import IMU
from lander_sim.sensors.laser import LASER
from lander_sim.sensors.star_tracker import STAR_TRACKER
from lander_sim.truth import TRUTH
from lander_sim.verdict import VERDICT

_MOST = 32  # thrusters, as a vehicle file allows


def _with_aliases(fields: list[tuple], aliases: dict[str, tuple[str, str]]) -> np.dtype:
    """Return the record with second names, which share the memory of fields inside its fields."""
    plain = np.dtype(fields)
    names, formats = list(plain.names), [plain[n] for n in plain.names]
    offsets = [plain.fields[n][1] for n in plain.names]
    for alias, (outer, inner) in aliases.items():
        kind, offset = plain[outer].fields[inner][:2]
        names.append(alias)
        formats.append(kind)
        offsets.append(plain.fields[outer][1] + offset)
    return np.dtype({'names': names, 'formats': formats, 'offsets': offsets, 'itemsize': plain.itemsize})


WORLD = _with_aliases([
    ('time', float),  # [s] flight time
    ('dt', float),  # [s] length of the last cycle
    ('clock', np.int64),  # [ns] flight time, so that no rounding builds up
    ('cycle', np.int64),
    ('truth', TRUTH),
    ('imu', IMU),
    ('star_tracker', STAR_TRACKER),
    ('ground_velocity', GROUND_VELOCITY),
    ('switches', SWITCHES),
    ('laser', LASER),
    ('device', DEVICE),
    ('direct', np.int64),  # 1: the range finder is `rangefinder`; 0: it is on a byte link
    ('rangefinder', RANGEFINDER),
    ('watch', WATCH),
    ('verdict', VERDICT),
    ('step_s', float), ('high_step_s', float), ('coast_step_s', float),  # [s] cycles
    ('site_level', float),  # [m] ground of the landing site above the reference sphere
    ('engines', np.int64, _MOST), ('engine_count', np.int64),  # indices of main and assist engines
    ('engines_last_on', float),  # [s]
    ('aperture', float, 3), ('beam', float, 3),  # of the range finder [m], [-], base_link
    ('footprint', float, 3),  # [m] moon: where its last shot met the ground; not finite: nowhere
], {
    'imu_rate': ('imu', 'rate'), 'imu_force': ('imu', 'force'),
    'attitude_due': ('star_tracker', 'due'), 'attitude_valid': ('star_tracker', 'valid'),
    'attitude': ('star_tracker', 'q'), 'attitude_variance': ('star_tracker', 'variance'),
    'velocity_due': ('ground_velocity', 'due'), 'velocity': ('ground_velocity', 'velocity'),
    'velocity_variance': ('ground_velocity', 'variance'),
    'contact_due': ('switches', 'due'), 'feet': ('switches', 'closed'),
})
"""The world of one flight.

What the sensors say of the last cycle has short names of its own: `imu_rate` [rad/s] and `imu_force` [m/s^2],
(3,), base_link; `attitude_due`, `attitude_valid`, `attitude` (4,), `attitude_variance` (3,) [rad^2];
`velocity_due`, `velocity` [m/s] and `velocity_variance` [m^2/s^2], (3,), base_link; `contact_due` and `feet`,
the number of closed contact switches. Where `..._due` is 0 there is no sample.
"""

"""All that the kernels know of one vehicle: a record, so that one pointer is handed to them.

It has the same size for every vehicle, so kernels are compiled once. From Python a kernel gets an array of
one record: Numba takes ten times as long to unpack a bare record.
"""

import numpy as np

from lander_common.mass import MASS_SIZE
from lander_sim.contact import CONTACTS
from lander_sim.propulsion import PROPULSION
from lander_sim.rigid_body import BEHIND, SIZE

PROPELLANT = BEHIND  # index in `y`

TRUTH = np.dtype([
    ('y', float, PROPELLANT + 1),  # state, integrals over the last step, see rigid_body; propellant [kg]
    ('mass', float, MASS_SIZE),  # mass_table
    ('speed', float),  # [m/s] over the ground
    ('clearance', float),  # [m] no contact point is nearer to the ground; measured again when it gets small
    ('rest', float),  # [s] on the ground without moving
    ('first_contact', float, 5),  # fields of FirstContact, NaN before
    ('time', float),  # [s] flight clock
    ('dt', float),  # [s] length of the last step; 0 before any
    ('altitude', float),  # [m] of base_link above the ground; NaN: not measured since the last step
    ('reach', float),  # [m] from base_link to the farthest contact point
    ('contact_step', float),  # [s] of the integrator at most, near the ground
    ('legs', np.int64),
    ('stage', float, SIZE), ('slope', float, BEHIND), ('total', float, BEHIND),  # for the integrator
    ('propulsion', PROPULSION),
    ('contacts', CONTACTS),
])

"""All that guidance knows and remembers, as one record: one pointer is handed to the kernels.

It has the same size for every vehicle, so kernels are compiled once. From Python a kernel gets an array of
one record: Numba takes ten times as long to unpack a bare record.
"""

import math
from dataclasses import fields

import numpy as np

from lander_common.constants import MOON_RADIUS
from lander_common.site import Site
from lander_common.vehicle import Vehicle
from lander_guidance.approach import APPROACH
from lander_guidance.attitude import ATTITUDE
from lander_guidance.braking import BRAKING
from lander_guidance.decide import DECISION
from lander_guidance.demand import DEMAND
from lander_guidance.deorbit import DEORBIT
from lander_guidance.inbox import INBOX
from lander_guidance.parameters import GuidanceParameters
from lander_guidance.phases import NO_NAVIGATION, WAIT
from lander_guidance.propulsion import BODY, ENGINES, SCALE, WEIGHT, body, engines
from lander_guidance.sink_limit import SINK
from lander_guidance.situation import GROUND, SITE, SITUATION, site_record

_LEG_SHARE = 0.7  # of the sink rate that breaks the legs: what they surely bear, assumed
_RESERVE_SHARE = 0.005  # of the propellant
_DOWN_SHARE = 0.5  # of what such engines can brake; the rest is for the way across
_LANDED_SHARE = 0.1  # of the propellant that is left for the vertical descent, to be on the safe side

PARAMETERS = np.dtype([(f.name, float) for f in fields(GuidanceParameters) if f.type in (float, bool)])
"""The numbers of GuidanceParameters by their names; switches are 0 or 1."""

GUIDANCE = np.dtype([
    ('wrench_time', float), ('force', float, 3), ('torque', float, 3),  # out: [s], [N], [N m] base_link
    ('phase', np.int64),
    ('reason', np.int64), ('reason_numbers', float, 2),  # why it was entered, see phases
    ('decision', np.int64), ('decision_reason', np.int64), ('decision_numbers', float, 2),  # see decide
    ('stopping_margin', float),  # [m] lowest credible altitude less the height that stopping takes
    ('propellant_margin', float),  # [kg] propellant less what is predicted
    ('time', float),  # [s] of the last sample
    ('tick', np.int64),  # [0.1 s] when the outlook was last looked at
    ('healthy', np.int64),  # 0: that sample was no number
    ('flown', np.int64),  # 0: there was no good sample yet
    ('propellant', float), ('mass', float),  # [kg] estimates
    ('most_thrust', float),  # [N] that may be commanded now
    ('feet', np.int64),  # with contact
    ('still_since', float),  # [s]
    ('left', float, 3),  # unit vector in moon: normal of the track, for the heading
    ('ground', GROUND),
    ('now', SITUATION),
    ('sink', SINK),
    ('outlook', DECISION),
    ('demand', DEMAND),
    ('scale', SCALE),
    ('attitude', ATTITUDE),
    ('approach', APPROACH),
    ('braking', BRAKING),
    ('deorbit', DEORBIT),
    ('parameters', PARAMETERS), ('engines', ENGINES), ('body', BODY), ('site', SITE),  # these stay
    ('grounds', INBOX), ('contacts', INBOX),
])


def make(parameters: GuidanceParameters, vehicle: Vehicle, site: Site) -> np.ndarray:
    """Return the record of a flight of `vehicle`, tanks full, to `site`; shape (1,)."""
    record = np.zeros(1, GUIDANCE)
    gd = record[0]
    for name in PARAMETERS.names:
        gd['parameters'][name] = getattr(parameters, name)
    gd['engines'], gd['body'] = engines(parameters, vehicle), body(vehicle, _LEG_SHARE, _RESERVE_SHARE)
    gd['parameters']['terminal_height_m'] = _terminal_height(parameters, gd['engines'], vehicle)
    gd['site'] = site_record(site)
    gd['propellant'] = vehicle.mass.propellant_kg
    gd['mass'] = vehicle.mass.dry_kg + vehicle.mass.propellant_kg
    margin = 0.0 if parameters.trust_estimate else 3.0 * site.ground_height_sigma_m
    gd['ground'] = (site.ground_height_m, margin, margin)
    gd['phase'], gd['reason'], gd['healthy'] = WAIT, NO_NAVIGATION, 1
    gd['wrench_time'], gd['time'], gd['still_since'] = -math.inf, math.nan, math.nan
    gd['scale']['value'] = 1.0
    gd['tick'] = -1
    gd['stopping_margin'] = gd['propellant_margin'] = gd['outlook']['predicted'] = math.nan
    gd['sink']['band']['half'], gd['sink']['band']['sink'] = 3.0, parameters.touchdown_sink_m_s
    gd['attitude']['error'] = math.nan
    gd['deorbit']['perilune'] = MOON_RADIUS + site.ground_height_m + parameters.perilune_height_m
    _prepare_braking(gd, parameters, site)
    heading = math.radians(site.approach_heading_deg)
    gd['left'] = site.rotation @ np.array([-math.cos(heading), math.sin(heading), 0.0])
    return record


def _terminal_height(p: GuidanceParameters, e: np.void, vehicle: Vehicle) -> float:
    """Return where the vertical descent starts [m]: higher up if its engines alone brake more gently."""
    landed = vehicle.mass.dry_kg + _LANDED_SHARE * vehicle.mass.propellant_kg
    spare = float(e['terminal']) / landed - WEIGHT
    if e['terminal'] >= e['limit'] or spare <= 0.0:
        return p.terminal_height_m
    speeds = p.terminal_sink_m_s**2 - p.touchdown_sink_m_s**2
    return max(p.terminal_height_m, p.soft_height_m + speeds / (2.0 * _DOWN_SHARE * spare))


def _prepare_braking(gd: np.void, p: GuidanceParameters, site: Site) -> None:
    b, e = gd['braking'], gd['engines']
    b['next'] = b['range_past'] = -math.inf
    b['solved_at'] = b['expected_time'] = b['expected_range'] = math.nan
    problem = b['problem']
    problem['goal'] = (-p.gate_range_m, site.ground_height_m + p.gate_height_m, 0.0, p.gate_forward_m_s,
                       -p.gate_sink_m_s, 0.0)
    # In braking the main engines give all they can.
    problem['flow_slope'] = e['assist_slope']
    problem['flow_fixed'] = (e['main_slope'] - e['assist_slope']) * e['main']

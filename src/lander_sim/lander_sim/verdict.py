"""How the flight ended, judged from the truth."""

import math
from dataclasses import dataclass

import numpy as np

from lander_common.compiled import compiled
from lander_common.site import Site
from lander_common.vehicle import Vehicle
from lander_sim.dynamics import VehicleDynamics
from lander_sim.flight_step import FirstContact
from lander_sim.vehicle_state import REST_TIME

FLYING, LANDED, TIPPED_OVER, CRASHED, TIMEOUT = range(5)  # as in TouchdownReport.msg

VERDICT = np.dtype([
    ('result', np.int64),
    ('contact_time', float),  # [s] NaN before
    ('limit', float),  # [s] of the flight
])
"""State of the verdict."""


@compiled
def changes(verdict: np.void, truth: np.void, time: float) -> bool:
    """Return whether `Verdict.update` has something to say at `time` [s]; `truth`: see truth.TRUTH."""
    if np.isnan(verdict.contact_time) and not np.isnan(truth.first_contact[0]):
        return True
    return verdict.result == FLYING and (truth.rest >= REST_TIME or time > verdict.limit)


@dataclass(frozen=True)
class Report:
    """The touchdown as ground truth has it; NaN where it has not happened."""

    time: float = math.nan  # [s]
    result: int = FLYING
    reason: str = ''
    vertical_speed: float = math.nan  # [m/s] positive down, at the first contact
    horizontal_speed: float = math.nan  # [m/s] at the first contact
    rate: float = math.nan  # [rad/s] at the first contact
    tilt: float = math.nan  # [rad] at the first contact
    rest_tilt: float = math.nan  # [rad] now
    slope: float = math.nan  # [rad] of the ground below
    position_map: np.ndarray | None = None  # (3,) [m] of base_link
    distance_from_target: float = math.nan  # [m] horizontal
    propellant_left: float = math.nan  # [kg]
    state_hash: str = ''


class Verdict:
    """Watches the truth and decides when and how the flight is over."""

    def __init__(self, vehicle: Vehicle, site: Site, time_limit: float, record: np.ndarray | None = None):
        """Judge flights of `vehicle` to `site` that may last `time_limit` seconds.

        `record`: (1,) of VERDICT to work on.
        """
        self._vehicle, self._site, self._limit = vehicle, site, time_limit
        self._state = (np.zeros(1, VERDICT) if record is None else record)[0]
        self._state['contact_time'], self._state['limit'] = math.nan, time_limit
        self.reason = ''

    @property
    def result(self) -> int:
        """One of the constants above."""
        return int(self._state['result'])

    @property
    def contact_time(self) -> float:
        """Time of the first contact [s], NaN before."""
        return float(self._state['contact_time'])

    @property
    def touched(self) -> bool:
        """Whether a foot or the body has touched the ground."""
        return not math.isnan(self.contact_time)

    def update(self, time: float, dynamics: VehicleDynamics) -> None:
        """Look at the state at `time`; the first final result stays."""
        contact = dynamics.first_contact
        if contact is not None and not self.touched:
            self._state['contact_time'] = contact.time
        if self.result != FLYING:
            return
        if contact is not None:
            self._judge(dynamics, contact)
        if self.result == FLYING and time > self._limit:
            self._end(TIMEOUT, f'not at rest after {self._limit:g} s of flight')

    def report(self, time: float, dynamics: VehicleDynamics) -> Report:
        """Return the report as it stands at `time`."""
        contact = dynamics.first_contact
        position = self._site.to_map(dynamics.position)
        return Report(
            time=time, result=self.result, reason=self.reason,
            vertical_speed=contact.vertical_speed if contact else math.nan,
            horizontal_speed=contact.horizontal_speed if contact else math.nan,
            rate=contact.body_rate if contact else math.nan,
            tilt=contact.tilt if contact else math.nan, rest_tilt=dynamics.tilt,
            slope=dynamics.ground_slope(), position_map=position,
            distance_from_target=math.hypot(position[0], position[1]),
            propellant_left=dynamics.propellant, state_hash=dynamics.state_hash())

    def _judge(self, dynamics: VehicleDynamics, contact: FirstContact) -> None:
        legs = self._vehicle.legs
        if dynamics.broken:
            self._end(CRASHED, f'first contact at {contact.vertical_speed:.1f} m/s down and '
                      f'{contact.horizontal_speed:.1f} m/s sideways; the legs bear '
                      f'{legs.break_vertical_m_s:g} and {legs.break_horizontal_m_s:g} m/s')
        elif dynamics.at_rest and dynamics.tipped_over:
            self._end(TIPPED_OVER, f'at rest, tilted by {math.degrees(dynamics.tilt):.0f} deg')
        elif dynamics.at_rest:
            tilt = math.degrees(dynamics.tilt)
            leaning = f', tilted by {tilt:.0f} deg' if tilt > self._vehicle.limits.tilt_deg else ''
            self._end(LANDED, 'at rest on its feet' + leaning)

    def _end(self, result: int, reason: str) -> None:
        self._state['result'], self.reason = result, reason

"""Everything that a flight did, ten times a second of flight time."""

from typing import Any

import numpy as np

from lander_campaign.flight import Flight
from lander_common import moon, rotations
from lander_common.constants import MOON_RADIUS
from lander_common.samples import RangeSample

_PERIOD = 0.1 - 1e-6  # [s]


class History:
    """Looks at one flight after every cycle; `rows` holds a dictionary per 0.1 s, in coast per cycle.

    A row is of one time: what was true at the start of the cycle, and what the flight software made of it.
    """

    def __init__(self, flight: Flight):
        """Begin at the start of `flight`."""
        self.rows: list[dict[str, Any]] = []
        self.innovations: list[tuple[float, float, float, int]] = []  # [s], [m], sigma [m], outcome
        self._truth = _truth(flight)
        self._range = np.nan

    def look(self, flight: Flight) -> None:
        """Look at the end of a cycle."""
        for sample in flight.ranges:
            self._range = sample.range_m if sample.validity == RangeSample.VALID else np.nan
        for status in flight.cores.estimator.take_aid_statuses():
            if status.source.startswith('range') and len(status.innovation) == 1:
                self.innovations.append((status.time, float(status.innovation[0]),
                                         float(status.innovation_variance[0])**0.5, int(status.outcome)))
        if flight.navigation is not None and (
                not self.rows or flight.navigation.time >= self.rows[-1]['time_s'] + _PERIOD):
            self._add(flight)
        self._truth = _truth(flight)

    def _add(self, flight: Flight) -> None:
        navigation, guidance = flight.navigation, flight.cores.guidance.status()
        belief = flight.cores.estimator.ground()
        position, velocity, attitude, propellant = self._truth
        site = flight.simulation.site
        on_moon = site.to_moon(position)
        true_altitude = moon.height(on_moon) - flight.simulation.terrain.height_at(on_moon)
        velocity_map = rotations.rotate(navigation.q_map_body, navigation.velocity_body)
        self.rows.append({
            'time_s': navigation.time, 'phase': guidance.phase.name,
            **_motion('true', position, velocity, attitude), 'true_altitude_m': true_altitude,
            'true_propellant_kg': propellant,
            **_motion('estimated', navigation.position_map, velocity_map, navigation.q_map_body),
            'estimated_altitude_m': belief.altitude_m, 'lowest_altitude_m': belief.altitude_lower_m,
            'highest_altitude_m': belief.altitude_upper_m,
            'estimated_terrain_height_m': belief.terrain_height_m, 'range_m': self._range,
            'commanded_thrust_n': float(flight.wrench.force[2]),
            'commanded_torque_n_m': float(np.linalg.norm(flight.wrench.torque)),
            'estimated_propellant_kg': guidance.propellant_left_kg,
            'sink_rate_limit_m_s': guidance.sink_rate_limit_m_s})


def _truth(flight: Flight) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    dynamics, site = flight.simulation.dynamics, flight.simulation.site
    attitude = rotations.multiply(rotations.conjugate(site.quaternion), dynamics.q_moon_body)
    return site.to_map(dynamics.position), site.rotation.T @ dynamics.velocity, attitude, dynamics.propellant


def _motion(prefix: str, position_map: np.ndarray, velocity_map: np.ndarray,
            q_map_body: np.ndarray) -> dict[str, float]:
    """Return position, height, distance along the sphere, sink rate, ground speed and tilt."""
    centre = position_map + np.array([0.0, 0.0, MOON_RADIUS])
    radius = float(np.linalg.norm(centre))
    up = centre / radius
    sink = -float(velocity_map @ up)
    axis = rotations.to_matrix(q_map_body)[:, 2]
    values = {
        'east_m': position_map[0], 'north_m': position_map[1], 'height_m': radius - MOON_RADIUS,
        'distance_m': MOON_RADIUS * np.arctan2(np.hypot(centre[0], centre[1]), centre[2]),
        'sink_rate_m_s': sink, 'ground_speed_m_s': max(0.0, velocity_map @ velocity_map - sink**2)**0.5,
        'tilt_deg': np.degrees(np.arccos(np.clip(axis @ up, -1.0, 1.0)))}
    return {f'{prefix}_{name}': float(value) for name, value in values.items()}

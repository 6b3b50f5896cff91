"""What a campaign watches during a flight, because the report at its end does not say it."""

import math
from typing import Any

import numpy as np

from lander_campaign.flight import Flight
from lander_common.samples import RangeSample
from lander_guidance.report import Phase

LEVELS_M = tuple(float(f'{level:.2g}') for level in np.geomspace(20e3, 2.0, 41))
"""Heights of base_link above ground at which the sink rate is kept, falling [m]."""

_PERIOD = 0.2  # [s] of flight time between two looks
_SETTLED = 1.0  # [s] after the first valid range the altitude should be right
_PHASES = ('BRAKING', 'PITCH_UP', 'TERMINAL', 'TOUCHDOWN')


class Observer:
    """Looks at one flight after every cycle. It only reads, so the flight stays the same bit for bit."""

    def __init__(self, flight: Flight):
        """Begin at the start of `flight`."""
        self._first_range = self._first_range_altitude = math.nan
        self._error = math.nan
        self._phase: Phase | None = None
        self._began: dict[str, float] = {}
        self._sinks = np.full(len(LEVELS_M), math.nan)
        self._level = sum(level > flight.simulation.altitude for level in LEVELS_M)
        self._next = 0.0

    def look(self, flight: Flight) -> None:
        """Look at the end of a cycle."""
        simulation = flight.simulation
        phase = flight.cores.guidance.phase
        if phase != self._phase:
            self._phase = phase
            self._began.setdefault(phase.name, simulation.time)
        if (flight.ranges and math.isnan(self._first_range)
                and any(s.validity == RangeSample.VALID for s in flight.ranges)):
            self._first_range, self._first_range_altitude = simulation.time, simulation.altitude
        if simulation.time >= self._next and not simulation.verdict.touched:
            self._next = simulation.time + _PERIOD
            self._look_at_altitude(flight)

    def values(self) -> dict[str, Any]:
        """Return fields of `Run`."""
        return {'first_range_altitude_m': self._first_range_altitude, 'altitude_error_m': self._error,
                'sink_rates_m_s': tuple(self._sinks.tolist()),
                **{f'{p.lower()}_s': self._began.get(p, math.nan) for p in _PHASES}}

    def _look_at_altitude(self, flight: Flight) -> None:
        altitude, dynamics = flight.simulation.altitude, flight.simulation.dynamics
        position = dynamics.position
        sink = -float(position @ dynamics.velocity) / math.sqrt(position @ position)
        while self._level < len(LEVELS_M) and altitude <= LEVELS_M[self._level]:
            self._sinks[self._level] = sink
            self._level += 1
        if flight.navigation is not None and flight.simulation.time > self._first_range + _SETTLED:
            # The estimate is from the begin of the step that has been flown since.
            then = altitude + sink * (flight.simulation.time - flight.navigation.time)
            error = abs(flight.cores.estimator.ground().altitude_m - then)
            self._error = error if math.isnan(self._error) else max(self._error, error)

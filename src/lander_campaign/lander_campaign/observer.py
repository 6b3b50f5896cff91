"""What a campaign watches during a flight, because the report at its end does not say it."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lander_common.compiled import compiled
from lander_common.samples import RangeSample
from lander_estimation.record import RANGE
from lander_guidance.report import Phase
from lander_sim.terrain.surface import Landscape
from lander_sim.world_step import altitude

if TYPE_CHECKING:
    from lander_campaign.flight import Flight

LEVELS_M = tuple(float(f'{level:.2g}') for level in np.geomspace(20e3, 2.0, 41))
"""Heights of base_link above ground at which the sink rate is kept, falling [m]."""

_LEVELS = np.array(LEVELS_M)
_PERIOD = 0.2  # [s] of flight time between two looks
_PAUSE = 0.25  # [s] a longer pause between echoes is not the filter's
_STEEP = 1.0  # tangent: ground steeper than this between two echoes parts two surfaces, or is a wall
_SETTLED = 1.0  # [s] after the first valid range the altitude should be right
_PHASES = (Phase.BRAKING, Phase.PITCH_UP, Phase.TERMINAL, Phase.TOUCHDOWN)
_VALID = RangeSample.VALID

OBSERVER = np.dtype([
    ('began', float, len(Phase)),  # [s] when guidance came to each phase; NaN: never
    ('first_range', float), ('first_range_altitude', float),  # [s], [m] when the first valid range arrived
    ('error', float),  # [m] largest of the altitude estimate since
    ('accepted', np.int64),  # ranges that the filter has taken
    ('last_range', float),  # [s] when the last valid range arrived; NaN: it was taken
    ('wait', float), ('longest_wait', float),  # [s] during which valid ranges came and none was taken
    ('surface_wait', float), ('longest_surface_wait', float),  # [s] the same, of ranges to one surface
    ('footprint', float, 3),  # [m] moon: where the last valid range met the ground
    ('next', float),  # [s] of the next look at the altitude
    ('level', np.int64), ('sinks', float, len(LEVELS_M)),  # [m/s]
])


class Observer:
    """Looks at one flight after every cycle. It only reads, so the flight stays the same bit for bit."""

    def __init__(self, flight: 'Flight'):
        """Begin at the start of `flight`."""
        self.record = np.zeros(1, OBSERVER)
        start = self.record[0]
        for name in ('began', 'first_range', 'first_range_altitude', 'error', 'last_range', 'sinks'):
            start[name] = math.nan
        start['level'] = np.count_nonzero(flight.simulation.altitude < _LEVELS)

    def look(self, flight: 'Flight') -> None:
        """Look at the end of a cycle."""
        _look(self.record, flight.simulation.record, flight.simulation.terrain.land,
              flight.cores.estimator.record, flight.cores.guidance.record)

    def values(self) -> dict[str, Any]:
        """Return fields of `Run`."""
        seen = self.record[0]
        return {'first_range_altitude_m': float(seen['first_range_altitude']),
                'altitude_error_m': float(seen['error']),
                'ranges_taken': int(seen['accepted']), 'longest_wait_s': float(seen['longest_wait']),
                'longest_surface_wait_s': float(seen['longest_surface_wait']),
                'sink_rates_m_s': tuple(seen['sinks'].tolist()),
                **{f'{phase.name.lower()}_s': float(seen['began'][phase]) for phase in _PHASES}}


@compiled
def look(o: np.void, world: np.void, land: Landscape, estimator: np.void, guidance: np.void) -> None:
    """Take note of what a cycle has brought."""
    if np.isnan(o.began[guidance.phase]):
        o.began[guidance.phase] = world.time
    if world.rangefinder.ended == 1 and world.rangefinder.validity == _VALID:
        _see_range(o, world, land)
    outcomes = estimator.monitors[RANGE].outcomes
    accepted = outcomes[0] + outcomes[2]
    if accepted != o.accepted:
        o.accepted, o.wait, o.surface_wait, o.last_range = accepted, 0.0, 0.0, np.nan
    if world.time >= o.next and np.isnan(world.verdict.contact_time):
        o.next = world.time + _PERIOD
        _see_altitude(o, world, altitude(world.truth, land), estimator.ground)


@compiled
def _see_range(o: np.void, world: np.void, land: Landscape) -> None:
    if np.isnan(o.first_range):
        o.first_range, o.first_range_altitude = world.time, altitude(world.truth, land)
    if not np.isnan(o.last_range):
        pause = min(world.time - o.last_range, _PAUSE)
        o.wait += pause
        o.surface_wait = 0.0 if _is_wall(o.footprint, world.footprint) else o.surface_wait + pause
    o.last_range = world.time
    o.footprint[:] = world.footprint
    o.longest_wait = max(o.longest_wait, o.wait)
    o.longest_surface_wait = max(o.longest_surface_wait, o.surface_wait)


@compiled
def _is_wall(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether the ground between two footprints (moon, [m]) is steeper than any one surface."""
    rise = np.sqrt(np.sum(b * b)) - np.sqrt(np.sum(a * a))
    return abs(rise) > _STEEP * np.sqrt(max(np.sum((b - a) ** 2) - rise * rise, 0.0))


@compiled
def _see_altitude(o: np.void, world: np.void, true: float, ground: np.ndarray) -> None:
    y = world.truth.y
    sink = -((y[0] * y[3] + y[1] * y[4] + y[2] * y[5]) / np.sqrt(y[0] * y[0] + y[1] * y[1] + y[2] * y[2]))
    while o.level < _LEVELS.size and true <= _LEVELS[o.level]:
        o.sinks[o.level] = sink
        o.level += 1
    if world.time > o.first_range + _SETTLED:
        # The belief is from an earlier cycle.
        error = abs(ground[2] - (true + sink * (world.time - ground[0])))
        o.error = error if np.isnan(o.error) else max(o.error, error)


@compiled
def _look(observers: np.ndarray, worlds: np.ndarray, land: Landscape, estimators: np.ndarray,
          guidances: np.ndarray) -> None:
    ground = Landscape(land.surface[0], land.raster)
    look(observers[0], worlds[0], ground, estimators[0], guidances[0])

"""What mission control knows of a flight: the latest values, and how it ended."""

from dataclasses import dataclass, field
from math import nan

PHASES = ('WAIT', 'DEORBIT', 'COAST', 'BRAKING', 'PITCH_UP', 'TERMINAL', 'TOUCHDOWN', 'LANDED', 'ABORT')
"""Phases of guidance, in the order of their numbers."""

RESULTS = ('flying', 'landed', 'tipped_over', 'crashed', 'timeout')
"""Results of a flight, in the order of their numbers."""


@dataclass
class Flight:
    """The latest values, as they arrive."""

    time: float = nan  # [s] flight time
    phase: str = ''
    altitude_m: float = nan
    altitude_lower_m: float = nan
    altitude_upper_m: float = nan
    sink_rate_m_s: float = nan  # positive down
    ground_speed_m_s: float = nan
    tilt_deg: float = nan
    propellant_kg: float = nan
    range_finder: str = 'waiting'
    failed_thrusters: int = 0  # count
    faults: list[dict] = field(default_factory=list)  # every fault event


@dataclass(frozen=True)
class Touchdown:
    """How the flight ended, as reported."""

    result: str = 'flying'  # one of RESULTS
    reason: str = ''
    vertical_speed_m_s: float = nan
    horizontal_speed_m_s: float = nan
    tilt_deg: float = nan
    rest_tilt_deg: float = nan
    slope_deg: float = nan  # of the ground below the feet
    rate_deg_s: float = nan
    distance_from_target_m: float = nan
    propellant_left_kg: float = nan
    state_hash: str = ''
    realtime_factor: float = nan
    latency_median_ms: float = nan
    latency_p99_ms: float = nan
    late_cycles: int = 0  # flown without a command: then the same seed may give other bits

    @property
    def final(self) -> bool:
        """Whether the flight is over."""
        return self.result != 'flying'

"""Messages of a flight turned into what mission control keeps."""

import math
from typing import Any

from lander_common.ros.time import to_seconds
from lander_msgs.msg import (
    FaultEvent,
    GuidanceStatus,
    NavigationStatus,
    RangeSample,
    ThrusterStatus,
    TouchdownReport,
)
from lander_telemetry.flight import PHASES, RESULTS, Flight, Touchdown

_NO_RANGE = {RangeSample.VALIDITY_NO_RETURN: 'no return', RangeSample.VALIDITY_DEVICE_ERROR: 'device error',
             RangeSample.VALIDITY_TIMEOUT: 'no answer'}


def take_guidance(flight: Flight, message: GuidanceStatus) -> None:
    """Keep time, phase and propellant."""
    _go_on(flight, message)
    flight.phase = PHASES[message.phase] if message.phase < len(PHASES) else str(message.phase)
    flight.propellant_kg = message.propellant_left_kg


def take_navigation(flight: Flight, message: NavigationStatus) -> None:
    """Keep time, altitude and motion."""
    _go_on(flight, message)
    flight.altitude_m = message.altitude_m
    flight.altitude_lower_m = message.altitude_lower_m
    flight.altitude_upper_m = message.altitude_upper_m
    flight.sink_rate_m_s = -message.vertical_speed_m_s
    flight.ground_speed_m_s = message.ground_speed_m_s
    flight.tilt_deg = math.degrees(message.tilt_rad)


def take_range(flight: Flight, message: RangeSample) -> None:
    """Keep what the range finder says."""
    flight.range_finder = _NO_RANGE.get(message.validity, f'{message.range_m:.1f} m')


def take_thrusters(flight: Flight, message: ThrusterStatus) -> None:
    """Keep the number of failed thrusters."""
    flight.failed_thrusters = message.failed_mask.bit_count()


def _go_on(flight: Flight, message: Any) -> None:
    time = to_seconds(message.header.stamp)
    if not time <= flight.time:  # also when no time is known yet
        flight.time = time


def fault(message: FaultEvent) -> dict[str, Any]:
    """Return a fault event for the summary."""
    return {'time_s': to_seconds(message.header.stamp), 'target': message.target, 'kind': message.kind,
            'value': message.value, 'active': message.active, 'cause': message.cause}


def touchdown(message: TouchdownReport) -> Touchdown:
    """Return a touchdown report."""
    return Touchdown(
        result=RESULTS[message.result], reason=message.reason,
        vertical_speed_m_s=message.vertical_speed_m_s, horizontal_speed_m_s=message.horizontal_speed_m_s,
        tilt_deg=math.degrees(message.tilt_rad), rest_tilt_deg=math.degrees(message.rest_tilt_rad),
        slope_deg=math.degrees(message.slope_rad), rate_deg_s=math.degrees(message.rate_rad_s),
        distance_from_target_m=message.distance_from_target_m,
        propellant_left_kg=message.propellant_left_kg, state_hash=message.state_hash,
        realtime_factor=message.realtime_factor, latency_median_ms=1e3 * message.latency_median_s,
        latency_p99_ms=1e3 * message.latency_p99_s, late_cycles=message.late_cycles)

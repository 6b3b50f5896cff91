"""What many runs say together."""

import dataclasses
import hashlib
import json
import math
from collections.abc import Sequence

import numpy as np
from scipy.special import betaincinv

from lander_campaign.run import Run

QUANTITIES = {
    'vertical_speed_m_s': 'Vertical speed [m/s]', 'horizontal_speed_m_s': 'Horizontal speed [m/s]',
    'tilt_deg': 'Tilt at contact [deg]', 'rate_deg_s': 'Rate [deg/s]',
    'distance_from_target_m': 'Distance from target [m]', 'rest_tilt_deg': 'Tilt at rest [deg]',
    'propellant_left_kg': 'Propellant left [kg]', 'first_range_altitude_m': 'First range at [m]',
    'altitude_error_m': 'Altitude error [m]', 'longest_wait_s': 'Ranges not taken for [s]',
    'longest_surface_wait_s': 'One surface not taken [s]',
    'flight_time_s': 'Flight time [s]'}
"""Fields of `Run` that have quantiles, and what they are called."""

QUANTILES = {'min': 0.0, 'p01': 0.01, 'p05': 0.05, 'median': 0.5, 'p95': 0.95, 'p99': 0.99, 'max': 1.0}


def interval(successes: int, runs: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the Clopper-Pearson interval of the success rate: it is never too narrow, whatever the rate.

    Source: Clopper and Pearson, Biometrika 26 (1934); the bounds are quantiles of beta distributions.
    """
    tail = 0.5 * (1.0 - confidence)
    lower = float(betaincinv(successes, runs - successes + 1, tail)) if successes > 0 else 0.0
    upper = float(betaincinv(successes + 1, runs - successes, 1.0 - tail)) if successes < runs else 1.0
    return lower, upper


def half_width(successes: int, runs: int) -> float:
    """Return half of the width of the 95 % interval."""
    lower, upper = interval(successes, runs)
    return 0.5 * (upper - lower)


def quantiles(runs: Sequence[Run], name: str) -> dict[str, float]:
    """Return the QUANTILES of one field over the runs in which it is known; nothing if there are none."""
    values = [v for v in (getattr(run, name) for run in runs) if math.isfinite(v)]
    return {key: float(np.quantile(values, q)) for key, q in QUANTILES.items()} if values else {}


def digest(runs: Sequence[Run]) -> str:
    """Return one hash (SHA-256) over all runs in their order, wall times left out."""
    total = hashlib.sha256()
    for run in runs:
        values = dataclasses.asdict(run)
        del values['wall_time_s']
        total.update(json.dumps(values).encode() + b'\n')
    return total.hexdigest()

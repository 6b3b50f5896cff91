"""summary.json of a flight: the verdict for machines."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lander_telemetry.mission import Mission, Rover

_TOUCHDOWN = ('vertical_speed_m_s', 'horizontal_speed_m_s', 'tilt_deg', 'rate_deg_s',
              'distance_from_target_m', 'propellant_left_kg')


def summary(mission: Mission, passed: bool, *, scenario: str, vehicle: str, seed: int, bag: str | None,
            faults: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the content of summary.json; what is not known is None."""
    down = mission.touchdown
    values = asdict(down)
    return _without_nan({
        'passed': passed, 'scenario': scenario, 'vehicle': vehicle, 'seed': seed,
        'touchdown': {name: values[name] for name in _TOUCHDOWN},
        'rover_deployed': mission.rover is Rover.DEPLOYED,
        'realtime_factor': down.realtime_factor,
        'latency_range_to_thruster_ms': {'median': down.latency_median_ms, 'p99': down.latency_p99_ms},
        'late_cycles': down.late_cycles, 'state_hash': down.state_hash or None, 'bag': bag,
        'result': 'no_data' if mission.silent else down.result,
        'reason': '; '.join(filter(None, (down.reason, mission.rover_reason))), 'faults': faults})


def write(folder: Path, content: dict[str, Any]) -> Path:
    """Write summary.json into `folder`, whole or not at all; return its path."""
    path = folder / 'summary.json'
    draft = path.with_suffix('.json.part')
    draft.write_text(json.dumps(content, indent=2, allow_nan=False) + '\n', encoding='utf-8')
    return draft.replace(path)


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value

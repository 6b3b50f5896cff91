"""The folder of a campaign: runs.parquet, one row per run, and campaign.json."""

import dataclasses
import hashlib
import json
import platform
import subprocess
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

from lander_campaign import statistics
from lander_campaign.campaign import BATCH, Plan
from lander_campaign.observer import LEVELS_M
from lander_campaign.run import Run
from lander_common.vehicle import Vehicle

_TYPES = {int: pyarrow.int64(), bool: pyarrow.bool_(), str: pyarrow.string(), float: pyarrow.float64(),
          tuple[float, ...]: pyarrow.list_(pyarrow.float32())}
_FILES = ('vehicle_file', 'site_file', 'scenario_file', 'sensors_file')


def write(folder: Path, origin: dict[str, Any], runs: Sequence[Run], ended: str) -> dict[str, Any]:
    """Write both files, each whole or not at all; return the content of campaign.json.

    `origin` is what `provenance` said before the first run.
    """
    write_table(folder / 'runs.parquet', {f.name: [getattr(r, f.name) for r in runs]
                                          for f in dataclasses.fields(Run)},
                {f.name: _TYPES[f.type] for f in dataclasses.fields(Run)})
    content = {**origin, **_findings(runs, origin['require']), 'ended': ended}
    write_json(folder / 'campaign.json', content)
    return content


def provenance(plan: Plan, vehicle: Vehicle) -> dict[str, Any]:
    """Return what was flown, with what."""
    p = plan.parameters
    return {
        **{name.removesuffix('_file'): Path(getattr(p, name)).stem for name in _FILES},
        'seed': plan.seed, 'runs': plan.runs, 'require': plan.require, 'stop_at': plan.stop_at,
        'settings': plan.software.differences(),
        'batch': BATCH, 'limits': dataclasses.asdict(vehicle.limits), 'sink_rate_levels_m': LEVELS_M,
        'files_sha256': {getattr(p, name): hashlib.sha256(Path(getattr(p, name)).read_bytes()).hexdigest()
                         for name in _FILES},
        'versions': {'python': platform.python_version(), 'commit': _commit(Path(__file__).parent),
                     **{name: version(name) for name in ('lander_campaign', 'numpy', 'scipy', 'numba')}}}


def write_table(path: Path, columns: dict[str, list], types: dict[str, pyarrow.DataType]) -> None:
    """Write a Parquet file, whole or not at all."""
    draft = path.with_suffix('.part')
    parquet.write_table(pyarrow.table(columns, schema=pyarrow.schema(list(types.items()))), draft,
                        compression='zstd')
    draft.replace(path)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file, whole or not at all."""
    draft = path.with_suffix('.part')
    draft.write_text(json.dumps(content, indent=2, allow_nan=False) + '\n', encoding='utf-8')
    draft.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Return the content of a JSON file."""
    return json.loads(path.read_text(encoding='utf-8'))


def _findings(runs: Sequence[Run], require: float) -> dict[str, Any]:
    passed = sum(run.passed for run in runs)
    return {
        'flown': len(runs), 'passed': passed, 'success_rate': passed / len(runs) if runs else None,
        'interval_95': statistics.interval(passed, len(runs)),
        'required_rate_reached': bool(runs) and passed >= require * len(runs),
        'results': dict(sorted(Counter(run.result for run in runs).items())),
        'runs_with_faults_found': sum(bool(run.faults_found) for run in runs),
        'quantiles': {name: statistics.quantiles(runs, name) for name in statistics.QUANTITIES},
        'hash': statistics.digest(runs)}


def _commit(folder: Path) -> str | None:
    """Return the commit of the source tree, None if it is not in one."""
    try:
        return subprocess.run(['git', '--no-optional-locks', '-C', folder, 'describe', '--always', '--dirty',
                               '--abbrev=12'], check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None

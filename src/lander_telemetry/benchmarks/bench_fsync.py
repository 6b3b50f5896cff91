"""What fsync and splitting cost the recorder: processor time, and the longest wait of what records.

    python src/lander_telemetry/benchmarks/bench_fsync.py [FOLDER]

FOLDER is on the disk to be measured, by default the current one. 3,000 messages of 720 bytes a second for
20 s, as one of 40 topics.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from lander_common.figures import report
from lander_telemetry.bag_metadata import Topic
from lander_telemetry.parameters import RecorderParameters
from lander_telemetry.recording import Recording

RATE, LENGTH, SPAN_S, BURST_S = 3000, 720, 20.0, 0.02
WAYS = {'neither': {'fsync_period_s': 0.0}, 'fsync': {},
        'fsync, a file each 10 MB': {'split_bytes': 10_000_000}}
QOS = {'history': 'keep_last', 'depth': 1000, 'reliability': 'reliable', 'durability': 'volatile',
       'deadline': {'sec': 0, 'nsec': 0}, 'lifespan': {'sec': 0, 'nsec': 0}, 'liveliness': 'automatic',
       'liveliness_lease_duration': {'sec': 0, 'nsec': 0}, 'avoid_ros_namespace_conventions': False}


def record(folder: Path, **options: float) -> tuple[float, float, float, float]:
    """Return processor time [s], the longest write and flush [s], and the longest sync [s]."""
    rng = np.random.default_rng(1)
    recording = Recording(folder, RecorderParameters(compression='none', reserve_bytes=0, **options))
    receive, *_ = [recording.add_topic(Topic(f'/topic_{k}', 'a/msg/B', '', [QOS]), 'float64 x', True)
                   for k in range(40)]
    longest = {'write': 0.0, 'flush': 0.0}
    began, cpu = time.monotonic(), time.process_time()
    bursts, per_burst = round(SPAN_S / BURST_S), round(RATE * BURST_S)
    for burst in range(bursts):
        time.sleep(max(0.0, began + burst * BURST_S - time.monotonic()))
        stamp = np.array([1 + burst // 50, burst % 50 * 20_000_000], '<u4').tobytes()
        data = rng.bytes(per_burst * LENGTH)
        for k in range(per_burst):
            _time(longest, 'write', receive, b'\0\1\0\0' + stamp + data[k * LENGTH:(k + 1) * LENGTH])
        if burst % 10 == 9:
            _time(longest, 'flush', recording.flush)
    cpu = time.process_time() - cpu
    recording.close()
    return cpu, longest['write'], longest['flush'], recording.longest_sync_s


def _time(longest: dict[str, float], what: str, action: Callable, *arguments: bytes) -> None:
    began = time.perf_counter()
    action(*arguments)
    longest[what] = max(longest[what], time.perf_counter() - began)


def main(parent: str | None) -> None:
    """Record in all ways and report."""
    with tempfile.TemporaryDirectory(dir=parent) as name:
        for number, (what, options) in enumerate(WAYS.items()):
            cpu, write, flush, sync = record(Path(name, str(number)), **options)
            report(f'{what}: share of a core', 100.0 * cpu / SPAN_S, '%')
            report(f'{what}: longest write', 1e3 * write, 'ms')
            report(f'{what}: longest flush', 1e3 * flush, 'ms')
            report(f'{what}: longest sync', 1e3 * sync, 'ms')


if __name__ == '__main__':
    main(sys.argv[1] if len(sys.argv) > 1 else '.')

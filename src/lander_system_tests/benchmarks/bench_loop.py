"""How fast the ring reacts in real time: python src/lander_system_tests/benchmarks/bench_loop.py.

Flies a landing with a process for each node at rate 1 (ten minutes and more; leave the machine alone), and looks
from outside at its topics from the gate to the ground. Each time is from the arrival of the first message here
to that of the second, so the way to this process is in both. Arguments NAME:=VALUE go to the flight, for
example prefix:='chrt -f 50'.
"""

import signal
import sys
import tempfile
import time
from collections import OrderedDict
from pathlib import Path

import numpy as np
import rclpy
from rclpy.experimental.events_executor import EventsExecutor
from rclpy.node import Node
from sensor_msgs.msg import Imu

from lander_common.cdr import stamp_ns
from lander_common.ros.qos import RING, STATUS
from lander_msgs.msg import GuidanceStatus, RangeSample, ThrusterCommand
from lander_system_tests.flight import Flight

GOAL_MS = (3.0, 8.0)  # median and 99th percentile, range sample to command
_MOST = 200  # stamps that are remembered
_WATCHED = (GuidanceStatus.PHASE_PITCH_UP, GuidanceStatus.PHASE_TERMINAL)


class Onlooker(Node):
    """Notes when the messages of a cycle arrive."""

    def __init__(self) -> None:
        """Listen."""
        super().__init__('onlooker')
        self.watching = False
        self._imu: OrderedDict[int, float] = OrderedDict()
        self._ranges: OrderedDict[int, float] = OrderedDict()
        self.periods: list[float] = []
        self.imu_to_command: list[float] = []
        self.range_to_command: list[float] = []
        self._last = 0.0
        self.create_subscription(Imu, 'imu', self._on_imu, RING, raw=True)
        self.create_subscription(RangeSample, 'rangefinder/range_sample', self._on_range, RING)
        self.create_subscription(ThrusterCommand, 'thrusters/command', self._on_command, RING, raw=True)
        self.create_subscription(GuidanceStatus, 'guidance_status', self._on_guidance, STATUS)

    def _on_guidance(self, message: GuidanceStatus) -> None:
        self.watching = message.phase in _WATCHED

    def _on_imu(self, message: bytes) -> None:
        _note(self._imu, stamp_ns(message))

    def _on_range(self, message: RangeSample) -> None:
        # The driver has received it in the cycle of this stamp.
        _note(self._ranges, message.received.sec * 1_000_000_000 + message.received.nanosec)

    def _on_command(self, message: bytes) -> None:
        now, stamp = time.perf_counter(), stamp_ns(message)
        if not self.watching:
            self._last = 0.0
            return
        if self._last:
            self.periods.append(now - self._last)
        self._last = now
        if stamp in self._imu:
            self.imu_to_command.append(now - self._imu[stamp])
        if stamp in self._ranges:
            self.range_to_command.append(now - self._ranges[stamp])


def _note(times: 'OrderedDict[int, float]', stamp: int) -> None:
    times.setdefault(stamp, time.perf_counter())
    if len(times) > _MOST:
        times.popitem(last=False)


def row(name: str, seconds: list[float]) -> tuple[float, float]:
    """Print median and 99th percentile in milliseconds, and return them."""
    if not seconds:
        sys.exit(f'{name}: nothing was heard')
    median, p99 = np.percentile(np.array(seconds) * 1e3, [50, 99])
    print(f'| {name} | {median:.2f} | {p99:.2f} | {1e3 * max(seconds):.2f} | {len(seconds)} |', flush=True)
    return float(median), float(p99)


def main() -> int:
    """Fly and print a table; return 0 if the flight passed."""
    rclpy.init()
    onlooker, executor = Onlooker(), EventsExecutor()
    executor.add_node(onlooker)
    with tempfile.TemporaryDirectory() as folder:
        flight = Flight(Path(folder, 'flights'), '--rate', '1', '--no-record', *sys.argv[1:])
        try:
            while flight.process.poll() is None:
                executor.spin_once(timeout_sec=0.2)
            result = flight.result(timeout_s=5.0)
        finally:
            flight.stop()
    if result.returncode:
        print(result.output)
        return result.returncode
    print('| from the gate to the ground, rate 1, ms | median | 99 % | most | count |')
    print('|---|---:|---:|---:|---:|')
    median, p99 = row('range sample to the command of the same cycle', onlooker.range_to_command)
    row('imu to the command of the same cycle', onlooker.imu_to_command)
    row('between two commands', onlooker.periods)
    latency = result.summary['latency_range_to_thruster_ms']
    print(f'summary.json, range sample to the first command that can hold it, that of the next cycle, whole '
          f'flight: {latency["median"]:.2f} and {latency["p99"]:.2f} ms')
    met = median <= GOAL_MS[0] and p99 <= GOAL_MS[1]
    print(f'goal: at most {GOAL_MS[0]:g} and {GOAL_MS[1]:g} ms: {"met" if met else "missed"}')
    return 0


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())

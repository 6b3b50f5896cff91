"""How fast the ring reacts in real time: bench_loop.py [--seconds S] [NAME:=VALUE ...].

Flies a landing with a process for each node at rate 1 (ten minutes and more; leave the machine alone) and
looks at its topics from outside, from the gate to the ground; with --seconds from the begin of braking on,
so long. Each time is from the arrival of the first message here to that of the second, so the way to this
process is in both; it takes priority, where it may, so that it does not look too late. NAME:=VALUE goes to
the flight. Do not compare with prefix:='chrt ...': the simulator then yields to the ring, and what it sends
is noted too late.
"""

import argparse
import os
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
from lander_common.figures import report
from lander_common.ros.qos import RING, STATUS
from lander_msgs.msg import GuidanceStatus, RangeSample, ThrusterCommand
from lander_system_tests.flight import FlightResult, flying

REAL_RATES = {'simulator': {'real_rates': True}}  # 50 Hz also high up, as on hardware
_MOST = 200  # stamps that are remembered
_LAST_PART = (GuidanceStatus.PHASE_PITCH_UP, GuidanceStatus.PHASE_TERMINAL)
_POWERED = (GuidanceStatus.PHASE_BRAKING, *_LAST_PART)


class Onlooker(Node):
    """Notes when the messages of a cycle arrive."""

    def __init__(self, phases: tuple[int, ...]) -> None:
        """Listen; what comes in these phases counts."""
        super().__init__('onlooker')
        self._phases, self.watching = phases, False
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
        self.watching = message.phase in self._phases

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


def _take_priority() -> None:
    try:
        for thread in Path('/proc/self/task').iterdir():
            os.sched_setscheduler(int(thread.name), os.SCHED_FIFO, os.sched_param(80))
    except PermissionError:
        print('no right to real-time priority: what is noted here may be late')


def fly(onlooker: Onlooker, seconds: float, arguments: list[str]) -> FlightResult | None:
    """Fly while the onlooker looks; return the flight, None if it was stopped after so many seconds."""
    executor = EventsExecutor()
    executor.add_node(onlooker)
    with (tempfile.TemporaryDirectory() as folder,
          flying(Path(folder, 'flights'), '--rate', '1', '--no-record', *arguments,
                 parameters=REAL_RATES) as flight):
        _take_priority()  # only now: the flight must not inherit it
        while flight.process.poll() is None:
            executor.spin_once(timeout_sec=0.2)
            if seconds and sum(onlooker.periods) >= seconds:
                return None
        result = flight.result(timeout_s=5.0)
        if result.returncode:
            sys.exit(result.output)
        told = result.summary['latency_range_to_thruster_ms']
        print(f'summary.json, whole flight, range sample to the command of the next cycle: '
              f'median {told["median"]:.2f}, 99 % {told["p99"]:.2f} ms')
        return result


def main() -> None:
    """Fly and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--seconds', type=float, default=0.0)
    given, arguments = parser.parse_known_args()
    rclpy.init()
    onlooker = Onlooker(_POWERED if given.seconds else _LAST_PART)
    fly(onlooker, given.seconds, arguments)
    print('| at rate 1, ms | median | 99 % | most | count |')
    print('|---|---:|---:|---:|---:|')
    median, p99 = row('range sample to the command of the same cycle', onlooker.range_to_command)
    row('imu to the command of the same cycle', onlooker.imu_to_command)
    row('between two commands', onlooker.periods)
    report('range sample to thruster command at rate 1, median (goal 3)', median, 'ms')
    report('range sample to thruster command at rate 1, 99th percentile (goal 8)', p99, 'ms')


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()

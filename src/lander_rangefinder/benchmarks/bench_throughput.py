"""What the driver takes of a core at 1000 answers a second over a pseudo terminal, and whether one gets lost.

    python src/lander_rangefinder/benchmarks/bench_throughput.py [--seconds 60]

A second process writes the frames in real time; the driver is polled at 100 Hz, as by the node's timer. Every
range is another one, so that a lost, doubled or damaged one would be seen.
"""

import argparse
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise

from lander_common.figures import cpu_time, report
from lander_common.samples import RangeSample
from lander_common.transport import listen_transport
from lander_rangefinder import benewake, lightware_frames
from lander_rangefinder.driver import RangefinderDriver
from lander_rangefinder.lightware_sf45 import SHOT
from lander_rangefinder.parameters import RangefinderParameters

RATE, POLL = 1000, 0.01  # [Hz], [s]
FIRST, DIFFERENT = 100, 4000  # [cm]


def benewake_frame(k: int) -> bytes:
    """Return the k-th answer of a TF03."""
    return benewake.encode(FIRST + k % DIFFERENT, 500)


def sf45_frame(k: int) -> bytes:
    """Return the k-th answer of an SF45/B."""
    distance = FIRST + k % DIFFERENT
    return lightware_frames.encode(44, SHOT.pack(distance, 70, distance, 80, 0))


def send(end: int, frame: Callable[[int], bytes], seconds: float) -> None:
    """Write the frames at their times, in the millisecond in which they are due."""
    start, sent = time.monotonic(), 0
    while sent < seconds * RATE:
        due = min(int((time.monotonic() - start) * RATE), int(seconds * RATE))
        for k in range(sent, due):
            os.write(end, frame(k))
        sent = max(sent, due)
        time.sleep(0.001)


def measure(protocol: str, frame: Callable[[int], bytes], seconds: float) -> None:
    """Run, and report lost answers and share of one core."""
    device = listen_transport('pty:')
    driver = RangefinderDriver(RangefinderParameters(
        transport=f'serial://{device.path}', protocol=protocol, rate_hz=float(RATE)))
    start = time.monotonic()
    driver.poll(0.0)
    sender = multiprocessing.Process(target=send, args=(device._end, frame, seconds))
    sender.start()
    ranges, others = [], 0
    busy, wall = time.process_time(), time.monotonic()
    now = longest = 0.0
    while now < seconds + 1.0:
        last, now = now, time.monotonic() - start
        longest = max(longest, now - last)
        for sample in driver.poll(now):
            if sample.validity == RangeSample.VALID:
                ranges.append(round(sample.range_m * 100))
            else:
                others += sample.validity != RangeSample.TIMEOUT
        time.sleep(max(0.0, POLL - (time.monotonic() - start - now)))
    share = (time.process_time() - busy) / (time.monotonic() - wall)
    sender.join()
    device.close()
    wrong = sum((b - a) % DIFFERENT != 1 for a, b in pairwise(ranges)) + others
    lost = int(seconds * RATE) - (ranges[0] - FIRST) - len(ranges)  # a TF03 spends its first to get in step
    print(f'longest gap between polls {longest:.3f} s; {driver.report()}', flush=True)
    report(f'{protocol}: frames of {RATE}/s over {seconds:g} s', len(ranges), 'ranges')
    report(f'{protocol}: lost, damaged or out of order of them', lost + wrong, 'ranges')
    report(f'{protocol}: driver at {RATE} frames/s, of one core', 100.0 * share, '%')


def measure_node(protocol: str, frame: Callable[[int], bytes], seconds: float) -> None:
    """Report what the whole node takes of a core: driver, both topics, and diagnostics."""
    device = listen_transport('pty:')
    node = subprocess.Popen([
        sys.executable, '-m', 'lander_rangefinder.rangefinder_node', '--ros-args', '-p', 'trigger:=timer',
        '-p', f'protocol:={protocol}', '-p', f'transport:=serial://{device.path}',
        '-p', f'rate_hz:={RATE}.0'])
    while not device.read():  # its set-up tells that it is ready
        if node.poll() is not None:
            raise SystemExit('the node did not start')
        time.sleep(0.1)
    sender = multiprocessing.Process(target=send, args=(device._end, frame, seconds))
    busy, wall = cpu_time(node.pid), time.monotonic()
    sender.start()
    sender.join()
    share = (cpu_time(node.pid) - busy) / (time.monotonic() - wall)
    node.send_signal(signal.SIGINT)
    node.wait(20.0)
    device.close()
    report(f'{protocol}: whole node at {RATE} frames/s, of one core', 100.0 * share, '%')


def main() -> None:
    """Measure the driver with both devices, and the node with the one that has the longer frames."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--seconds', type=float, default=60.0)
    seconds = parser.parse_args().seconds
    measure('benewake_tf03', benewake_frame, seconds)
    measure('lightware_sf45', sf45_frame, seconds)
    measure_node('lightware_sf45', sf45_frame, seconds)


if __name__ == '__main__':
    main()

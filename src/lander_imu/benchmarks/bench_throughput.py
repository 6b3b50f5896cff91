"""What the driver takes of a core at 2,000 datagrams a second over a pseudo terminal, and what is lost.

    python src/lander_imu/benchmarks/bench_throughput.py [--seconds 60]

A second process sends the datagrams in real time, as many at once as are due; the driver is polled every
2 ms, as by the node's timer. The counter of each datagram tells a lost one, the values tell a wrong one.
"""

import argparse
import math
import multiprocessing
import os
import signal
import subprocess
import sys
import time

from lander_common.figures import cpu_time, report
from lander_common.transport import listen_transport
from lander_imu.driver import ImuDriver
from lander_imu.parameters import ImuDriverParameters
from lander_sim.devices.stim300 import Stim300Emulator

RATE, POLL = 2000, 0.002  # [Hz], [s]
MOTION = (0.1, -0.2, 0.3), (0.5, -1.0, 1.622)  # [rad/s], [m/s^2]


def send(device: Stim300Emulator, seconds: float) -> None:
    """Be the device in real time; answer at once, so that no answer costs a sample."""
    start = last = time.monotonic()
    while last < start + seconds:
        time.sleep(0.001)
        now = min(time.monotonic(), start + seconds)
        device.hear()
        while last < now:  # what is more than the buffer of a pseudo terminal holds goes out in pieces
            dt = min(now - last, 0.02)
            device.move(dt, *MOTION)
            last += dt


def measure(seconds: float) -> None:
    """Report lost samples and the driver's share of one core."""
    end = listen_transport('pty:')
    driver = ImuDriver(ImuDriverParameters(transport=f'serial://{end.path}'))
    driver.open()
    sender = multiprocessing.Process(target=send, args=(Stim300Emulator(end, RATE), seconds))
    sender.start()
    busy, start = time.process_time(), time.monotonic()
    now = longest = 0.0
    means = wrong = 0
    while now < seconds + 0.15:  # not so long that the device is missed
        last, now = now, time.monotonic() - start
        longest = max(longest, now - last)
        for sample in driver.poll(now):
            means += 1
            wrong += not all(math.isclose(a, b, abs_tol=1e-4) for a, b in zip(
                [*sample.angular_velocity, *sample.specific_force], [*MOTION[0], *MOTION[1]], strict=True))
        time.sleep(max(0.0, POLL - (time.monotonic() - start - now)))
    share = (time.process_time() - busy) / (time.monotonic() - start)
    sender.join()
    end.close()
    told = driver.report()
    print(f'longest gap between polls {longest:.3f} s; load {os.getloadavg()[0]:.1f}; {told}', flush=True)
    report(f'stim300: {RATE} datagrams/s over {seconds:g} s', told['samples'], 'datagrams')
    report('stim300: lost or damaged of them', told['lost'] + told['damaged'] + told['restarts'], 'datagrams')
    report('stim300: means, and wrong ones', means, f'means, {wrong} wrong')
    report(f'stim300: driver at {RATE} datagrams/s, of one core', 100.0 * share, '%')


def measure_node(seconds: float) -> None:
    """Report what the whole node takes of a core."""
    end = listen_transport('pty:')
    node = subprocess.Popen([sys.executable, '-m', 'lander_imu.imu_driver_node', '--ros-args',
                             '-p', f'transport:=serial://{end.path}'])
    device = Stim300Emulator(end, RATE)
    while not device.hear():
        time.sleep(0.01)
    busy, wall = cpu_time(node.pid), time.monotonic()
    send(device, seconds)
    share = (cpu_time(node.pid) - busy) / (time.monotonic() - wall)
    node.send_signal(signal.SIGINT)
    node.wait(20.0)
    end.close()
    report(f'stim300: whole node at {RATE} datagrams/s, of one core', 100.0 * share, '%')


def main() -> None:
    """Measure the driver, then the node."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--seconds', type=float, default=60.0)
    seconds = parser.parse_args().seconds
    measure(seconds)
    measure_node(seconds)


if __name__ == '__main__':
    main()

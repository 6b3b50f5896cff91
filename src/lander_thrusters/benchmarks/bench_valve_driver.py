"""From a thruster command to its frames: python benchmarks/bench_valve_driver.py [--dds].

Without --dds: the core alone, encoding and the whole way over the bus to an executing board. With --dds: the
node as a process, from publish() in this process to the moment its valves are told, 50 commands a second.
"""

import subprocess
import sys
import time
from pathlib import Path

import click
import numpy as np

from lander_common.canbus.bus import CanBus
from lander_common.canbus.valves import BOARD_LISTENS, HOST_LISTENS, encode_command
from lander_common.samples import ThrusterCommand
from lander_sim.devices.on_can import Served
from lander_sim.devices.valve_boards import make_boards
from lander_thrusters.parameters import ValveDriverParameters
from lander_thrusters.valve_driver import ValveDriver

N = 15
VEHICLE = Path(__file__).parents[3] / 'config/vehicles/resilience.yaml'
LIMIT = 5.0  # [s]


class Boards:
    """Emulated boards that note when they were told something."""

    def __init__(self, bus: str):
        """Switch them on."""
        self.told: list[float] = []
        self.served = Served(CanBus(bus, 500_000, BOARD_LISTENS), make_boards(N), self.note)

    def note(self, now: float) -> None:
        """Note the time."""
        self.told.append(time.perf_counter())

    def wait(self, count: int) -> bool:
        """Wait until they were told so often; return whether they were."""
        end = time.perf_counter() + LIMIT
        while len(self.told) < count and time.perf_counter() < end:
            time.sleep(1e-4)
        return len(self.told) >= count


def row(name: str, seconds: list[float]) -> None:
    """Print median and 99th percentile in microseconds."""
    median, p99 = np.percentile(np.array(seconds) * 1e6, [50, 99])
    click.echo(f'| {name} | {median:.0f} | {p99:.0f} | {len(seconds)} |')


def core(bus: str, count: int) -> None:
    """Measure the driver without ROS."""
    on_time, throttle = np.linspace(0.0, 0.5, N), np.ones(N)
    encoding, calling, arriving = [], [], []
    for k in range(count):
        began = time.perf_counter()
        encode_command(k % 256, on_time, throttle)
        encoding.append(time.perf_counter() - began)
    boards = Boards(bus)
    driver = ValveDriver(ValveDriverParameters(bus=bus), tuple(map(str, range(N))),
                         CanBus(bus, 500_000, HOST_LISTENS))
    driver.bus.open()
    for k in range(count):
        before, began = len(boards.told), time.perf_counter()
        driver.command(ThrusterCommand(float(k), on_time, throttle), time.monotonic())
        calling.append(time.perf_counter() - began)
        if boards.wait(before + 1):
            arriving.append(boards.told[before] - began)
        driver.poll(time.monotonic())
    driver.bus.close()
    boards.served.stop()
    row('encode 15 valves into 9 frames', encoding)
    row('command() of the core: check, encode, send', calling)
    row('command() to executed by the emulated board', arriving)


def node(bus: str, count: int) -> None:
    """Measure the node over DDS."""
    import rclpy

    from lander_common.ros.qos import RING
    from lander_common.ros.time import to_stamp
    from lander_msgs.msg import ThrusterCommand as Message
    rclpy.init()
    sender = rclpy.create_node('bench')
    out = sender.create_publisher(Message, 'thrusters/command', RING)
    boards = Boards(bus)
    process = subprocess.Popen([
        sys.executable, '-m', 'lander_thrusters.valve_driver_node', '--ros-args', '-p', f'bus:={bus}',
        '-p', f'vehicle_file:={VEHICLE}'])
    seconds = []
    try:
        while out.get_subscription_count() == 0:
            time.sleep(0.05)
        time.sleep(0.5)
        for k in range(count):
            message = Message(on_time_s=[0.05] * N)
            message.header.stamp = to_stamp(0.02 * k)
            before, began = len(boards.told), time.perf_counter()
            out.publish(message)
            if boards.wait(before + 1):
                seconds.append(boards.told[before] - began)
            time.sleep(max(0.0, 0.02 - (time.perf_counter() - began)))
    finally:
        process.terminate()
        process.wait()
        boards.served.stop()
        sender.destroy_node()
        rclpy.shutdown()
    row('publish() to executed by the emulated board, over DDS', seconds)


@click.command()
@click.option('--bus', default='udp_multicast:239.74.163.2?port=43999', show_default=True)
@click.option('--count', default=1000, show_default=True)
@click.option('--dds', is_flag=True, help='Also measure the node as a process.')
def main(bus: str, count: int, dds: bool) -> None:
    """Print a table of latencies."""
    click.echo('| what | median, µs | p99, µs | times |\n|---|---:|---:|---:|')
    core(bus, count)
    if dds:
        node(bus, count)


if __name__ == '__main__':
    main()

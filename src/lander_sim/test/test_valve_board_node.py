"""The whole way in real time, each node a process: command, valve driver, CAN, board, world, and back as imu.

The test is the ring: it answers each imu with a thruster command. The same for the release of the rover.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import rclpy
from geometry_msgs.msg import Twist
from nav_msgs.msg import Odometry
from rclpy.experimental.events_executor import EventsExecutor
from sensor_msgs.msg import Imu
from std_msgs.msg import Bool

from lander_common.ros.qos import RING, STATUS
from lander_common.ros.time import to_seconds
from lander_msgs.msg import ThrusterCommand, ValveStatus

CONFIG = Path(__file__).parents[3] / 'config'
VEHICLE = CONFIG / 'vehicles/resilience.yaml'
BUS = f'udp_multicast:239.74.163.2?port={43400 + int(os.environ.get("ROS_DOMAIN_ID", 0))}'
LIMIT = 60.0  # [s] wall time for anything that is waited for
SEED = 3
N = 15
# Short cycles also in orbit, where nothing but the engines accelerates, and no errors of the vehicle.
SCENARIO = """
limits: {coast_step_s: 0.02}
uncertainty: {propellant_kg: 0.0, thrust_fraction: 0.0, misalignment_deg: 0.0}
"""


class World:
    """Simulator, valve driver and board as processes; the ring here."""

    def __init__(self, folder):
        (folder / 'flight.yaml').write_text(SCENARIO)
        self.processes = {}
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node('ring', context=self.context)
        self.executor = EventsExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.out = self.node.create_publisher(ThrusterCommand, 'thrusters/command', RING)
        self.on_time = np.zeros(N)
        self.answering = True
        self.samples, self.actual, self.status = [], [], []
        listen = self.node.create_subscription
        listen(Imu, 'imu', self._on_imu, RING)
        listen(ThrusterCommand, 'valves/actual', self.actual.append, RING)
        listen(ValveStatus, 'valves/status', self.status.append, STATUS)
        self.start('lander_sim.simulator_node', 'rate:=1.0', 'coast_rate:=1.0', f'seed:={SEED}',
                   f'vehicle_file:={VEHICLE}', f'site_file:={CONFIG}/sites/mare_frigoris.yaml',
                   f'sensors_file:={CONFIG}/sensors/resilience.yaml', f'scenario_file:={folder}/flight.yaml',
                   'rangefinder_link:=memory:nobody',
                   remap=('thrusters/command:=valves/actual', 'rover/release:=rover/released'))
        self.start('lander_sim.valve_board_node', f'bus:={BUS}', f'vehicle_file:={VEHICLE}')
        self.start('lander_thrusters.valve_driver_node', f'bus:={BUS}', f'vehicle_file:={VEHICLE}')

    def start(self, module, *parameters, remap=()):
        arguments = [a for p in parameters for a in ('-p', p)] + [a for r in remap for a in ('-r', r)]
        self.processes[module] = subprocess.Popen(
            [sys.executable, '-m', module, '--ros-args', *arguments], stderr=subprocess.PIPE, text=True)

    def _on_imu(self, message):
        self.samples.append((to_seconds(message.header.stamp), message.linear_acceleration.z))
        if self.answering:
            self.out.publish(ThrusterCommand(header=message.header, on_time_s=self.on_time))

    def until(self, met):
        end = time.monotonic() + LIMIT
        while not met():
            assert time.monotonic() < end, (len(self.samples), len(self.actual), self.status[-1:])
            for name, process in self.processes.items():
                assert process.poll() is None, (name, process.stderr.read())
            self.executor.spin_once(timeout_sec=0.1)

    def push(self, count=20):
        """Return the mean specific force along z [m/s^2] of the last samples."""
        return float(np.mean([force for _, force in self.samples[-count:]]))

    def close(self):
        errors = []
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        for name, process in self.processes.items():
            try:
                text = process.communicate(timeout=LIMIT)[1]
                errors += [(name, text)] if process.returncode else []
            except subprocess.TimeoutExpired:
                process.kill()
                errors.append((name, 'did not end'))
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)
        assert errors == []


@pytest.fixture
def world(tmp_path):
    print(f'seed {SEED}')
    one = World(tmp_path)
    yield one
    one.close()


def test_what_is_commanded_goes_over_can_into_the_world(world):
    burning = 420.0 / 760.0  # [m/s^2] the main engine

    def pushed(expected):
        """Wait for 20 samples of this force: on a busy machine the watchdog may have come between."""
        world.samples.clear()
        world.until(lambda: len(world.samples) >= 20 and abs(world.push() - expected) < 0.03)
    pushed(0.0)
    world.on_time[0] = 0.5
    pushed(burning)
    assert max(m.on_time_s[0] for m in world.actual) == pytest.approx(0.5)
    world.until(lambda: world.status[-1].open_mask == 1)
    stamps = [to_seconds(m.header.stamp) for m in world.actual]
    assert stamps == sorted(stamps)

    # The flight software falls silent: the valves close, and the world flies on with them closed.
    world.answering = False
    world.until(lambda: world.status[-1].watchdog and world.status[-1].open_mask == 0)
    pushed(0.0)
    world.answering = True
    pushed(burning)


def test_the_rover_is_let_go_over_can(world):
    odometry = []
    world.node.create_subscription(Odometry, 'rover/odometry', odometry.append, STATUS)
    released = []
    world.node.create_subscription(Bool, 'rover/released', released.append, RING)
    out = world.node.create_publisher(Bool, 'rover/release', RING)
    world.node.create_publisher(Twist, 'rover/drive', RING)
    bus = BUS.replace('434', '435')
    world.start('lander_sim.release_board_node', f'bus:={bus}')
    world.start('lander_rover.rover_release_node', f'bus:={bus}', 'inhibit:=false')
    world.until(lambda: out.get_subscription_count() == 1)  # the driver only: the simulator hears the board
    world.until(lambda: len(world.samples) > 5)
    assert released == []

    def asked():
        out.publish(Bool(data=True))
        return bool(released)
    world.until(asked)

"""The real IMU driver node on the stand-alone emulator, in real time over a pseudo terminal and over UDP."""

import signal
import subprocess
import sys
import time

import pytest
import rclpy
from rclpy.experimental.events_executor import EventsExecutor
from sensor_msgs.msg import Imu

from lander_common.ros.qos import RING

LIMIT = 20.0  # [s] wall time


@pytest.mark.parametrize('kind', [['--pty'], ['--udp', '0']])
def test_imu_over_dds(kind):
    emulator = subprocess.Popen(
        [sys.executable, '-m', 'lander_sim.imu_emulator_main', *kind, '--rate', '0', '0', '3'],
        stdout=subprocess.PIPE, text=True)
    transport = emulator.stdout.readline().strip()
    driver = subprocess.Popen([sys.executable, '-m', 'lander_imu.imu_driver_node', '--ros-args',
                               '-p', f'transport:={transport}'])
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node('listener', context=context)
    executor = EventsExecutor(context=context)
    executor.add_node(node)
    try:
        messages = []
        node.create_subscription(Imu, 'imu', messages.append, RING)
        end = time.monotonic() + LIMIT
        while len(messages) < 50:
            assert time.monotonic() < end, len(messages)
            executor.spin_once(timeout_sec=0.1)
        for m in messages:
            assert m.angular_velocity.z == pytest.approx(0.05235987755982988, abs=1e-6)
            assert m.linear_acceleration.z == pytest.approx(1.622, abs=2e-5)
        for process in (driver, emulator):
            process.send_signal(signal.SIGINT)
            assert process.wait(LIMIT) == 0
    finally:
        for process in (driver, emulator):
            process.kill()
            process.communicate()
        executor.shutdown()
        node.destroy_node()
        rclpy.shutdown(context=context)

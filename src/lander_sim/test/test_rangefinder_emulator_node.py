"""The real node on the stand-alone emulator, in real time: over a pseudo terminal and over UDP."""

import signal
import subprocess
import sys

import pytest
import rclpy
from rclpy.experimental.events_executor import EventsExecutor

from lander_common.ros.qos import RING
from lander_common.ros.time import to_seconds
from lander_msgs.msg import RangeSample

LIMIT = 20.0  # [s] wall time


def start(module, *arguments):
    return subprocess.Popen([sys.executable, '-m', module, *arguments], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize('device, kind, distance', [
    ('vectronix_ascii', ['--pty'], 750.0), ('vectronix_ascii', ['--udp', '0'], 750.0),
    ('lightware_sf45', ['--pty'], 40.0), ('benewake_tf03', ['--udp', '0'], 150.0)])
def test_samples_over_dds(device, kind, distance):
    emulator = start('lander_sim.emulator_main', *kind, '--device', device, '--range', str(distance),
                     '--seed', '5')
    url = emulator.stdout.readline().strip()
    node = start('lander_rangefinder.rangefinder_node', '--ros-args', '-p', f'transport:={url}',
                 '-p', 'trigger:=timer', '-p', 'rate_hz:=5.0', '-p', f'protocol:={device}')
    context = rclpy.Context()
    rclpy.init(context=context)
    listener = rclpy.create_node('listener', context=context)
    executor = EventsExecutor(context=context)
    executor.add_node(listener)
    samples = []
    listener.create_subscription(RangeSample, 'rangefinder/range_sample', samples.append, RING)
    clock = listener.get_clock()
    try:
        end = clock.now().nanoseconds + LIMIT * 1e9
        while len(samples) < 8 and clock.now().nanoseconds < end:
            executor.spin_once(timeout_sec=0.1)
        valid = [s for s in samples if s.validity == RangeSample.VALIDITY_VALID]
        assert len(valid) >= 7, [(s.validity, s.reason) for s in samples]
        assert all(abs(s.range_m - distance) < 3.0 for s in valid)
        assert all(0.005 < to_seconds(s.received) - to_seconds(s.header.stamp) < 1.0 for s in valid)
        for process in (node, emulator):
            process.send_signal(signal.SIGINT)
            assert process.wait(LIMIT) == 0
    finally:
        for process in (node, emulator):
            if process.poll() is None:
                process.kill()
            process.communicate()
        executor.shutdown()
        listener.destroy_node()
        rclpy.shutdown(context=context)

"""The real node on the stand-alone emulators, in real time: over pseudo terminals and over UDP."""

import signal
import subprocess
import sys

import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.experimental.events_executor import EventsExecutor

from lander_common.ros.qos import RING, STATUS
from lander_common.ros.time import to_seconds
from lander_msgs.msg import RangeSample

LIMIT = 20.0  # [s] wall time


class Listener:
    """Hears the samples and the diagnostics of the node, and ends the processes of the test."""

    def __init__(self):
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node('listener', context=self.context)
        self.executor = EventsExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.samples, self.states, self.processes = [], [], []
        self.node.create_subscription(RangeSample, 'rangefinder/range_sample', self.samples.append, RING)
        self.node.create_subscription(
            DiagnosticArray, '/diagnostics', lambda m: self.states.append(m.status[0]), STATUS)

    def start(self, module, *arguments):
        self.processes.append(subprocess.Popen(
            [sys.executable, '-m', module, *arguments], stdout=subprocess.PIPE, text=True))
        return self.processes[-1]

    def start_emulator(self, *arguments):
        """Return the process and the transport that it offers."""
        process = self.start('lander_sim.emulator_main', '--seed', '5', *arguments)
        return process, process.stdout.readline().strip()

    def start_node(self, device, transport):
        return self.start('lander_rangefinder.rangefinder_node', '--ros-args',
                          '-p', f'transport:={transport}',
                          '-p', 'trigger:=timer', '-p', f'protocol:={device}')

    def until(self, met):
        """Spin until `met()`, woken by events; fail after LIMIT."""
        clock = self.node.get_clock()
        end = clock.now().nanoseconds + LIMIT * 1e9
        while not met():
            assert clock.now().nanoseconds < end, [(s.validity, s.reason) for s in self.samples[-9:]]
            self.executor.spin_once(timeout_sec=0.1)

    def valid(self):
        return [s for s in self.samples if s.validity == RangeSample.VALIDITY_VALID]

    def stop(self, process):
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT) == 0

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.communicate()
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)


@pytest.fixture
def listener():
    one = Listener()
    yield one
    one.close()


@pytest.mark.parametrize('device, kind, distance', [
    ('vectronix_ascii', ['--pty'], 750.0), ('vectronix_ascii', ['--udp', '0'], 750.0),
    ('lightware_sf45', ['--pty'], 40.0), ('benewake_tf03', ['--udp', '0'], 150.0)])
def test_samples_over_dds(listener, device, kind, distance):
    emulator, transport = listener.start_emulator(*kind, '--device', device, '--range', str(distance))
    node = listener.start_node(device, transport)
    listener.until(lambda: len(listener.valid()) >= 7)
    assert all(abs(s.range_m - distance) < 3.0 for s in listener.valid())
    delays = sorted(to_seconds(s.received) - to_seconds(s.header.stamp) for s in listener.valid())
    # One node that was stopped between its clock and its line may say less.
    assert delays[len(delays) // 2] > 0.005 and delays[-1] < 1.0
    listener.stop(node)
    listener.stop(emulator)


@pytest.mark.parametrize('device', ['vectronix_ascii', 'noptel', 'lightware_ascii'])
def test_unplugged_and_plugged_in_again(listener, tmp_path, device):
    plug = ['--device', device, '--pty', '--link', str(tmp_path / 'lidar'), '--range', '40']
    emulator, transport = listener.start_emulator(*plug)
    assert transport == f'serial://{tmp_path}/lidar'
    node = listener.start_node(device, transport)
    listener.until(lambda: listener.states and listener.states[-1].level == DiagnosticStatus.OK)
    listener.stop(emulator)
    listener.until(lambda: listener.states[-1].level == DiagnosticStatus.ERROR)
    problem = next(v.value for v in listener.states[-1].values if v.key == 'last_problem')
    assert str(tmp_path / 'lidar') in problem
    seen = len(listener.valid())
    listener.start_emulator(*plug)
    listener.until(lambda: len(listener.valid()) > seen)
    listener.until(lambda: listener.states[-1].level == DiagnosticStatus.OK)
    listener.stop(node)

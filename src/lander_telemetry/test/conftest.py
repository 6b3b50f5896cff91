"""What several tests of the recorder use."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest


def wait_for(condition, timeout=20.0):
    """Wait until `condition()` is true; fail the test if it never becomes so."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.01)
    raise AssertionError(f'nothing happened within {timeout} s')


class NodeProcess:
    """A node of this package as a real process."""

    def __init__(self, module, parameters, **options):
        arguments = ['--ros-args']
        for name, value in parameters.items():
            arguments += ['-p', f'{name}:={value}']
        self._log = tempfile.NamedTemporaryFile('r', encoding='utf-8')  # noqa: SIM115 - closed by close()
        with open(self._log.name, 'w') as output:
            self.process = subprocess.Popen([sys.executable, '-m', f'lander_telemetry.{module}', *arguments],
                                            stdout=output, stderr=subprocess.STDOUT, **options)

    @property
    def output(self):
        """What it has printed so far."""
        return Path(self._log.name).read_text(encoding='utf-8')

    def wait(self, meanwhile=lambda: None):
        """Wait for its end; return exit code and output."""
        wait_for(lambda: meanwhile() or self.process.poll() is not None)
        return self.process.returncode, self.output

    def close(self):
        """Make sure that it is gone."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._log.close()

    def end(self, number=signal.SIGINT):
        """Send a signal and return exit code and output."""
        self.process.send_signal(number)
        return self.wait()


@pytest.fixture
def node_process():
    """Start node processes that are gone after the test."""
    started = []

    def start(module, parameters, **options):
        started.append(NodeProcess(module, parameters, **options))
        return started[-1]

    yield start
    for node in started:
        node.close()


@pytest.fixture
def small_disk(tmp_path):
    """Make small file systems that can really be full; in a name space of their own, without privileges."""
    holders = []

    def make(size):
        place = tmp_path / f'disk{len(holders)}'
        place.mkdir()
        script = f'mount -t tmpfs -o size={size} tmpfs "{place}" && echo mounted && exec cat'
        holders.append(subprocess.Popen(
            ['unshare', '-rm', 'sh', '-c', script], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        if 'mounted' not in (answer := holders[-1].stdout.readline()):
            pytest.skip(f'no file system can be mounted here: {answer.strip()}')
        return Path(f'/proc/{holders[-1].pid}/root{place}')  # into the name space of that process

    yield make
    for holder in holders:
        holder.communicate()  # it ends with its input


@pytest.fixture
def node():
    """Give a ROS node of the test, in a context of its own."""
    rclpy = pytest.importorskip('rclpy')
    context = rclpy.Context()
    context.init()
    made = rclpy.create_node(f'test_{os.getpid()}', context=context)
    yield made
    made.destroy_node()
    context.try_shutdown()


VEHICLE = Path(__file__).parents[3] / 'config/vehicles/resilience.yaml'

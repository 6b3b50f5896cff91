"""The steps of the README for real hardware, run as they stand there, in another ROS domain."""

import contextlib
import os
import re
import signal
import subprocess
import time
import uuid
from pathlib import Path

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import Imu

from lander_common.ros.qos import RING
from lander_system_tests.flight import MARK, marked

ROOT = Path(__file__).parents[3]
DOMAIN = os.environ['ROS_DOMAIN_ID']
MESSAGES = 200  # of imu: 4 s in which a launch that had been told to end would end


class Shell:
    """Runs commands in one folder; all that they start carries one mark."""

    def __init__(self, folder: Path):
        self.folder, self.mark, self.started = folder, uuid.uuid4().hex, []

    def start(self, commands: str) -> subprocess.Popen:
        """Start commands, whose output is that of `wait_for` from now on."""
        commands = re.sub(r'(/tmp/frigoris-\w+)-0', rf'\1-{DOMAIN}', commands)
        commands = commands.replace('launch/landing', f'{ROOT}/launch/landing')
        self.log = self.folder / f'{len(self.started)}.txt'
        with self.log.open('wb') as log:
            self.started.append(subprocess.Popen(
                ['bash', '-ec', commands], cwd=self.folder, stdout=log, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, MARK: self.mark, 'PYTHONUNBUFFERED': '1'}))
        return self.started[-1]

    def wait_for(self, text: str, timeout_s: float) -> None:
        """Wait until what was started last has said `text`."""
        end = time.monotonic() + timeout_s
        while text not in self.log.read_text(encoding='utf-8', errors='replace'):
            assert time.monotonic() < end and self.started[-1].poll() is None, self.log.read_text()
            time.sleep(0.05)

    def pid_of(self, node: str) -> int:
        """Return the process of a node that is there."""
        return next(pid for pid, text in marked(self.mark).items() if f'__node:={node} ' in text)

    def kill(self, node: str) -> None:
        """Kill the process of a node; return when it is gone."""
        pid, end = self.pid_of(node), time.monotonic() + 10.0
        os.kill(pid, signal.SIGKILL)
        while pid in marked(self.mark):
            assert time.monotonic() < end
            time.sleep(0.01)

    def end(self) -> None:
        for process in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.started[-1].wait(20.0)
        for pid in marked(self.mark):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self.started:
            process.wait()


@pytest.fixture
def shell(tmp_path):
    one = Shell(tmp_path)
    yield one
    one.end()


@pytest.fixture(scope='module')
def steps() -> list[str]:
    text = (ROOT / 'README.md').read_text(encoding='utf-8')
    section = text.partition('\n## Real hardware\n')[2].partition('\n## ')[0]
    return re.findall(r'```\n(.*?)```', section, re.DOTALL)


@pytest.fixture
def imu_heard():
    """Messages on imu, spun by `wait_for`."""
    rclpy.init()
    node, heard = Node('listener'), []
    node.create_subscription(Imu, 'imu', heard.append, RING)
    executor = SingleThreadedExecutor()
    executor.add_node(node)

    def wait(count: int) -> bool:
        heard.clear()
        end = time.monotonic() + 30.0
        while len(heard) < count and time.monotonic() < end:
            executor.spin_once(timeout_sec=0.1)
        return len(heard) >= count
    yield wait
    executor.shutdown()
    node.destroy_node()
    rclpy.try_shutdown()


def test_the_preflight_check_says_go_and_may_die_after_it(shell, steps, imu_heard):
    """A real lander flies on without its preflight check and without mission control."""
    shell.start(f'{steps[0]}\nwait')
    launch = shell.start(steps[1])
    shell.wait_for('PREFLIGHT: GO', 100.0)
    shell.kill('preflight')
    shell.kill('mission_control')
    assert imu_heard(MESSAGES), shell.log.read_text()
    for node in ('rangefinder', 'state_estimator', 'guidance', 'thruster_allocator', 'rover_release'):
        assert shell.pid_of(node)
    os.killpg(launch.pid, signal.SIGINT)
    assert launch.wait(30.0) == 130


def test_the_landing_starts(shell, steps):
    files = [line for line in steps[0].splitlines() if line.lstrip().startswith('echo')]
    assert shell.start('\n'.join(files)).wait(10.0) == 0
    shell.start(steps[2])
    shell.wait_for('PREFLIGHT: GO', 100.0)

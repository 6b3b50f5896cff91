"""Nodes as processes: exit codes, messages, signals, and no work while nothing happens."""

import os
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip('rclpy')

PROGRAM = """
import sys
from dataclasses import dataclass
from rclpy.node import Node
from lander_common.parameters import Parameters, parameter
from lander_common.ros.node import finish, run
from lander_common.ros.parameters import declare
from lander_common.yaml_file import read
from std_msgs.msg import Empty

@dataclass(frozen=True)
class P(Parameters):
    gate: float = parameter(5.0, unit='m', minimum=1.0, maximum=20.0, doc='Gate')
    file: str = parameter('', doc='A file to read')
    finish: int = parameter(-1, minimum=-1, maximum=255, doc='Exit code to finish with')

class Example(Node):
    def __init__(self):
        super().__init__('example')
        p = declare(self, P)
        if p.file:
            read(p.file)
        self.create_subscription(Empty, 'nothing', lambda m: None, 1)
        if p.finish >= 0:
            self.create_timer(0.01, lambda: self.end(p.finish))
        print('ready', flush=True)

    def end(self, code):
        finish(code)

    def destroy_node(self):
        print('destroyed', flush=True)
        super().destroy_node()

run(Example)
"""


@pytest.fixture
def start():
    processes = []

    def run(*arguments):
        processes.append(subprocess.Popen([sys.executable, '-c', PROGRAM, '--ros-args', *arguments],
                                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return processes[-1]
    yield run
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _ready(process):
    assert process.stdout.readline() == 'ready\n'


def test_a_bad_parameter_ends_with_2_and_says_why(start):
    process = start('-p', 'gate:=0.5')
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert errors.strip().splitlines()[-1] == (
        'error: arguments of node example: gate = 0.5: allowed is a number from 1 to 20 [m]')
    assert 'Traceback' not in errors


def test_a_missing_file_ends_with_2_and_says_why(start):
    process = start('-p', 'file:=/nowhere/vehicle.yaml')
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert 'error: /nowhere/vehicle.yaml: no such file' in errors


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_with_0_and_destroys_the_node(start, number):
    process = start()
    _ready(process)
    time.sleep(0.5)
    process.send_signal(number)
    output, errors = process.communicate(timeout=5)
    assert process.returncode == 0
    assert output == 'destroyed\n'
    assert 'Traceback' not in errors


def test_finished_ends_with_its_code(start):
    process = start('-p', 'finish:=7')
    process.communicate(timeout=30)
    assert process.returncode == 7


@pytest.mark.skipif(not os.path.isdir('/proc/self'), reason='needs /proc to read the CPU time')
def test_an_idle_node_uses_no_cpu(start):
    process = start()
    _ready(process)
    time.sleep(0.5)
    before = _cpu(process.pid)
    time.sleep(2.0)
    assert _cpu(process.pid) - before < 0.1


def _cpu(pid):
    """CPU time of a process [s]."""
    with open(f'/proc/{pid}/stat') as file:
        parts = file.read().rpartition(')')[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf('SC_CLK_TCK')

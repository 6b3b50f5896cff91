"""Killing nodes: the one of that name in our ROS domain, and nothing else."""

import os
import signal
import subprocess
import sys

import pytest

from lander_sim.node_killer import kill_node

PROGRAM = 'import sys; print("ready", flush=True); sys.stdin.read()'
NAME = f'killed_by_test_{os.getpid()}'  # no node of another test has it
LIMIT = 20.0  # [s]


@pytest.fixture
def start():
    processes = []

    def run(*arguments, domain=None):
        environment = dict(os.environ)
        environment.pop('ROS_DOMAIN_ID', None)
        if domain is not None:
            environment['ROS_DOMAIN_ID'] = domain
        process = subprocess.Popen([sys.executable, '-c', PROGRAM, *arguments], env=environment,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == 'ready\n'
        processes.append(process)
        return process
    yield run
    for process in processes:
        process.communicate(timeout=LIMIT)  # closes its standard input: it ends


def test_only_the_node_of_that_name_and_domain_is_killed(start, monkeypatch):
    monkeypatch.setenv('ROS_DOMAIN_ID', '21')
    target = start('--ros-args', '-r', f'__node:={NAME}', domain='21')
    others = [
        start('--ros-args', '-r', f'__node:={NAME}', domain='22'),
        start('--ros-args', '-r', f'__node:={NAME}'),
        start('--ros-args', '-r', f'__node:={NAME}_2', domain='21'),
        start('--ros-args', '-r', f'__node:=my_{NAME}', domain='21'),
        start(NAME, domain='21'),
    ]
    assert kill_node(NAME) == 1
    assert target.wait(LIMIT) == -signal.SIGKILL
    assert [p.poll() for p in others] == [None] * len(others)


@pytest.mark.parametrize('ours', [None, ''])
def test_no_domain_is_domain_zero(start, monkeypatch, ours):
    monkeypatch.delenv('ROS_DOMAIN_ID', raising=False)
    if ours is not None:
        monkeypatch.setenv('ROS_DOMAIN_ID', ours)
    unset = start(f'__node:={NAME}_0')
    zero = start(f'__node:={NAME}_0', domain='0')
    one = start(f'__node:={NAME}_0', domain='1')
    empty = start(f'__node:={NAME}_0', domain='')
    assert kill_node(f'{NAME}_0') == 3
    assert unset.wait(LIMIT) == zero.wait(LIMIT) == empty.wait(LIMIT) == -signal.SIGKILL
    assert one.poll() is None


def test_a_node_that_is_not_there_is_nothing_to_kill():
    assert kill_node(f'{NAME}_absent') == 0

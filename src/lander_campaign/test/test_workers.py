"""The worker processes. `eval` stands for a flight: tasks can then do what flights must not."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

from lander_campaign.workers import Failure, answers

DIE = "__import__('os').kill(__import__('os').getpid(), {})"


def children() -> set[str]:
    return {pid for f in Path('/proc/self/task').glob('*/children') for pid in f.read_text().split()}


def test_every_task_is_answered_once():
    tasks = [f'{i} ** 2' for i in range(20)]
    assert dict(answers(eval, tasks, 3)) == {f'{i} ** 2': i ** 2 for i in range(20)}


def test_a_process_that_dies_costs_only_its_task():
    before = children()
    tasks = ['1', DIE.format(11), '2', "__import__('os')._exit(3)", '4', DIE.format(9)]
    got = dict(answers(eval, tasks, 2))
    assert [got[t] for t in ('1', '2', '4')] == [1, 2, 4]
    assert got[tasks[1]] == Failure('its process ended by SIGSEGV')
    assert got[tasks[3]] == Failure('its process ended with code 3')
    assert got[tasks[5]] == Failure('its process ended by SIGKILL')
    assert children() == before


def test_last_words_of_a_process_are_part_of_the_reason():
    task = "[print('no memory', file=__import__('sys').stderr, flush=True), __import__('os')._exit(4)]"
    assert dict(answers(eval, [task], 1))[task] == Failure('its process ended with code 4: no memory')


def test_an_exception_is_an_answer():
    assert dict(answers(eval, ['1 / 0'], 1))['1 / 0'] == Failure('ZeroDivisionError: division by zero')


def test_closing_ends_processes_at_work():
    before = children()
    results = answers(eval, ['1', "__import__('time').sleep(100)"], 2)
    assert next(results) == ('1', 1)
    assert len(children() - before) == 2
    results.close()
    assert children() == before


def test_processes_end_when_their_parent_is_killed():
    program = '''
from lander_campaign.workers import answers
results = answers(eval, ["__import__('os').getpid()", "__import__('time').sleep(100)"], 1)
print(next(results)[1], flush=True)
next(results)
'''
    parent = subprocess.Popen([sys.executable, '-c', program], stdout=subprocess.PIPE, text=True)
    worker = os.pidfd_open(int(parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    ended, _, _ = select.select([worker], [], [], 10.0)
    os.close(worker)
    assert ended

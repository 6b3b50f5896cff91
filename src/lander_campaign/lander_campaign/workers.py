"""Processes that call a function, with one task each at a time. One that dies costs its task, no more.

The pools of the standard library end as a whole when one of their processes dies.
"""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any


@dataclass(frozen=True)
class Failure:
    """Instead of an answer: why there is none."""

    reason: str


def answers(function: Callable[[Any], Any], tasks: Iterable[Any], count: int) -> Iterator[tuple[Any, Any]]:
    """Call `function`, one that can be imported, with every task, in `count` processes.

    Yields the task and its answer, or a Failure, as they come. Close the generator to end all processes; when
    this process dies, they end too. Ctrl-C reaches only this process.
    """
    waiting = iter(tasks)
    staff: list[_Worker] = []
    busy: dict[Connection, _Worker] = {}

    def hire() -> _Worker:
        staff.append(_Worker(function))
        return staff[-1]

    def assign(worker: _Worker, task: Any) -> None:
        busy[worker.link] = worker
        worker.give(task)

    try:
        for task in islice(waiting, count):
            assign(hire(), task)
        while busy:
            for link in wait(list(busy)):
                worker = busy.pop(link)
                task, answer = worker.task, worker.take()
                for following in islice(waiting, 1):
                    assign(worker if worker.alive else hire(), following)
                yield task, answer
    finally:
        for worker in staff:
            worker.end()


class _Worker:
    def __init__(self, function: Callable[[Any], Any]):
        self.link, other = Pipe()
        self.task: Any = None
        self.alive = True
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, '-m', 'lander_campaign.worker', str(other.fileno())], pass_fds=[other.fileno()],
            stdin=subprocess.PIPE, stdout=self._log, stderr=self._log, start_new_session=True)
        other.close()
        self._send(function)

    def give(self, task: Any) -> None:
        self.task = task
        self._send(task)

    def take(self) -> Any:
        try:
            return self.link.recv()
        except (EOFError, OSError):
            return Failure(self._why_dead())

    def end(self) -> None:
        """End it now, if it still lives."""
        self.alive = False
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._log.close()
        self.link.close()

    def _send(self, data: Any) -> None:
        with suppress(OSError):  # it has died; `take` says why
            self.link.send(data)

    def _why_dead(self) -> str:
        self.link.close()
        code = self._process.wait()
        self._log.seek(0)
        words = self._log.read().decode(errors='replace').strip().splitlines()[-1:]
        self.end()
        how = f'by {signal.Signals(-code).name}' if code < 0 else f'with code {code}'
        return ': '.join([f'its process ended {how}', *words])

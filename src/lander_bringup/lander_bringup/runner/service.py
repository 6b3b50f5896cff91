"""Runs all processes of a plan together and decides when, and with which exit code, the launch ends."""

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path

from lander_bringup.runner import guardian
from lander_bringup.runner.output import Screen
from lander_bringup.runner.plan import Plan
from lander_bringup.runner.process import CANNOT_START, REFUSED, Process, describe

START_UP = 5.0
"""A node that fails by itself in its first seconds [s] ends the launch: it was never there."""


class Service:
    """One launch.

    It ends when a process with `on_exit: shutdown` ends, or when any process cannot start. A process that
    dies later, or is killed, is missed by the others at most: scenarios kill nodes on purpose.
    """

    def __init__(self, plan: Plan, log_dir: Path):
        """Prepare; output files go to `log_dir`."""
        self._plan, self._log_dir, self._screen = plan, log_dir, Screen()
        self._code: int | None = None
        self._first_failure = 0
        self._end = asyncio.Event()
        self._interrupts = 0
        self._processes: list[Process] = []

    async def run(self) -> int:
        """Run to the end and return the exit code of the launch.

        Returns:
            The code of the process that ended the launch; 130 after Ctrl-C, 143 after SIGTERM, but REFUSED
            if a process said so; if all ended by themselves, the code of the first that failed. 128 + n after
            signal n.
        """
        for message in self._plan.messages:
            self._screen.line('launch', message)
        if self._plan.shutdown:
            self._screen.line('launch', f'{self._plan.shutdown}: shutdown')
            return 1
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._interrupted, number)
        self._log_dir.mkdir(parents=True, exist_ok=True)
        watcher = subprocess.Popen(
            [sys.executable, '-I', '-S', guardian.__file__], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            await self._run_processes(watcher.stdin.fileno())
        finally:
            watcher.stdin.close()
            watcher.wait()
        return self._first_failure if self._code is None else self._code

    async def _run_processes(self, guardian_fd: int) -> None:
        self._processes = [Process(spec, self._screen, self._log_dir, guardian_fd)
                           for spec in self._plan.processes]
        runs = [asyncio.create_task(self._watch(process)) for process in self._processes]
        everything = asyncio.gather(*runs)
        ended = asyncio.create_task(self._end.wait())
        await asyncio.wait([everything, ended], return_when=asyncio.FIRST_COMPLETED)
        await asyncio.gather(*(process.stop() for process in self._processes))
        await everything
        ended.cancel()

    async def _watch(self, process: Process) -> None:
        start = time.monotonic()
        code = await process.run()
        if code == REFUSED:
            self._code = code  # though an interrupt came before it
        if process.stopping:
            return
        required = process.spec.shutdown_on_exit
        if code != 0 and not required:
            self._screen.line(process.spec.name, describe(code))
            self._first_failure = self._first_failure or _exit_code(code)
        failed_to_start = code == CANNOT_START or (code > 0 and time.monotonic() - start < START_UP)
        if required or failed_to_start:
            self._finish(code)

    def _finish(self, code: int) -> None:
        if self._code is None:
            self._code = _exit_code(code)
        self._end.set()

    def _interrupted(self, number: int) -> None:
        self._interrupts += 1
        self._finish(-number)
        if self._interrupts > 1:
            for process in self._processes:
                process.kill()


def _exit_code(code: int) -> int:
    return 128 - code if code < 0 else code


def run(plan: Plan, log_dir: Path) -> int:
    """Run a plan and return the exit code of the launch."""
    async def main() -> int:
        return await Service(plan, log_dir).run()
    return asyncio.run(main())

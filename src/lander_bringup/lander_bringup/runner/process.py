"""One process of a launch: started in its own process group, watched, and ended with all its children."""

import asyncio
import contextlib
import os
import signal
import subprocess
from pathlib import Path

from lander_bringup.runner.output import Screen, Sink, sinks
from lander_bringup.runner.plan import ProcessSpec

CANNOT_START = 2
"""Exit code of a node that refuses its parameters or files. Starting it again would not help."""
REFUSED = 4
"""Exit code of the preflight check after NO GO; it has interrupted the launch, as `ros2 launch` needs it."""
NOT_FOUND = 127
"""Exit code in place of one, if the process could not be started at all."""


class Process:
    """Runs a ProcessSpec, again and again if it asks for that, until it is told to stop."""

    def __init__(self, spec: ProcessSpec, screen: Screen, log_dir: Path, guardian_fd: int):
        """Prepare; `guardian_fd` is the pipe to the guardian."""
        self.spec = spec
        self._screen, self._guardian = screen, guardian_fd
        self._log_file = log_dir / f'{spec.name}.log'
        self._process: subprocess.Popen | None = None
        self._exited = asyncio.Event()
        self._stop = asyncio.Event()
        self._sinks: tuple[Sink, ...] = ()

    @property
    def stopping(self) -> bool:
        """Whether it was told to end."""
        return self._stop.is_set()

    async def run(self) -> int:
        """Run to the end; return the last exit code, -n after signal n."""
        retries = 0
        while True:
            code = await self._run_once()
            limit = self.spec.respawn_max_retries
            if not self.spec.respawn or 0 <= limit <= retries or code in (CANNOT_START, NOT_FOUND):
                return code
            if not self.stopping:
                retries += 1
                self._screen.line(self.spec.name, f'{describe(code)}: starts again')
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), self.spec.respawn_delay)
            if self.stopping:
                return code

    async def stop(self) -> None:
        """Send SIGINT to the group, then SIGTERM, then SIGKILL, each if the one before did not help."""
        self._stop.set()
        if self.spec.output == 'log':
            for sink in self._sinks:  # what a process says when it is cut short is for the log file only
                sink.hide()
        for number, patience in ((signal.SIGINT, self.spec.sigterm_timeout),
                                 (signal.SIGTERM, self.spec.sigkill_timeout)):
            if not self._signal(number):
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._exited.wait(), patience)
                return
            self._screen.line(self.spec.name, f'still runs {patience:g} s after {number.name}')
        self._signal(signal.SIGKILL)

    def kill(self) -> None:
        """End it at once."""
        self._stop.set()
        self._signal(signal.SIGKILL)

    async def _run_once(self) -> int:
        spec = self.spec
        inherits = spec.emulate_tty and spec.output == 'screen' and self._screen.is_terminal
        self._screen.shared |= inherits
        stream = None if inherits else subprocess.PIPE
        with contextlib.ExitStack() as stack:
            log = None if spec.output == 'screen' else stack.enter_context(self._log_file.open('ab', 0))
            try:
                process = stack.enter_context(subprocess.Popen(
                    spec.command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, cwd=spec.cwd,
                    env=spec.environment, process_group=0, preexec_fn=self._announce))
            except (OSError, subprocess.SubprocessError) as error:
                self._screen.line(spec.name, f'cannot start: {error}')
                return NOT_FOUND
            self._process = process
            self._exited.clear()
            self._sinks = sinks(spec, self._screen, log)
            pumps = [] if inherits else [
                asyncio.create_task(_pump(pipe.fileno(), sink))
                for pipe, sink in zip((process.stdout, process.stderr), self._sinks)]
            await _exit_of(process.pid)
            self._signal(signal.SIGKILL)  # children that it left behind
            process.wait()
            if pumps:
                _, open_pumps = await asyncio.wait(pumps, timeout=1.0)
                for pump in open_pumps:  # a child that left the group holds the pipe
                    pump.cancel()
        os.write(self._guardian, b'-%d\n' % process.pid)
        self._process = None
        self._exited.set()
        return process.returncode

    def _announce(self) -> None:
        # In the new process, before anything else: from here on the guardian knows it.
        os.write(self._guardian, b'+%d\n' % os.getpid())

    def _signal(self, number: int) -> bool:
        if self._process is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
            return True
        return False


async def _exit_of(pid: int) -> None:
    """Wait for the end of a child without reaping it, so that its group cannot be another's yet."""
    fd = os.pidfd_open(pid)
    try:
        await _readable(fd)
    finally:
        os.close(fd)


async def _pump(fd: int, sink: Sink) -> None:
    try:
        while True:
            await _readable(fd)
            data = os.read(fd, 1 << 16)
            if not data:
                break
            sink.write(data)
    finally:
        sink.close()


async def _readable(fd: int) -> None:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(fd, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(fd)


def describe(code: int) -> str:
    """Say an exit code in words: `exit code 3`, `SIGKILL`."""
    return f'exit code {code}' if code >= 0 else signal.Signals(-code).name

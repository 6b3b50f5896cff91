"""Whole flights as tests see them: `frigoris land` in a process of its own, and what it leaves."""

import contextlib
import json
import os
import re
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lander_bringup import places

MARK = 'FRIGORIS_FLIGHT'
"""Environment variable that all processes of one flight share, and no others."""

_STOP_S = 20.0  # [s] from SIGINT to SIGKILL
_GONE_S = 3.0  # [s] the guardian of the runner may take two
_PHASE = re.compile(r'T\+ *([0-9.]+) s  ([A-Z_]+): ')
_BAG_FILE = 'bag_0.mcap'

Overrides = dict[str, dict[str, Any]]  # node -> parameter -> value


@dataclass(frozen=True)
class FlightResult:
    """A flight that has ended."""

    returncode: int
    output: str  # standard output and error
    folder: Path | None  # None: it was refused before it had one
    left_behind: list[str]  # commands of processes that were still there after it
    wall_s: float

    @property
    def summary(self) -> dict[str, Any] | None:
        """Content of summary.json; None if there is none."""
        path = self.folder / 'summary.json' if self.folder else None
        return json.loads(path.read_text(encoding='utf-8')) if path and path.is_file() else None

    @property
    def bag(self) -> Path:
        """Folder of the bag, whether it exists or not."""
        return self.folder / 'bag'

    @property
    def phases(self) -> list[str]:
        """Names of the phases, in the order in which the screen told of them."""
        return [name for _, name in _PHASE.findall(self.output)]

    @property
    def bag_file(self) -> Path:
        """The MCAP file of the bag."""
        return self.bag / _BAG_FILE


class Flight:
    """A flight under way."""

    def __init__(self, flights: Path, *options: str, scenario: str = 'nominal', seed: int = 1,
                 parameters: Overrides | None = None):
        """Start `frigoris land` with a folder of flights of its own.

        Args:
            flights: where the folder of the flight is made; created if it is not there.
            options: further arguments of `frigoris land`.
            scenario: name of a scenario of the project.
            seed: of everything random.
            parameters: what the nodes get differently than in landing.params.yaml.
        """
        flights.mkdir(parents=True, exist_ok=True)
        self._flights, self._begin, self._mark = flights, time.monotonic(), uuid.uuid4().hex
        if parameters:
            file = flights / f'{self._mark}.params.yaml'
            file.write_text(with_parameters(_default_parameters(), parameters), encoding='utf-8')
            options = (*options, f'params_file:={file}')
        self.log = flights / f'{self._mark}.txt'
        with self.log.open('wb') as log:
            self.process = subprocess.Popen(
                ['frigoris', 'land', '--scenario', scenario, '--seed', str(seed), '--flights', str(flights),
                 *options],
                stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, MARK: self._mark, 'PYTHONUNBUFFERED': '1'})

    def wait_for(self, text: str, timeout_s: float) -> None:
        """Wait until the output holds `text`.

        Raises:
            TimeoutError: the flight ended, or took too long, without it.
        """
        end = time.monotonic() + timeout_s
        while text not in self.output:
            if time.monotonic() > end or self.process.poll() is not None:
                raise TimeoutError(f'no {text!r} within {timeout_s:g} s:\n{self.output}')
            time.sleep(0.05)

    def result(self, timeout_s: float) -> FlightResult:
        """Wait for the end.

        Raises:
            subprocess.TimeoutExpired: the flight took too long; it is over then.
        """
        try:
            code = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            error.output = self.output
            raise
        finally:
            wall = time.monotonic() - self._begin
            left = self._left_behind()
            self.stop()
        return FlightResult(code, self.output, self._folder(), left, wall)

    def stop(self) -> None:
        """End whatever is still there, the runner first."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_STOP_S)
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def processes(self) -> dict[int, str]:
        """Return process ids and commands of everything that belongs to this flight."""
        return marked(self._mark)

    @property
    def output(self) -> str:
        """What it has said so far."""
        return self.log.read_text(encoding='utf-8', errors='replace')

    def _folder(self) -> Path | None:
        latest = self._flights / 'latest'
        return latest.resolve() if latest.is_symlink() else None

    def _left_behind(self) -> list[str]:
        end = time.monotonic() + _GONE_S
        while (left := self.processes()) and time.monotonic() < end:
            time.sleep(0.05)
        return list(left.values())


@contextlib.contextmanager
def flying(flights: Path, *options: str, **keywords: Any) -> Iterator[Flight]:
    """Start a flight as `Flight` does; whatever happens, nothing of it is left at the end of the block."""
    flight = Flight(flights, *options, **keywords)
    try:
        yield flight
    finally:
        flight.stop()


def fly(flights: Path, *options: str, timeout_s: float = 900.0, **keywords: Any) -> FlightResult:
    """Fly to the end; arguments as of `Flight`."""
    with flying(flights, *options, **keywords) as flight:
        return flight.result(timeout_s)


def marked(mark: str) -> dict[int, str]:
    """Return process ids and commands of all processes that have this MARK in their environment."""
    wanted, found = f'{MARK}={mark}'.encode(), {}
    for folder in Path('/proc').glob('[0-9]*'):
        with contextlib.suppress(OSError):  # gone, or not ours
            if wanted in (folder / 'environ').read_bytes().split(b'\0'):
                command = (folder / 'cmdline').read_bytes().replace(b'\0', b' ').decode(errors='replace')
                found[int(folder.name)] = command.strip()
    return found


def with_parameters(text: str, parameters: Overrides) -> str:
    """Return a parameter file with some values changed or added.

    It is changed as text: read as YAML, `"$(var bag)"` would lose its quotes, and become null when empty.
    """
    sections = {s.partition(':')[0]: s for s in re.split(r'(?m)^(?=\w+:$)', text)}
    for node, values in parameters.items():
        section = sections.get(node, f'{node}:\n  ros__parameters:\n')
        for name, value in values.items():
            line = f'    {name}: {json.dumps(value)}\n'
            section, found = re.subn(rf'(?m)^    {name}:.*\n', lambda _, line=line: line, section)
            section += '' if found else line
        sections[node] = section
    return ''.join(sections.values())


def _default_parameters() -> str:
    return places.launch_file('landing.params.yaml').read_text(encoding='utf-8')

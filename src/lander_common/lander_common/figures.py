"""Measured figures: benchmarks report them here, and benchmarks/run.py collects them."""

import dataclasses
import json
import os
import sys
from pathlib import Path

COLLECTION = 'FRIGORIS_FIGURES'
"""Environment variable: the file to which figures are added, one JSON object a line."""


@dataclasses.dataclass(frozen=True)
class Figure:
    """One measured number, and what a peer reached in the same run."""

    name: str
    value: float
    unit: str
    peer: str = ''  # name and version; empty: none was measured
    peer_value: float | None = None  # in the same unit
    command: str = ''  # that makes it

    @property
    def ratio(self) -> float | None:
        """`peer_value` over `value`."""
        return None if self.peer_value is None or not self.value else self.peer_value / self.value

    def as_dict(self) -> dict[str, str | float | None]:
        """Return the fields and the ratio."""
        values = dataclasses.asdict(self)
        command = values.pop('command')
        return {**values, 'ratio': self.ratio, 'command': command}


def report(name: str, value: float, unit: str, peer: str = '', peer_value: float | None = None) -> None:
    """Print a figure, and add it to the collection if there is one. The command is the running script."""
    script = Path(sys.argv[0])
    figure = Figure(name, float(value), unit, peer, None if peer_value is None else float(peer_value),
                    f'python {"/".join(script.absolute().parts[-4:])}')
    beside = '' if figure.ratio is None else f'; {peer}: {peer_value:.4g} {unit}, ratio {figure.ratio:.3g}'
    print(f'{name}: {value:.4g} {unit}{beside}', flush=True)
    if COLLECTION in os.environ:
        with Path(os.environ[COLLECTION]).open('a', encoding='utf-8') as file:
            file.write(json.dumps(figure.as_dict()) + '\n')


def cpu_time(pid: int) -> float:
    """Return the time [s] that a process has been running on any core."""
    fields = Path(f'/proc/{pid}/stat').read_text('utf-8').rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

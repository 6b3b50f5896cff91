"""What substitutions see: launch configurations, environment, the current file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Context:
    """State while a launch file is worked through from top to bottom."""

    def __init__(self, configurations: dict[str, str], environment: dict[str, str], scratch: Path):
        """Start from the arguments of the launch; parameter files are written to `scratch`."""
        self.configurations: dict[str, Any] = dict(configurations)
        self.environment = dict(environment)
        self.scratch = scratch
        self.file = Path()
        self.names: dict[str, int] = {}

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Undo changes of configurations and environment at the end, as a group does.

        Lists in the configurations (parameters and remappings for all nodes) are shared with the outer
        scope once that has some: `ros2 launch` does it like this.
        """
        outer = dict(self.configurations), dict(self.environment)
        yield
        self.configurations, self.environment = outer

    def unique(self, name: str) -> str:
        """Return `name`, with a number behind it from its second use on."""
        self.names[name] = count = self.names.get(name, 0) + 1
        return name if count == 1 else f'{name}-{count}'

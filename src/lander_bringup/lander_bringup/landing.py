"""One flight from start to verdict: the folder, the launch, the exit code."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import yaml

from lander_bringup.runner.main import launch
from lander_campaign.software import Software, parse
from lander_common.parameters import ParameterError


def ros2_launch() -> str | None:
    """Return the command `ros2`, if this machine has it with `launch`; else the runner is used."""
    return shutil.which('ros2') if find_spec('launch_ros') and find_spec('ros2launch') else None


def run_launch(file: Path, arguments: list[str], show_arguments: bool = False) -> int:
    """Run a launch file with `ros2 launch`, or with the runner where there is none."""
    command = ros2_launch()
    if command is None:
        return launch(file, arguments, show_arguments)
    options = ['--show-args'] if show_arguments else ['--noninteractive']
    child = subprocess.Popen([command, 'launch', *options, str(file), *arguments], process_group=0)
    got: list[int] = []

    def forward(number: int, frame: object) -> None:
        got.append(number)
        child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, forward)
    code = child.wait()
    return 128 + got[0] if got else code


def fly(file: Path, arguments: dict[str, str], flight: Path) -> int:
    """Launch a landing with its logs in the folder `flight`.

    Returns:
        0 if the flight passed, 1 if not, 2 if it could not start, 130 after Ctrl-C.
    """
    os.environ['ROS_LOG_DIR'] = str(flight / 'log')
    os.environ['PYTHONUNBUFFERED'] = '1'
    code = run_launch(file, [f'{name}:={value}' for name, value in arguments.items()])
    if code == 0 and not passed(flight):
        # ros2 launch returns 0 whatever its nodes said.
        return 1
    return code


def write_parameters(base: Path, settings: Sequence[str], target: Path) -> None:
    """Write the node parameters of the file `base` to `target`, with `settings` changed.

    Raises:
        ParameterError: names the setting, and what is allowed.
    """
    software = Software().changed(settings)  # refuses what the nodes would refuse
    text = base.read_text(encoding='utf-8')
    lines, content = text.splitlines(), yaml.safe_load(text)
    # Written between the lines: a YAML library would drop the quotes that substitutions need.
    marks = {node.value: value.value[0][1].start_mark for node, value in yaml.compose(text).value}
    for node, values in sorted(parse(settings).items(), key=lambda item: -marks[item[0]].line):
        for name in values:
            value = getattr(getattr(software, node), name)  # of the type that the node declares
            if name in content[node]['ros__parameters']:
                raise ParameterError(f'{node}.{name}', value, f'to be changed in a copy of {base} only')
            lines.insert(marks[node].line, f'{" " * marks[node].column}{name}: {json.dumps(value)}')
    target.write_text('\n'.join(lines) + '\n', encoding='utf-8')


def passed(flight: Path) -> bool:
    """Return the verdict that mission control wrote; without one the flight has not passed."""
    try:
        return json.loads((flight / 'summary.json').read_text(encoding='utf-8'))['passed'] is True
    except (OSError, ValueError, KeyError):
        return False

"""The command line of the runner: `launch FILE name:=value ...`, as `frigoris launch` and in programs."""

import os
import sys
from pathlib import Path

from lander_bringup.runner import launch_file, service
from lander_bringup.runner.output import log_directory
from lander_bringup.runner.problem import LaunchError


def launch(file: Path, arguments: list[str], show_arguments: bool = False) -> int:
    """Run a launch file.

    Returns:
        The exit code: that of the process whose `on_exit: shutdown` ended the launch, 2 for a file or
        arguments that cannot be used or a node that cannot start, 130 after Ctrl-C.
    """
    try:
        if show_arguments:
            print(launch_file.show_arguments(file))
            return 0
        log_dir = log_directory(dict(os.environ))
        given = launch_file.parse_arguments(arguments)
        plan = launch_file.make_plan(file, given, dict(os.environ), log_dir)
    except LaunchError as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    return service.run(plan, log_dir)

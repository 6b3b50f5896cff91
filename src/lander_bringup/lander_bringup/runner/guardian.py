"""A small process that outlives the runner: if the runner is killed, it ends what the runner started.

It is run as a script, reads lines `+PGID` and `-PGID` from its standard input, and at the end of the input
sends SIGINT, and SIGKILL after two seconds, to the process groups that are still open.
"""

import contextlib
import os
import signal
import sys
import time

GRACE = 2.0  # [s]


def main() -> None:
    """Watch until the runner is gone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups = set()
    for line in sys.stdin:
        (groups.add if line[0] == '+' else groups.discard)(int(line[1:]))
    end = time.monotonic() + GRACE
    send(groups, signal.SIGINT)
    while send(groups, 0) and time.monotonic() < end:
        time.sleep(0.02)
    send(groups, signal.SIGKILL)


def send(groups: set[int], number: int) -> bool:
    """Send a signal to every group; return whether one of them has processes left."""
    alive = False
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)
            alive = True
    return alive


if __name__ == '__main__':
    main()

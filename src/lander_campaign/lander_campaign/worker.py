"""The program of a worker process: python -m lander_campaign.worker FILE_DESCRIPTOR."""

import os
import sys
from multiprocessing.connection import Connection
from threading import Thread

from lander_campaign.workers import Failure


def main() -> None:
    """Receive a function, then call it with each task that comes, until the link is closed."""
    Thread(target=_end_with_parent, daemon=True).start()
    link = Connection(int(sys.argv[1]))
    function = link.recv()
    while True:
        try:
            task = link.recv()
        except EOFError:
            return
        try:
            answer = function(task)
        except Exception as error:
            answer = Failure(f'{type(error).__name__}: {error}')
        link.send(answer)


def _end_with_parent() -> None:
    """Wait for the end of standard input: it comes when the parent ends, in whatever way."""
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == '__main__':
    main()

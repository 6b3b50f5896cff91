"""Starting nodes: events executor, clean end on Ctrl-C and SIGTERM, clear errors."""

import gc
import signal
import sys
import time
from collections.abc import Callable

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.experimental.events_executor import EventsExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future

from lander_common.parameters import ParameterError
from lander_common.yaml_file import FileError

# Signals are seen between two waits. A wait without end makes rclpy 7.1.6 spin a core and call nothing.
_LONGEST_WAIT = 0.2  # [s]
_QUIET, _LONGEST_DRAIN = 0.2, 5.0  # [s]; lost packets are repeated within the first

_codes: list[int] = []  # what `finish` was given; the first counts
_wait = Future()  # done: the wait under way ends


def finish(code: int = 0) -> None:
    """End the process with this exit code, as soon as the callback that says so has returned."""
    _codes.append(code)
    _wait.set_result(None)


def run(*factories: Callable[[], Node], received: Callable[[Node], int] | None = None) -> None:
    """Make the nodes, spin them on one events executor, and exit the process.

    `received`: how many messages a node has processed; when the end is asked for, it goes on, for some
    seconds at most, until no more come.

    Exit codes: 0 after SIGINT or SIGTERM, 2 for a bad parameter or file, else what `finish` was given.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: finish(0))
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    nodes: list[Node] = []
    executor = EventsExecutor()
    try:
        for factory in factories:
            nodes.append(factory())
            executor.add_node(nodes[-1])
        # What is there now stays: the collector need not look at it again in the middle of a flight.
        gc.collect()
        gc.freeze()
        _spin(executor)
        if received:
            _drain(executor, lambda: sum(map(received, nodes)))
    except (ParameterError, FileError) as error:
        print(f'error: {error}', file=sys.stderr)
        finish(2)
    except ExternalShutdownException:
        finish(0)
    finally:
        executor.shutdown()  # else it holds on to what the nodes destroy
        for node in nodes:
            node.destroy_node()
        rclpy.try_shutdown()
    sys.exit(_codes[0])


def _spin(executor: EventsExecutor) -> None:
    global _wait
    while not _codes:
        executor.spin_until_future_complete(_wait, timeout_sec=_LONGEST_WAIT)
        _wait = Future()  # each wait leaves a callback on its future


def _drain(executor: EventsExecutor, received: Callable[[], int]) -> None:
    end, before = time.monotonic() + _LONGEST_DRAIN, -1
    while (now := received()) != before and time.monotonic() < end:
        before = now
        executor.spin_until_future_complete(Future(), timeout_sec=_QUIET)

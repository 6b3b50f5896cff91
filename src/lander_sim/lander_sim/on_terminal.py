"""Emulators that are started by hand: until Ctrl-C, with a line of output for each change."""

import signal
import threading
import time
from collections.abc import Callable, Sequence

import click

from lander_common.canbus.bus import CanBus, CanBusError
from lander_sim.devices.on_can import CanDevice, serve


def until_interrupted() -> threading.Event:
    """Return an event that Ctrl-C and SIGTERM set, instead of ending the process."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return ended


def serve_on_can(bus: CanBus, devices: Sequence[CanDevice], title: str, picture: Callable[[], str]) -> None:
    """Let devices live on a bus that is not open yet; show `title`, then time and `picture` at each change.

    Raises:
        click.ClickException: the bus cannot be opened.
    """
    try:
        bus.open()
    except CanBusError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f'{title}; Ctrl-C ends', err=True)
    ended, shown = until_interrupted(), ''

    def look() -> bool:
        nonlocal shown
        state = picture()
        if state != shown:
            shown = state
            click.echo(f'{time.monotonic():.4f} {state}')
        return ended.is_set()

    serve(bus, devices, look)

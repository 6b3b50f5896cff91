"""Stand-alone range finder emulator: try the real driver without the device."""

import math
import time
from pathlib import Path

import click
import numpy as np

from lander_common.parameters import ParameterError
from lander_common.transport import Listener, TransportError, listen_transport
from lander_rangefinder.parameters import OF_DEVICE
from lander_rangefinder.protocols import OURS
from lander_sim.devices.emulator import Emulator, make_emulator
from lander_sim.devices.parameters import EmulatorParameters
from lander_sim.on_terminal import until_interrupted
from lander_sim.sensors.laser import LaserModel, LaserParameters

_PERIOD = 0.002  # [s] the protocol wants an acknowledgement within 10 ms


@click.command(context_settings={'help_option_names': ['-h', '--help']})
@click.option('--device', type=click.Choice(list(OURS)), default='vectronix_ascii', show_default=True,
              help='Device, by the name of its protocol.')
@click.option('--pty', is_flag=True, help='Make a pseudo terminal, which looks like a serial port.')
@click.option('--link', type=click.Path(path_type=Path), metavar='PATH',
              help='With --pty: a symbolic link to it, so that its name stays the same.')
@click.option('--udp', type=click.IntRange(0, 65535), metavar='PORT', help='Listen on this UDP port.')
@click.option('--range', 'range_m', type=click.FloatRange(0.01, 1e5), default=500.0, show_default=True,
              help='Slant range to the ground at the start [m].')
@click.option('--sink', type=float, default=0.0, show_default=True,
              help='How fast the range gets shorter [m/s]; it stops at 1 m.')
@click.option('--incidence', type=click.FloatRange(0, 89), default=0.0, show_default=True,
              help='Angle between beam and ground normal [deg].')
@click.option('--rated-range', type=click.FloatRange(1, 1e5), default=3000.0, show_default=True,
              help='Range at which 90 % of the shots give an echo [m].')
@click.option('--loss', type=click.FloatRange(0, 100), default=0.0, show_default=True,
              help='Loss of signal [dB]; 10.5 turns 3000 m into 893 m, as in HAKUTO-R Mission 2.')
@click.option('--dropout', type=click.FloatRange(0, 1), default=0.0, show_default=True,
              help='Share of echoes that get lost; 1 for no return at all.')
@click.option('--latency', type=click.FloatRange(0, 10), default=None, show_default='that of the device',
              help='From the question, or from the pulse if the device streams, to the answer [s].')
@click.option('--seed', type=click.IntRange(0), default=1, show_default=True, help='Of the noise.')
def main(device: str, pty: bool, link: Path | None, udp: int | None, range_m: float, sink: float,
         incidence: float, rated_range: float, loss: float, dropout: float, latency: float | None,
         seed: int) -> None:
    """Emulate a laser range finder in real time, until Ctrl-C.

    In one terminal start the emulator; its first line of output is the transport to use:

    \b
        rangefinder_emulator --device vectronix_ascii --pty --range 1500 --sink 40

    In another start the range finder node on it, and watch the samples:

    \b
        rangefinder --ros-args -p transport:=serial:///dev/pts/N -p protocol:=NAME -p trigger:=timer
        ros2 topic echo /rangefinder/range_sample

    You can also talk to a vectronix_ascii by hand. `>LM,Md,3*D5` and Return asks for a range:

    \b
        screen /dev/pts/N 115200
    """  # noqa: D301 - click wants the backspaces
    if pty == (udp is not None):
        raise click.UsageError('choose one of --pty and --udp PORT')
    if link is not None and not pty:
        raise click.UsageError('--link PATH needs --pty')
    try:
        url = f'pty:{link.absolute() if link else ""}' if pty else f'udp://127.0.0.1:{udp}'
        end = listen_transport(url)
        laser = LaserModel(LaserParameters(rated_range_m=rated_range, degradation_db=loss),
                           np.random.default_rng(seed))
        parameters = EmulatorParameters(device, OF_DEVICE if latency is None else latency)
        emulator = make_emulator(parameters, laser, end)
    except (TransportError, ParameterError) as error:
        raise click.ClickException(str(error)) from error
    laser.set_fault('dropout', dropout)
    click.echo(f'serial://{end.path}' if pty else end.url)
    click.echo(f'range {range_m:g} m, sink rate {sink:g} m/s, loss {loss:g} dB; Ctrl-C ends', err=True)
    _run(emulator, end, range_m, sink, math.cos(math.radians(incidence)))


def _run(device: Emulator, link: Listener, range_m: float, sink: float, cosine: float) -> None:
    ended = until_interrupted()
    start = time.monotonic()

    def measure() -> tuple[float, float]:
        return max(1.0, range_m - sink * (time.monotonic() - start)), cosine

    while not ended.wait(_PERIOD):
        device.step(time.monotonic() - start, measure)
    link.close()


if __name__ == '__main__':
    main()

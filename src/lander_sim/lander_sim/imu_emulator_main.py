"""Stand-alone IMU emulator: try the real driver without the device."""

import math
import time
from pathlib import Path

import click

from lander_common.transport import TransportError, listen_transport
from lander_sim.devices.stim300 import Stim300Emulator
from lander_sim.on_terminal import until_interrupted

_PERIOD = 0.002  # [s]
_LONGEST = 0.05  # [s] of motion sent at once: more does not fit into the buffer of a pseudo terminal


@click.command(context_settings={'help_option_names': ['-h', '--help']})
@click.option('--pty', is_flag=True, help='Make a pseudo terminal, which looks like a serial port.')
@click.option('--link', type=click.Path(path_type=Path), metavar='PATH',
              help='With --pty: a symbolic link to it, so that its name stays the same.')
@click.option('--udp', type=click.IntRange(0, 65535), metavar='PORT', help='Listen on this UDP port.')
@click.option('--sample-rate', type=click.Choice(['125', '250', '500', '1000', '2000']), default='500',
              show_default=True, help='Samples a second.')
@click.option('--rate', type=float, nargs=3, default=(0.0, 0.0, 0.0), show_default=True,
              help='Angular rate about x, y, z [deg/s].')
@click.option('--force', type=float, nargs=3, default=(0.0, 0.0, 1.622), show_default=True,
              help='Specific force along x, y, z [m/s^2]; at rest on the Moon by default.')
def main(pty: bool, link: Path | None, udp: int | None, sample_rate: str, rate: tuple[float, ...],
         force: tuple[float, ...]) -> None:
    """Emulate a STIM300 in real time, until Ctrl-C.

    In one terminal start the emulator; its first line of output is the transport to use:

    \b
        imu_emulator --pty

    In another start the driver on it, and watch:

    \b
        imu_driver --ros-args -p transport:=serial:///dev/pts/N
        ros2 topic echo /imu
    """  # noqa: D301 - click wants the backspaces
    if pty == (udp is not None):
        raise click.UsageError('choose one of --pty and --udp PORT')
    if link is not None and not pty:
        raise click.UsageError('--link PATH needs --pty')
    try:
        end = listen_transport(f'pty:{link.absolute() if link else ""}' if pty else f'udp://127.0.0.1:{udp}')
    except TransportError as error:
        raise click.ClickException(str(error)) from error
    device = Stim300Emulator(end, int(sample_rate))
    click.echo(f'serial://{end.path}' if pty else end.url)
    ended = until_interrupted()
    motion = tuple(math.radians(r) for r in rate), force
    last = time.monotonic()
    while not ended.wait(_PERIOD):
        answers, now = device.hear(), time.monotonic()
        while last < now:
            dt = min(now - last, _LONGEST)
            device.move(dt, *motion, answers)
            last, answers = last + dt, 0
    end.close()


if __name__ == '__main__':
    main()

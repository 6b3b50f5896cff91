"""Stand-alone release device: try the release driver without the hardware."""

import random

import click

from lander_common.canbus.bus import CanBus
from lander_common.canbus.release import DEVICE_LISTENS
from lander_sim.devices.release_device import ReleaseDevice
from lander_sim.on_terminal import serve_on_can


@click.command(context_settings={'help_option_names': ['-h', '--help']})
@click.option('--bus', default='udp_multicast:239.74.163.2', show_default=True, metavar='URL',
              help='CAN bus: INTERFACE:CHANNEL of python-can.')
@click.option('--bitrate', default=500_000, show_default=True,
              help='Of an adapter that has to be told [bit/s].')
@click.option('--jammed', is_flag=True, help='It fires, but the rover stays.')
@click.option('--late', type=click.FloatRange(0, 60), default=0.0, show_default=True,
              help='The rover parts so much too late [s].')
@click.option('--silent', is_flag=True, help='It acts, but does not answer.')
def main(bus: str, bitrate: int, jammed: bool, late: float, silent: bool) -> None:
    """Emulate the release device of the rover on a CAN bus in real time, until Ctrl-C.

    In one terminal start the device; without hardware and without root, on this machine only:

    \b
        release_emulator

    In another the driver, which sends nothing unless the inhibit is taken off; then ask for the release:

    \b
        rover_release --ros-args -p bus:=udp_multicast:239.74.163.2 -p inhibit:=false
        ros2 topic pub -r 5 /rover/release std_msgs/Bool '{data: true}'
        ros2 topic echo /rover/release_status

    Each line of output is a change: time and state.
    """  # noqa: D301 - click wants the backspaces
    device = ReleaseDevice(lambda: random.SystemRandom().randrange(1, 2**32))
    device.jammed, device.late_s, device.silent = jammed, late, silent
    serve_on_can(CanBus(bus, bitrate, DEVICE_LISTENS), [device], f'release device on {bus}',
                 lambda: _picture(device))


def _picture(device: ReleaseDevice) -> str:
    rover = 'free' if device.separated else 'held'
    return f'{device.state.name}, rover {rover}, refused {device.refused}'


if __name__ == '__main__':
    main()

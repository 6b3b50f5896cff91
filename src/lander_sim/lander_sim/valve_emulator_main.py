"""Stand-alone valve boards: try the valve driver without the hardware."""

import time

import click

from lander_common.canbus.bus import CanBus
from lander_common.canbus.valves import BOARD_LISTENS, MOST_PER_BOARD, MOST_VALVES
from lander_sim.devices.valve_board import ValveBoard, ValveFault
from lander_sim.devices.valve_boards import make_boards
from lander_sim.on_terminal import serve_on_can

_VALVES = click.IntRange(0, MOST_VALVES - 1)


@click.command(context_settings={'help_option_names': ['-h', '--help']})
@click.option('--bus', default='udp_multicast:239.74.163.2', show_default=True, metavar='URL',
              help='CAN bus: INTERFACE:CHANNEL of python-can.')
@click.option('--bitrate', default=500_000, show_default=True,
              help='Of an adapter that has to be told [bit/s].')
@click.option('--valves', type=click.IntRange(1, MOST_VALVES), default=15, show_default=True,
              help='Number of valves; resilience has 15.')
@click.option('--per-board', type=click.IntRange(1, MOST_PER_BOARD), default=MOST_PER_BOARD,
              show_default=True,
              help='Valves on each board: as the parameter valves_per_board of the driver.')
@click.option('--stuck-open', type=_VALVES, multiple=True, metavar='VALVE',
              help='This valve does not close.')
@click.option('--stuck-closed', type=_VALVES, multiple=True, metavar='VALVE',
              help='This valve does not open.')
@click.option('--late', type=click.FloatRange(0, 10), default=0.0, show_default=True,
              help='Answers come so much too late [s].')
@click.option('--silent', is_flag=True, help='The boards act, but do not answer.')
def main(bus: str, bitrate: int, valves: int, per_board: int, stuck_open: tuple[int, ...],
         stuck_closed: tuple[int, ...], late: float, silent: bool) -> None:
    """Emulate valve boards on a CAN bus in real time, until Ctrl-C.

    In one terminal start the boards; without hardware and without root, on this machine only:

    \b
        valve_emulator --stuck-closed 7

    In another the driver, and look at what it finds:

    \b
        valve_driver --ros-args -p bus:=udp_multicast:239.74.163.2 -p vehicle_file:=$PWD/config/vehicles/resilience.yaml
        ros2 topic echo /valves/status

    With a virtual interface of the kernel (root), where candump shows every frame:

    \b
        ip link add dev vcan0 type vcan && ip link set vcan0 up
        valve_emulator --bus socketcan:vcan0

    Each line of output is a change: time, then open valves (#) and closed ones (.) in the order of the vehicle file.
    """  # noqa: D301, E501 - click wants the backspaces
    boards = make_boards(valves, per_board)
    for name, chosen in (('--stuck-open', stuck_open), ('--stuck-closed', stuck_closed)):
        for valve in chosen:
            if valve >= valves:
                raise click.UsageError(f'{name} {valve}: there are valves 0 to {valves - 1}')
            board = boards[valve // per_board]
            board.faults[valve - board.first] = ValveFault(name[2:].replace('-', '_'))
    for board in boards:
        board.silent, board.late_s = silent, late
    serve_on_can(CanBus(bus, bitrate, BOARD_LISTENS), boards,
                 f'{valves} valves on {len(boards)} board(s), {bus}', lambda: _picture(boards))


def _picture(boards: list[ValveBoard]) -> str:
    now = time.monotonic()
    return ''.join('#' if valve else '.' for board in boards for valve in board.is_open(now))


if __name__ == '__main__':
    main()

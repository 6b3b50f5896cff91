"""The valve board without a bus, and the two emulators as programs on a multicast bus."""

import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from lander_common.canbus.bus import CanBus
from lander_common.canbus.frame import Frame
from lander_common.canbus.release import HOST_LISTENS as RELEASE_LISTENS
from lander_common.canbus.release import Command, Device, Order
from lander_common.canbus.release import decode as decode_release
from lander_common.canbus.release import encode_command as encode_order
from lander_common.canbus.valves import HOST_LISTENS, decode, encode_close, encode_command
from lander_sim import release_emulator_main, valve_emulator_main
from lander_sim.devices.valve_board import HEARTBEAT, TIMEOUT, ValveBoard, ValveFault
from lander_sim.devices.valve_boards import actual, make_boards

LIMIT = 30.0  # [s]


def tell(board, time, sequence, on_time):
    return [board.hear(f, time) for f in encode_command(sequence, on_time, np.ones(len(on_time)))][-1]


def state(board, time):
    return decode(board.step(time)[-1])


def test_boards_share_the_valves():
    assert [(b.first, b.count) for b in make_boards(15, 8)] == [(0, 8), (8, 7)]
    assert [(b.first, b.count) for b in make_boards(15)] == [(0, 15)]


def test_a_board_that_begins_in_the_middle_of_a_pair_takes_its_valves():
    boards = make_boards(5, 3)
    for board in boards:
        assert tell(board, 0.0, 1, [0.01, 0.02, 0.03, 0.04, 0.05])
    np.testing.assert_allclose(actual(boards, 0.0)[0], [0.01, 0.02, 0.03, 0.04, 0.05])


def test_a_state_is_said_at_once_and_then_as_heartbeat():
    board = ValveBoard(0, 0, 4)
    assert state(board, 0.0).idle
    assert board.step(HEARTBEAT - 0.01) == []
    assert len(board.step(HEARTBEAT)) == 1
    assert tell(board, 0.06, 9, [0.03, 0.0, 0.0, 0.0])
    said = state(board, 0.06)
    assert (said.sequence, said.open_mask, said.idle) == (9, 1, False)
    assert board.due(0.06) == pytest.approx(0.09)
    assert state(board, 0.09).open_mask == 0


def test_silence_closes_and_says_so():
    board = ValveBoard(0, 0, 2)
    tell(board, 0.0, 1, [2.0, 2.0])
    board.step(TIMEOUT - 0.001)
    assert board.is_open(TIMEOUT - 0.001).all()
    said = state(board, TIMEOUT)
    assert (said.open_mask, said.timed_out) == (0, True)
    assert tell(board, 0.2, 1, [2.0, 2.0])  # then any sequence is new
    assert not state(board, 0.2).timed_out


def test_old_sequences_are_refused_and_closing_is_not():
    board = ValveBoard(0, 0, 2)
    assert tell(board, 0.0, 200, [1.0, 1.0])
    assert not tell(board, 0.01, 200, [0.0, 0.0])
    assert not tell(board, 0.01, 150, [0.0, 0.0])
    assert board.refused == 2
    assert board.is_open(0.01).all()
    assert board.hear(encode_close(5), 0.02)
    assert not board.is_open(0.02).any()


def test_stuck_valves_stay_as_they_are():
    board = ValveBoard(0, 0, 3)
    board.faults.update({0: ValveFault.STUCK_OPEN, 1: ValveFault.STUCK_CLOSED})
    tell(board, 0.0, 1, [0.0, 1.0, 1.0])
    assert list(board.is_open(0.0)) == [True, False, True]
    on_time, _ = actual([board], 0.0)
    assert list(on_time) == [10.0, 0.0, 1.0]


@given(st.lists(st.tuples(st.integers(0, 0x7FF), st.binary(max_size=8)), max_size=50))
def test_arbitrary_frames_open_nothing(frames):
    board = ValveBoard(0, 0, 15)
    for k, (identifier, data) in enumerate(frames):
        board.hear(Frame(identifier, data), 0.001 * k)
        board.step(0.001 * k)
        assert board.commands == 0
        assert not board.is_open(0.001 * k).any()


@pytest.mark.parametrize('main', [valve_emulator_main.main, release_emulator_main.main])
def test_help_teaches_and_errors_are_clear(main):
    text = CliRunner().invoke(main, ['--help']).output
    assert 'ros2 topic echo' in text
    assert 'udp_multicast:239.74.163.2' in text
    bad = CliRunner().invoke(main, ['--bus', 'can0'])
    assert bad.exit_code == 1
    assert 'allowed is socketcan:can0' in bad.output


def test_a_valve_that_is_not_there_is_an_error():
    bad = CliRunner().invoke(valve_emulator_main.main, ['--stuck-open', '15'])
    assert bad.exit_code == 2
    assert 'there are valves 0 to 14' in bad.output


@pytest.fixture
def url():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.bind(('', 0))
        return f'udp_multicast:239.74.163.2?port={end.getsockname()[1]}'


def start(module, *arguments):
    process = subprocess.Popen([sys.executable, '-m', f'lander_sim.{module}', *arguments],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert 'Ctrl-C ends' in process.stderr.readline()
    return process


def stop(process):
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT)
    assert process.returncode == 0


def hear(bus, wanted, decoder, send):
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        bus.send(send(), time.monotonic())
        for frame in bus.receive(time.monotonic(), 0.05):
            if wanted(decoder(frame)):
                return decoder(frame)
    raise AssertionError('nothing of that kind came')


def test_the_valve_emulator_answers_on_its_bus(url):
    process = start('valve_emulator_main', '--bus', url, '--stuck-closed', '2')
    bus = CanBus(url, 500_000, HOST_LISTENS)
    sequence = iter(range(10**6))
    said = hear(bus, lambda s: s and not s.idle and s.open_mask, decode,
                lambda: encode_command(next(sequence) % 256, [0.08] * 15, [1.0] * 15))
    assert said.open_mask == 2**15 - 1 - 4
    bus.close()
    stop(process)


def test_the_release_emulator_fires_with_its_token(url):
    process = start('release_emulator_main', '--bus', url)
    bus = CanBus(url, 500_000, RELEASE_LISTENS)
    armed = hear(bus, lambda s: s and s.state is Device.ARMED, decode_release,
                 lambda: [encode_order(Command(Order.ARM, 1))])
    assert armed.token
    hear(bus, lambda s: s and s.separated, decode_release,
         lambda: [encode_order(Command(Order.FIRE, 2, armed.token))])
    bus.close()
    stop(process)

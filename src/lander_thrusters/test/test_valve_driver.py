"""The driver on emulated boards over a virtual bus, with a simulated clock."""

import math
import uuid

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common.canbus.bus import CanBus
from lander_common.canbus.valves import BOARD_LISTENS, HOST_LISTENS
from lander_common.samples import ThrusterCommand
from lander_sim.devices.valve_board import ValveFault
from lander_sim.devices.valve_boards import actual, make_boards
from lander_thrusters.parameters import ValveDriverParameters
from lander_thrusters.valve_driver import ValveDriver

N = 15
NAMES = tuple(f't{i}' for i in range(N))


class Bench:
    """Driver and boards; time goes on in steps of 1 ms."""

    def __init__(self, valves_per_board=8, **changes):
        url = f'virtual:{uuid.uuid4().hex}'
        self.host, self.device = CanBus(url, 500_000, HOST_LISTENS), CanBus(url, 500_000, BOARD_LISTENS)
        self.device.open()
        self.driver = ValveDriver(ValveDriverParameters(valves_per_board=valves_per_board, **changes), NAMES,
                                  self.host)
        self.boards = make_boards(N, valves_per_board)
        self.time, self.plugged = 100.0, True
        self.run(0.01)

    def run(self, seconds, each=None):
        for _ in range(round(seconds * 1000)):
            self.time = round(self.time + 0.001, 6)
            if each:
                each()
            self.live()
            self.driver.poll(self.time)

    def live(self):
        frames = self.device.receive(self.time)
        for board in self.boards:
            for frame in frames if self.plugged else ():
                board.hear(frame, self.time)
            said = board.step(self.time)
            if self.plugged:
                self.device.send(said, self.time)

    def command(self, on_time, stamp=None, throttle=None):
        on_time = np.full(N, float(on_time)) if np.isscalar(on_time) else np.asarray(on_time)
        return self.driver.command(ThrusterCommand(self.time if stamp is None else stamp, on_time, throttle),
                                   self.time)

    def fly(self, seconds, on_time=0.5):
        """Command at 50 Hz."""
        for _ in range(round(seconds * 50)):
            assert self.command(on_time)
            self.run(0.02)

    @property
    def open(self):
        return [bool(v) for b in self.boards for v in b.is_open(self.time)]

    @property
    def faults(self):
        return self.driver.faults(self.time)

    def close(self):
        self.host.close()
        self.device.close()


@pytest.fixture
def bench():
    one = Bench()
    yield one
    one.close()


def test_at_first_all_valves_are_closed_and_the_boards_are_known(bench):
    assert not any(bench.open)
    assert bench.faults == []
    assert not bench.driver.commanding


def test_a_command_opens_for_its_on_time_to_a_tick(bench):
    on_time = np.linspace(0.0, 0.07, N)
    assert bench.command(on_time, throttle=np.linspace(0, 1, N))
    bench.live()
    left, throttle = actual(bench.boards, bench.time)
    np.testing.assert_allclose(left, on_time, atol=1e-4)
    np.testing.assert_allclose(throttle, np.linspace(0, 1, N), atol=0.002)
    began, opened = bench.time, np.zeros(N)
    for _ in range(90):
        bench.run(0.001)
        opened[np.array(bench.open)] = bench.time - began
    np.testing.assert_allclose(opened, on_time, atol=0.0011)


def test_an_engine_that_burns_on_does_not_close_when_a_command_is_late(bench):
    """As the allocator commands: a pulse of 0.1 s in each window of 0.1 s, what is left of it at 50 Hz."""
    closed = 0

    def look():
        nonlocal closed
        closed += not all(bench.open)

    for cycle in range(1, 50):
        stamp = 10.0 + 0.02 * cycle
        assert bench.command(0.1 - 0.02 * (cycle % 5), stamp)
        bench.live()
        late = (0, 3, -3, 40, -40)[cycle % 5]  # [ms]
        bench.run(0.02 + 0.001 * late, look if cycle > 5 else None)
    assert closed == 0
    assert bench.driver.watchdogs == 0


def test_the_last_cycle_of_a_pulse_is_exact_all_the_same(bench):
    for stamp, on_time in ((10.0, 0.0519), (10.02, 0.0319), (10.04, 0.0119)):
        assert bench.command(on_time, stamp)
        bench.run(0.02 if on_time > 0.02 else 0.001)
    bench.run(0.009)
    assert all(bench.open)
    bench.run(0.003)
    assert not any(bench.open)


def test_echo_comes_back(bench):
    mask = np.array([0.5 if i % 3 else 0.0 for i in range(N)])
    bench.fly(0.2, mask)
    assert list(bench.driver.watch.open) == list(mask > 0)
    assert bench.driver.missing == 0
    assert bench.faults == []


def test_silence_closes_the_valves_after_100_ms_and_a_command_opens_them_again(bench):
    bench.fly(0.1, 2.0)
    bench.run(0.078)  # 98 ms after the last command
    assert all(bench.open)
    bench.run(0.003)
    assert not any(bench.open)
    bench.run(0.005)
    assert (bench.driver.watchdogs, bench.driver.commanding) == (1, False)
    assert bench.faults == ['no good command for 0.1 s: valves closed']
    bench.run(1.0)
    assert bench.command(0.5, stamp=3.0)  # also if the clock is another one
    bench.run(0.01)
    assert all(bench.open)
    assert bench.faults == []


def test_the_board_closes_by_itself_when_the_driver_is_gone(bench):
    bench.fly(0.1, 2.0)
    bench.plugged = False
    bench.run(0.1)
    assert not any(bench.open)
    bench.run(0.3)
    assert 'board 0 is silent' in bench.faults
    assert 'board 1 is silent' in bench.faults
    assert bench.driver.unknown.all()
    bench.plugged = True
    bench.fly(0.1)
    assert all(bench.open)
    assert bench.faults == []


@pytest.mark.parametrize('name, on_time, throttle, words', [
    ('not_finite', [math.nan] + [0.1] * 14, None, 't0'),
    ('not_finite', [0.1] * 15, [1.0] * 14 + [math.inf], 't14'),
    ('negative', [0.1] * 3 + [-1e-3] + [0.1] * 11, None, 't3'), ('too_long', [0.1] * 14 + [2.6], None, 't14'),
    ('wrong_count', [0.1] * 14, None, '14 on-times'), ('wrong_count', [0.1] * 15, [1.0], '1 throttles'),
    ('throttle', [0.1] * 15, [1.1] + [1.0] * 14, 't0')])
def test_a_bad_command_is_refused_by_name_and_the_valves_go_on(bench, name, on_time, throttle, words):
    bench.fly(0.1, 2.0)
    assert not bench.command(np.array(on_time), throttle=None if throttle is None else np.array(throttle))
    bench.run(0.02)
    assert bench.driver.check.refused == {name: 1}
    assert all(bench.open)
    assert any(f.startswith('command refused: ') and words in f for f in bench.faults)
    bench.fly(1.1)
    assert bench.faults == []


def test_only_bad_commands_end_with_closed_valves(bench):
    bench.fly(0.1, 2.0)
    for _ in range(6):
        bench.command(math.nan)
        bench.run(0.02)
    assert not any(bench.open)
    assert bench.driver.watchdogs == 1


def test_a_command_out_of_order_is_refused_a_repeated_one_is_not(bench):
    assert bench.command(0.5, stamp=10.0)
    assert bench.command(0.5, stamp=10.0)
    assert not bench.command(0.0, stamp=9.99)
    bench.run(0.005)
    assert all(bench.open)
    assert bench.driver.check.refused == {'out_of_order': 1}


@pytest.mark.parametrize('fault, told, words', [(ValveFault.STUCK_OPEN, 0.0, 't9 stuck open'),
                                                (ValveFault.STUCK_CLOSED, 0.5, 't9 stuck closed')])
def test_a_stuck_valve_is_named_and_cleared_when_it_moves(bench, fault, told, words):
    bench.fly(0.3, told)
    assert bench.faults == []
    bench.boards[1].faults[1] = fault
    bench.fly(0.2, told)
    assert bench.faults == [words]
    bench.boards[1].faults.clear()
    bench.fly(0.2, told)
    assert bench.faults == []


def test_pulses_are_no_faults(bench):
    """Pulses of 20 to 60 ms in windows of 100 ms, commanded at 50 Hz with what is left of them."""
    rng = np.random.default_rng(5)
    for _ in range(30):
        pulse = rng.choice([0.0, 0.02, 0.037, 0.06], N)
        for k in range(5):
            assert bench.command(np.maximum(pulse - 0.02 * k, 0.0))
            bench.run(0.02)
            assert bench.faults == []
    assert bench.driver.missing == 0


def test_answers_that_are_late_or_missing_are_counted(bench):
    bench.fly(0.2)
    bench.boards[0].silent = True
    bench.fly(0.1)
    bench.boards[0].silent = False
    bench.fly(0.1)
    assert bench.driver.missing == 5
    assert bench.faults == []
    bench.boards[0].late_s = 0.3
    bench.fly(0.5)
    assert bench.driver.missing > 20


def test_a_lost_frame_leaves_the_last_command_running(bench):
    bench.fly(0.1, 0.5)
    dropped = bench.boards[1].refused
    assert bench.command(0.0)
    frames = bench.device.receive(bench.time)
    for frame in frames:
        for board in bench.boards:
            if frame.id != 0x105:  # a pair of the second board
                board.hear(frame, bench.time)
    assert not any(bench.boards[0].is_open(bench.time))
    assert all(bench.boards[1].is_open(bench.time))
    assert bench.boards[1].refused == dropped + 1
    bench.run(0.02)
    bench.fly(0.02, 0.0)
    assert not any(bench.open)
    assert bench.driver.missing == 1


def test_what_is_still_in_a_buffer_after_closing_does_not_open_a_valve(bench):
    bench.fly(0.1, 0.0)
    assert bench.command(0.5)
    assert bench.driver.close_valves(bench.time)
    *command, close = bench.device.receive(bench.time)
    for frame in [close, *command]:  # closing overtakes
        for board in bench.boards:
            board.hear(frame, bench.time)
    assert not any(bench.open)


def test_the_bus_is_lost_and_comes_back_within_a_second(bench):
    bench.fly(0.1, 2.0)
    bench.host._bus.shutdown()  # the adapter is pulled
    assert not bench.command(2.0)
    assert bench.driver.unsent == 1
    assert 'closed bus' in bench.faults[0]
    lost = bench.time
    while not bench.command(2.0):
        bench.run(0.02)
    assert bench.time - lost < 0.25
    bench.fly(0.1)
    assert all(bench.open)
    assert bench.faults == []


def test_shutting_down_closes_the_valves_first(bench):
    bench.fly(0.1, 2.0)
    bench.driver.shut_down(bench.time)
    assert not bench.host.up
    bench.live()
    assert not any(bench.open)


def test_a_driver_that_starts_anew_is_obeyed_whatever_its_sequence(bench):
    for _ in range(200):
        bench.fly(0.02, 0.5)
    again = ValveDriver(ValveDriverParameters(valves_per_board=8), NAMES, bench.host)
    again.poll(bench.time)
    bench.live()
    assert not any(bench.open)
    assert again.command(ThrusterCommand(0.0, np.full(N, 0.5)), bench.time)
    bench.live()
    assert all(bench.open)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([0, 1, 5, 30, 120]),
                          st.floats(-1, 1)), max_size=12))
def test_whatever_is_commanded_valves_close_within_100_ms_of_the_last_good_command(steps):
    bench = Bench()
    try:
        good = -math.inf
        for on_time, wait_ms, shift in steps:
            if bench.command(on_time, stamp=bench.time + shift):
                good = bench.time
            for _ in range(wait_ms):
                bench.run(0.001)
                assert bench.time - good < 0.1015 or not any(bench.open)
    finally:
        bench.close()

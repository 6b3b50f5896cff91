"""The driver on a link in memory; the test is the device, and time is what it says."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common.parameters import ParameterError
from lander_common.transport import listen_transport
from lander_imu.driver import ImuDriver, State, turn
from lander_imu.parameters import ImuDriverParameters

from .datagrams import answer, measurement

names = itertools.count()
RADIANS, NEWTONS = math.radians(2.0**-14), 9.80665 * 2.0**-19


class Bench:
    """A device, the driver, and the time at which both are."""

    def __init__(self, rate=500, **parameters):
        self.url = f'memory:imu{next(names)}'
        self.device = listen_transport(self.url)
        self.driver = ImuDriver(ImuDriverParameters(transport=self.url, **parameters))
        self.rate, self.settings, self.time, self.sent, self.mute = rate, {'rate': rate}, 100.0, 0, False
        self.samples = []

    def poll(self):
        found = self.driver.poll(self.time)
        self.samples += found
        return found

    def reply(self):
        """Answer the question that was asked."""
        if not self.mute:
            for command in self.device.read().split(b'\r')[:-1]:
                if command != b'E':
                    self.device.write(answer(command + b'\r', **(self.settings if command == b'C' else {})))

    def start(self):
        for _ in range(4):
            self.poll()
            self.reply()

    def send(self, count, lost=(), motion=lambda k: ((0, 0, 0), (0, 0, 0)), status=lambda k: (0, 0)):
        """Send so many samples at their times; poll after each."""
        for _ in range(count):
            self.sent += 1
            self.time += 1.0 / self.rate
            if self.sent not in lost:
                k = self.sent
                self.device.write(measurement(k * 2000 // self.rate, *motion(k), status=status(k)))
            self.poll()
            self.reply()


def test_nothing_before_the_configuration_is_known():
    b = Bench()
    b.mute = True
    b.poll()
    b.send(100)
    assert b.samples == []
    assert b.driver.state is State.WAITING
    b.mute = False
    b.send(20)
    b.send(40)
    assert len(b.samples) >= 3
    assert b.driver.report()['serial_number'] == 'N25582405002002'
    assert b.driver.report()['part_number'] == '84167-4400003-321 rev K'


@pytest.mark.parametrize('rate', [250, 500, 1000, 2000])
def test_the_mean_of_whole_groups_is_exact_and_no_motion_is_lost(rate):
    b = Bench(rate)
    b.start()
    rng = np.random.default_rng(rate)
    counts = rng.integers(-2**23, 2**23, (rate, 6))
    b.send(rate, motion=lambda k: (counts[k - 1, :3].tolist(), counts[k - 1, 3:].tolist()))
    n = rate // 50
    assert len(b.samples) == 50
    for sample, group in zip(b.samples, counts.reshape(50, n, 6), strict=True):
        # one rounding of the exact sum, one of the scale
        assert sample.angular_velocity == pytest.approx(group[:, :3].sum(0) * RADIANS / n, rel=1e-15)
        assert sample.specific_force == pytest.approx(group[:, 3:].sum(0) * NEWTONS / n, rel=1e-15)


def test_increments_are_summed():
    b = Bench()
    b.settings |= {'gyro_unit': 1, 'force_unit': 1}
    b.start()
    b.send(10, motion=lambda k: ((k, 0, 0), (0, 0, 10 * k)))
    assert b.samples[0].angular_velocity[0] == pytest.approx(55 * math.radians(2.0**-21) / 0.02)
    assert b.samples[0].specific_force[2] == pytest.approx(550 * 2.0**-22 / 0.02)


def test_stamps_are_the_ends_of_the_intervals_less_what_the_device_delays():
    b = Bench()
    b.start()
    b.send(500)
    stamps = np.array([s.time for s in b.samples])
    # filter of 262 Hz, latency, sending; a link in memory has no time on the line
    assert stamps == pytest.approx(100.02 + 0.02 * np.arange(50) - (6.3e-3 + 506e-6 + 80e-6), abs=1e-6)


def test_arrivals_that_are_held_up_do_not_move_the_stamps():
    b = Bench()
    b.start()
    b.send(100)
    start = b.time
    for k in range(1, 51):  # the samples come in bursts now, every other one 5 ms late
        for _ in range(10):
            b.sent += 1
            b.device.write(measurement(b.sent * 4))
        b.time = start + 0.02 * k + 0.005 * (k % 2)
        b.poll()
    intervals = np.diff([s.time for s in b.samples])
    assert intervals == pytest.approx(0.02, abs=1e-9)


def test_a_clock_that_is_read_too_early_now_and_then_does_not_move_the_stamps():
    b = Bench()
    b.start()
    start = b.time
    for k in range(1, 200):
        b.device.write(b''.join(measurement(4 * (10 * k + j)) for j in range(10)))
        b.time = start + 0.02 * (k - (k % 12 == 0))  # one cycle of a simulation old
        b.poll()
    assert np.diff([s.time for s in b.samples]) == pytest.approx(0.02, abs=1e-9)


def test_a_clock_that_drifts_is_followed():
    b = Bench()
    b.start()
    for _ in range(50 * 500):
        b.sent += 1
        b.time += 0.002 * (1 + 1e-4)  # the device is slow by 100 ppm
        b.device.write(measurement(b.sent * 4))
        b.poll()
    assert b.samples[-1].time == pytest.approx(b.time - 6.886e-3, abs=3e-4)  # window and settling


def test_a_gap_is_a_missing_message_and_reported():
    b = Bench()
    b.start()
    b.send(50, lost={14, 15, 31}, motion=lambda k: ((k, 0, 0), (0, 0, 0)))
    assert [round(s.angular_velocity[0] / RADIANS, 6) for s in b.samples] == [5.5, 25.5, 45.5]
    assert np.diff([s.time for s in b.samples]) == pytest.approx([0.04, 0.04], rel=1e-3)
    report = b.driver.report()
    assert (report['lost'], report['left_out'], report['last_problem']) == (3, 2, '1 samples lost')
    assert b.driver.state is State.DEGRADED
    b.send(600)
    assert b.driver.state is State.OK


def test_what_the_host_reads_too_late_has_its_times_all_the_same():
    b = Bench()
    b.start()
    b.send(50)
    start = b.time
    for _ in range(100):  # 0.2 s, all of which lies in the buffer
        b.sent += 1
        b.device.write(measurement(b.sent * 4))
    b.time = start + 0.2
    b.poll()
    b.send(50)
    assert np.diff([s.time for s in b.samples]) == pytest.approx(0.02, abs=1e-9)
    assert b.driver.report()['restarts'] == 1


@pytest.mark.parametrize('missing', [35, 49, 50, 51, 60, 200])
def test_after_a_long_gap_no_group_bridges_it(missing):
    b = Bench()
    b.start()
    b.send(23, motion=lambda k: ((1, 0, 0), (0, 0, 0)))
    b.sent += missing
    b.time += missing / 500
    b.send(60, motion=lambda k: ((2, 0, 0), (0, 0, 0)))
    assert {round(s.angular_velocity[0] / RADIANS, 6) for s in b.samples} == {1.0, 2.0}
    assert len(b.samples) >= 5
    assert (np.diff([s.time for s in b.samples]) > 0.019).all()


@pytest.mark.parametrize('status, published, words', [
    ((0x40, 0x40), False, 'start-up'), ((0, 0x14), False, 'accelerometers: overload z'),
    ((0x20, 0), True, 'outside operating conditions')])
def test_status_bits(status, published, words):
    b = Bench()
    b.start()
    b.send(30, status=lambda k: status if k == 15 else (0, 0))
    assert len(b.samples) == 2 + published
    assert words in b.driver.report()['last_problem']
    assert b.driver.report()['invalid'] == 1 - published


def test_silence_garbage_and_an_unplugged_line():
    b = Bench()
    b.start()
    b.send(50)
    assert b.driver.state is State.OK
    for _ in range(30):
        b.time += 0.01
        b.poll()
    assert b.driver.state is State.SILENT
    for _ in range(30):
        b.time += 0.01
        b.device.write(b'\x00\x13\xf7' * 10)
        b.poll()
    assert b.driver.state is State.GARBAGE
    seen, back = len(b.samples), b.time
    b.send(100)
    assert b.driver.state in (State.OK, State.DEGRADED)
    assert b.samples[seen].time < back + 1.0
    b.device.close()
    b.time += 0.01
    b.poll()
    assert b.driver.state is State.NO_LINK
    b.time += 3.0
    b.poll()
    b.device = listen_transport(b.url)
    seen, back = len(b.samples), b.time
    for _ in range(250):
        b.send(2)
    assert back < b.samples[seen].time < back + 1.0
    assert b.driver.report()['links_lost'] == 1


def test_a_device_that_comes_back_with_other_settings():
    b = Bench()
    b.start()
    b.send(20, motion=lambda k: ((0, 0, 0), (0, 0, 1000)))
    b.settings['full_scale'] = 6
    b.time += 1.0
    b.poll()
    b.reply()
    b.send(40, motion=lambda k: ((0, 0, 0), (0, 0, 125)))
    assert b.samples[-1].specific_force[2] == pytest.approx(1000 * NEWTONS)
    assert b.driver.variances()[1] == pytest.approx((0.15 / 60) ** 2 * 50)


@pytest.mark.parametrize('settings, problem', [
    ({'rate': 125}, '125 samples a second are no multiple of rate_hz = 50'),
    ({'gyro_unit': 3}, 'its output is an integral'), ({'content': 0}, 'it sends no acceleration')])
def test_a_device_that_cannot_be_used_is_said_to_be(settings, problem):
    b = Bench()
    b.settings |= settings
    b.start()
    b.send(30)
    assert b.samples == []
    assert b.driver.state is State.UNUSABLE
    assert problem in b.driver.report()['last_problem']


def test_a_clock_that_stands_still_or_goes_back():
    b = Bench()
    b.start()
    b.send(100)
    for _ in range(20):
        b.sent += 10
        b.device.write(b''.join(measurement(k * 4) for k in range(b.sent - 9, b.sent + 1)))
        b.poll()
    times = [s.time for s in b.samples]
    assert (np.diff(times) > 0.0).all()
    assert times[-1] < b.time + 0.15
    assert b.driver.report()['last_problem'] == 'the clock stands still or went back'
    b.time = 5.0
    seen = len(b.samples)
    b.start()
    b.send(50)
    assert 5.0 < b.samples[seen].time < 5.1
    with pytest.raises(ValueError, match='finite'):
        b.driver.poll(math.nan)


def test_mounting():
    assert turn([90.0, 0.0, 0.0]) @ [0, 1, 0] == pytest.approx([0, 0, 1], abs=1e-12)
    both = turn([0.0, 0.0, 90.0]) @ turn([90.0, 0.0, 0.0])
    assert both == pytest.approx(turn([90.0, 0.0, 90.0]), abs=1e-12)
    b = Bench(mounting_rpy_deg=[180.0, 0.0, 0.0])
    b.start()
    b.send(10, motion=lambda k: ((0, 16384, 0), (0, 0, -524288)))
    assert b.samples[0].angular_velocity == pytest.approx([0, -math.radians(1), 0], abs=1e-12)
    assert b.samples[0].specific_force == pytest.approx([0, 0, 9.80665], abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(pieces=st.lists(st.one_of(st.binary(max_size=60), st.integers(0, 255).map(measurement),
                                 st.sampled_from([answer(b'C\r'), answer(b'C\r', rate=1000)])), max_size=40),
       steps=st.lists(st.sampled_from([0.0, 0.002, 0.02, 0.15, 0.5]), min_size=40, max_size=40))
def test_no_bytes_bring_the_driver_down(pieces, steps):
    b = Bench()
    for piece, step in zip(pieces, steps, strict=False):
        b.device.write(piece)
        b.time += step
        b.poll()
    b.device.read()
    b.send(600)
    assert b.driver.state in (State.OK, State.DEGRADED)
    assert (np.diff([s.time for s in b.samples]) > 0.0).all()
    b.device.close()


@pytest.mark.parametrize('values, name', [
    ({'rate_hz': 60.0}, 'rate_hz'), ({'transport': 'tcp://host:1'}, 'transport'),
    ({'mounting_rpy_deg': [0.0]}, 'mounting_rpy_deg')])
def test_parameters_are_checked(values, name):
    with pytest.raises(ParameterError) as error:
        ImuDriverParameters(**values)
    assert error.value.name == name


def test_the_baud_rate_is_that_of_the_device():
    assert ImuDriverParameters().url == 'serial:///dev/ttyUSB1?baud=921600'

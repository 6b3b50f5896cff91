"""The driver on devices that stream, on a simulated clock."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common.samples import RangeSample
from lander_common.transport import listen_transport
from lander_rangefinder import benewake, lightware_frames, noptel
from lander_rangefinder.driver import RangefinderDriver
from lander_rangefinder.health import State
from lander_rangefinder.lightware_sf45 import SHOT, LightwareSf45
from lander_rangefinder.parameters import RangefinderParameters

SET_UP = LightwareSf45().set_up(50.0)


def shot(metres, yaw=0):
    return lightware_frames.encode(44, SHOT.pack(round(metres * 100), 70, round(metres * 100), 80, yaw))


LOST = lightware_frames.encode(44, SHOT.pack(-100, 0, -100, 0, 0))


class Bench:
    """A driver polled at 100 Hz; the test says what the device sends before each poll."""

    def __init__(self, protocol='lightware_sf45', **parameters):
        self.device = listen_transport('memory:stream')
        self.driver = RangefinderDriver(
            RangefinderParameters(transport='memory:stream', protocol=protocol, **parameters))
        self.cycle = 0
        self.heard = []

    @property
    def time(self):
        return self.cycle * 0.01

    def run(self, duration, say=lambda time: b''):
        """Poll for `duration`; before each poll the device sends `say(time)`."""
        new = []
        for _ in range(round(duration * 100)):
            self.device.write(say(self.time))
            new += self.driver.poll(self.time)
            if data := self.device.read():
                self.heard.append((self.time, data))
            self.cycle += 1
        return new


@pytest.fixture
def bench():
    made = []

    def make(*given, **parameters):
        made.append(Bench(*given, **parameters))
        return made[-1]

    yield make
    for b in made:
        b.device.close()


def test_the_time_of_validity_is_the_pulse(bench):
    b = bench(latency_s=0.03, beam=3)
    b.run(0.1)
    (sample,) = b.run(0.02, lambda t: shot(42.0) if round(t, 3) == 0.1 else b'')
    assert (sample.validity, sample.range_m, sample.reason, sample.beam) == (RangeSample.VALID, 42.0, '', 3)
    assert sample.received == pytest.approx(0.1)
    assert sample.time == pytest.approx(0.07)
    assert sample.variance == pytest.approx(0.01)  # sigma of the device


def test_several_answers_in_a_poll_are_spread_over_it(bench):
    b = bench(latency_s=0.0)
    samples = b.run(0.05, lambda t: b''.join(shot(40.0 + k) for k in range(10)))
    assert [s.range_m for s in samples[-10:]] == [40.0 + k for k in range(10)]
    times = [s.time for s in samples]
    assert len(times) == 40  # what was there when the link was opened is of unknown age
    assert times == pytest.approx([0.001 * k for k in range(1, 41)])


def test_after_a_stall_nobody_knows_when_the_answers_came(bench):
    b = bench(latency_s=0.0)
    b.run(0.1)
    for _ in range(5):
        b.device.write(shot(42.0))
    assert b.driver.poll(0.6) == []
    assert b.driver.report()['answers_ignored'] == 5
    b.cycle = 61
    assert [s.validity for s in b.run(0.02, lambda t: shot(42.0))] == [RangeSample.VALID] * 2


def test_steps_of_a_second_as_in_coast(bench):
    b = bench()
    samples = []
    for second in range(10):
        b.device.write(LOST)
        samples += b.driver.poll(float(second))
    assert [s.validity for s in samples] == [RangeSample.NO_RETURN] * 9


def test_the_device_is_set_up_on_a_new_link_and_after_each_time_out(bench):
    b = bench(timeout_s=0.3, rate_hz=100.0)
    samples = b.run(1.0)
    set_up = LightwareSf45().set_up(100.0)
    assert b.heard == [(pytest.approx(t), set_up) for t in (0.0, 0.3, 0.6, 0.9)]
    assert [(s.validity, s.reason) for s in samples] == [(RangeSample.TIMEOUT, 'no answer within 0.3 s')] * 3
    assert [s.time for s in samples] == pytest.approx([0.3, 0.6, 0.9])
    assert b.driver.health.state is State.DEAD
    b.run(1.5, lambda t: shot(42.0))
    assert len(b.heard) == 4
    assert b.driver.health.state is State.OK


def test_another_language_is_told_in_diagnostics(bench):
    b = bench()
    samples = b.run(0.35, lambda t: b'\x00\x13\x7f')
    assert [s.reason for s in samples] == ['no answer within 0.3 s, but 90 bytes of something else']
    assert b.driver.report()['last_problem'] == samples[0].reason
    assert b.driver.report()['bytes_skipped'] >= 90


@pytest.mark.parametrize('say, validity, reason', [
    (LOST, RangeSample.NO_RETURN, 'no return (lost signal -100 cm)'),
    (shot(0.1), RangeSample.NO_RETURN, 'below minimum range (10 cm)'),
    (shot(0.0), RangeSample.DEVICE_ERROR, 'range of 0 m (0 cm)'),
    (shot(60.0), RangeSample.DEVICE_ERROR, 'above maximum range (6000 cm)'),
    (shot(40.0, yaw=4500), RangeSample.DEVICE_ERROR, 'the head looks 45 degrees aside'),
    (lightware_frames.encode(44, b'\0\0'), RangeSample.DEVICE_ERROR,
     '2 bytes of distance data instead of 10'),
])
def test_what_an_answer_means(bench, say, validity, reason):
    b = bench()
    b.run(0.1)
    (sample,) = b.run(0.01, lambda t: say)
    assert (sample.validity, sample.reason) == (validity, reason)
    assert math.isnan(sample.range_m)
    assert math.isnan(sample.variance)


def test_errors_of_other_devices_have_names_too(bench):
    b = bench('noptel')
    b.run(0.1)
    assert b.run(0.01, lambda t: noptel.encode([(0.5, 9)], 0x40))[0].reason == (
        'error or limit of eye safety, status 0x40')
    b.device.close()
    b = bench('benewake_tfmini')
    b.run(0.1)
    sample = b.run(0.01, lambda t: benewake.encode(0xFFFF, 30) * 2)[0]
    assert (sample.validity, sample.reason) == (RangeSample.NO_RETURN, 'no return (weak signal, strength 30)')


def test_damage_is_one_sample_a_poll(bench):
    b = bench()
    b.run(0.05, lambda t: shot(42.0))
    bad = bytearray(shot(42.0))
    bad[5] ^= 4
    samples = b.run(0.01, lambda t: shot(41.0) + bytes(bad) + shot(43.0))
    assert [s.range_m for s in samples[:2]] == [41.0, 43.0]
    assert samples[2].validity == RangeSample.DEVICE_ERROR
    assert samples[2].reason == f'frame {bytes(bad).hex()} has a wrong CRC'
    assert len(samples) == 3


def test_partial_frames(bench):
    b = bench()
    stream = b''.join(shot(40.0 + 0.01 * k) for k in range(100))
    samples = b.run(2.0, lambda t: stream[round(t * 100) * 7:round(t * 100) * 7 + 7])
    assert [s.range_m for s in samples] == pytest.approx([40.01 + 0.01 * k for k in range(len(samples))])
    assert len(samples) >= 85


def test_unplugged_and_plugged_in_again_is_heard_within_a_second(bench):
    b = bench()
    b.run(1.0, lambda t: shot(42.0))
    for gone in (0.05, 0.33, 5.0):
        b.device.close()
        lost = [s for k in range(round(gone * 100)) for s in b.driver.poll(b.time + 0.01 * k)]
        assert {s.validity for s in lost} == {RangeSample.DEVICE_ERROR}
        assert 'the other end has gone' in lost[0].reason
        b.cycle += round(gone * 100)
        back = b.time
        b.device = listen_transport('memory:stream')
        b.heard.clear()
        samples = b.run(2.0, lambda t: shot(42.0) if b.heard else b'')  # it wants its set-up first
        valid = [s for s in samples if s.validity == RangeSample.VALID]
        assert valid[0].received < back + 1.0
        assert b.heard[0][1] == SET_UP
    assert b.driver.report()['links_lost'] == 3


def test_power_gone_and_back_is_heard_within_a_second(bench):
    b = bench()
    b.run(1.0, lambda t: shot(42.0))
    b.run(5.03)
    b.heard.clear()
    back = b.time
    samples = b.run(2.0, lambda t: shot(42.0) if b.heard else b'')
    assert next(s for s in samples if s.validity == RangeSample.VALID).received < back + 1.0


def test_a_clock_that_goes_back(bench):
    b = bench()
    b.run(3.0, lambda t: shot(42.0))
    b.cycle = 100
    samples = b.run(1.0, lambda t: shot(42.0))
    assert {s.validity for s in samples} == {RangeSample.VALID}
    assert all(0.9 < s.time <= s.received < 2.0 for s in samples)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.one_of(
    st.sampled_from([shot(42.0), shot(42.0)[:9], shot(42.0)[9:], LOST, b'\xaa', shot(300.0), shot(1.0, 900)]),
    st.binary(max_size=20))), max_size=60))
def test_whatever_the_device_says_no_wrong_sample_comes_out(script):
    b = Bench()
    try:
        time, last = 0.0, -math.inf
        for step, words in script:
            time += step
            b.device.write(words)
            for s in b.driver.poll(time):
                assert (s.validity == RangeSample.VALID) == (s.range_m == 42.0)
                assert (s.reason == '') == (s.validity == RangeSample.VALID)
                assert last <= s.time <= s.received == time or s.validity == RangeSample.TIMEOUT
                assert 0.0 <= s.quality <= 1.0
                last = s.time if s.validity != RangeSample.TIMEOUT else last
    finally:
        b.device.close()

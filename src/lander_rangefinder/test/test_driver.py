import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common.parameters import ParameterError
from lander_common.samples import RangeSample
from lander_common.transport import listen_transport
from lander_rangefinder.driver import RangefinderDriver
from lander_rangefinder.health import State
from lander_rangefinder.parameters import RangefinderParameters
from lander_rangefinder.vectronix_frames import encode

COMMAND = b'>LM,Md,3*D5\r'
ACK = b'>AC*84\r'


def reply(*targets):
    return encode('LM,Md,' + ','.join(targets)) + b'<'


class Bench:
    """A driver polled at 100 Hz and, at the other end, whatever the test lets the device say."""

    def __init__(self, **parameters):
        self.device = listen_transport('memory:bench')
        self.driver = RangefinderDriver(RangefinderParameters(transport='memory:bench', **parameters))
        self.cycle = 0
        self.commands = []
        self.samples = []

    @property
    def time(self):
        return self.cycle * 0.01

    def run(self, duration, answer=b''):
        """Poll for `duration`; the device says `answer` in the cycle after each command."""
        new = []
        for _ in range(round(duration * 100)):
            new += self.driver.poll(self.time)
            data = self.device.read()
            assert data in (b'', COMMAND)
            if data:
                self.commands.append(self.time)
                self.device.write(answer)
            self.cycle += 1
        self.samples += new
        return new

    def one_shot(self, answer):
        """Let the start pass, then return the only sample of one shot that is answered so."""
        self.run(1.0)
        (sample,) = self.run(0.1, answer)
        return sample


@pytest.fixture
def bench():
    made = []

    def make(**parameters):
        made.append(Bench(**parameters))
        return made[-1]

    yield make
    for b in made:
        b.device.close()


def test_a_valid_shot(bench):
    b = bench(sigma_m=0.3, beam=2, pulse_delay_s=0.05)
    sample = b.one_shot(ACK + reply('v0006091', 'v0108750', 'R000E301'))
    assert sample.validity == RangeSample.VALID
    assert (sample.range_m, sample.reason, sample.quality, sample.beam) == (60.91, '', 1.0, 2)
    assert sample.variance == pytest.approx(0.09)
    assert sample.time == pytest.approx(1.05)  # the pulse
    assert sample.received == pytest.approx(1.01)


@pytest.mark.parametrize('targets, validity, reason, range_m', [
    (['R000E301'] * 3, RangeSample.NO_RETURN, 'no return (R000E301)', math.nan),
    (['T0006091', 'R000E301', 'R000E301'], RangeSample.DEGRADED, 'accuracy not guaranteed (T0006091)', 60.91),
    (['T0006091', 'v0007000', 'R000E301'], RangeSample.VALID, '', 70.0),
    (['R000E301', 'v0007000', 'R000E301'], RangeSample.VALID, '', 70.0),
    (['v0000000', 'R000E301', 'R000E301'], RangeSample.DEVICE_ERROR, 'range of 0 m (v0000000)', math.nan),
    (['v0000000', 'v0007000', 'R000E301'], RangeSample.VALID, '', 70.0),
    (['v0000099', 'R000E301', 'R000E301'], RangeSample.NO_RETURN, 'below minimum range (v0000099)', math.nan),
    (['v0000100', 'R000E301', 'R000E301'], RangeSample.VALID, '', 1.0),
    (['v0000099', 'v0007000', 'R000E301'], RangeSample.VALID, '', 70.0),  # dust near the aperture
    (['v9999999', 'R000E301', 'R000E301'], RangeSample.DEVICE_ERROR, 'above maximum range (v9999999)',
     math.nan),
])
def test_what_a_reply_means(bench, targets, validity, reason, range_m):
    sample = bench().one_shot(ACK + reply(*targets))
    assert (sample.validity, sample.reason) == (validity, reason)
    assert sample.range_m == range_m or (math.isnan(sample.range_m) and math.isnan(range_m))
    assert math.isnan(sample.variance) == math.isnan(sample.range_m)


@pytest.mark.parametrize('answer, reason', [
    (encode('NA,2') + b'!', 'refused: invalid parameter (NA,2)'),
    (ACK + b'!', 'ended without an answer'),
    (ACK + b'>LM,Md,v0006091,v0108750,R000E301*46\r<',
     "frame 'LM,Md,v0006091,v0108750,R000E301*46' has the checksum 46 instead of 66"),
    (ACK + encode('LM,Mf,v0006091') + b'<', "unexpected answer 'LM,Mf,v0006091'"),
    (b'>AC*85\r' + reply('v0006091'), "frame 'AC*85' has the checksum 85 instead of 84"),
])
def test_a_broken_answer_is_an_error_of_the_device_and_not_its_end(bench, answer, reason):
    b = bench()
    sample = b.one_shot(answer)
    assert (sample.validity, sample.reason) == (RangeSample.DEVICE_ERROR, reason)
    b.run(0.1)
    (after,) = b.run(0.2, ACK + reply('v0006091'))
    assert after.validity == RangeSample.VALID


def test_shots_come_at_the_rate(bench):
    b = bench(rate_hz=5.0)
    b.run(11.0, ACK + reply('v0006091'))
    assert b.commands == pytest.approx([1.0 + 0.2 * i for i in range(50)])
    assert [s.time for s in b.samples] == b.commands[:len(b.samples)]
    assert len(b.samples) == 50


def test_a_slow_device_is_asked_as_fast_as_it_can_answer(bench):
    b = bench(rate_hz=5.0)
    b.run(1.0)
    for _ in range(5):
        b.run(0.01)
        b.run(0.5)
        b.device.write(ACK + reply('v0006091'))
    assert [s.validity for s in b.samples] == [RangeSample.VALID] * 4
    assert b.commands == pytest.approx([1.0 + 0.51 * i for i in range(5)])


def test_a_silent_device_times_out_and_is_dead_until_it_answers(bench):
    b = bench(timeout_s=1.0)
    assert b.driver.health.state is State.WAITING
    samples = b.run(6.5)
    assert [s.validity for s in samples] == [RangeSample.TIMEOUT] * 3
    assert [s.time for s in samples] == pytest.approx([1.0, 3.0, 5.0])
    assert samples[0].reason == 'no answer within 1 s'
    assert samples[0].received == pytest.approx(2.0)
    assert b.driver.health.state is State.DEAD
    b.run(3.0, ACK + reply('v0006091'))
    assert b.driver.health.state is State.OK


def test_a_late_reply_is_not_given_to_the_next_question(bench):
    b = bench()
    b.run(2.05)  # asked at 1.0, timed out at 2.0
    b.device.write(ACK + reply('v0099900'))
    b.run(0.5, ACK + reply('v0006091'))
    assert [s.validity for s in b.samples[:2]] == [RangeSample.TIMEOUT, RangeSample.VALID]
    assert {s.range_m for s in b.samples[1:]} == {60.91}
    assert b.driver.dialogue.ignored == 1


def test_a_reply_to_a_former_process_is_not_used(bench):
    b = bench()
    b.run(0.5)
    b.device.write(ACK + reply('v0099900'))
    b.run(1.0, reply('v0099900') + ACK + reply('v0006091'))  # and one that comes before our acknowledgement
    assert b.samples
    assert {s.range_m for s in b.samples} == {60.91}


def test_a_device_that_was_without_power_is_asked_again_at_the_end_of_the_question(bench):
    b = bench()
    b.run(1.05)  # asked at 1.0
    b.device.write(b'<')  # it says so when it is switched on
    b.run(1.2, ACK + reply('v0006091'))
    assert b.commands == pytest.approx([1.0, 2.0, 2.2])
    assert [s.validity for s in b.samples] == [RangeSample.TIMEOUT, RangeSample.VALID, RangeSample.VALID]


def test_quality_is_the_share_of_valid_shots_in_the_last_second(bench):
    b = bench(rate_hz=5.0)
    b.run(1.0)
    for i in range(5):
        b.run(0.2, ACK + reply('v0006091' if i % 2 == 0 else 'R000E301'))
    assert [s.quality for s in b.samples] == pytest.approx([1, 1 / 2, 2 / 3, 2 / 4, 3 / 5])
    b.run(2.0, ACK + reply('R000E301'))
    assert b.samples[-1].quality == 0.0
    assert b.driver.health.state is State.NO_RETURN
    b.run(0.6, ACK + reply('T0006091'))
    assert b.driver.health.state is State.DEGRADED


def test_unplugged_and_plugged_in_again(bench):
    b = bench()
    b.run(2.0, ACK + reply('v0006091'))
    assert b.driver.health.state is State.OK
    b.device.close()
    gone = b.driver.poll(b.time)
    assert [s.validity for s in gone] == [RangeSample.DEVICE_ERROR]
    assert gone[0].reason == 'memory:bench: the other end has gone'
    for k in range(1, 501):
        gone += b.driver.poll(b.time + 0.01 * k)
    # pauses of 0.2 s, then 0.4 s: short enough to be back within a second
    assert [round(s.time - b.time, 2) for s in gone[1:]] == [0.2] + [round(0.4 * k, 2) for k in range(1, 13)]
    assert all('nobody listens' in s.reason for s in gone[1:])
    assert b.driver.health.state is State.DEAD
    b.device = listen_transport('memory:bench')
    b.cycle += 501
    samples = b.run(3.0, ACK + reply('v0006091'))
    assert {s.validity for s in samples} == {RangeSample.VALID}
    assert samples[0].received < b.time - 3.0 + 0.6
    assert b.driver.health.state is State.OK
    assert b.driver.health.report()['links_lost'] == 1


def test_a_clock_that_goes_back_starts_anew_and_is_counted(bench):
    b = bench()
    b.run(3.05, ACK + reply('v0006091'))
    b.cycle = 100
    b.commands.clear()
    samples = b.run(2.0, ACK + reply('v0006091'))
    assert b.commands[0] == pytest.approx(2.0)
    assert all(1.0 <= s.time <= s.received <= 3.0 for s in samples)
    assert b.driver.health.report()['clock_backwards'] == 1


@pytest.mark.parametrize('time', [math.nan, math.inf, -math.inf])
def test_a_time_that_is_none_is_refused_and_does_no_harm(bench, time):
    b = bench()
    b.run(1.1, ACK + reply('v0006091'))
    with pytest.raises(ValueError, match='finite'):
        b.driver.poll(time)
    assert b.run(0.2, ACK + reply('v0006091'))[0].validity == RangeSample.VALID


def test_steps_of_a_second_as_in_coast(bench):
    b = bench()
    samples = []
    for second in range(20):
        samples += b.driver.poll(float(second))
        if b.device.read():
            b.device.write(ACK + reply('R000E301'))
    assert [s.time for s in samples] == [float(t) for t in range(1, 19)]
    assert {s.validity for s in samples} == {RangeSample.NO_RETURN}


PIECES = [ACK, b'<', b'!', reply('v0006091'), reply('R000E301'), reply('v0000000'), reply('T0000500'),
          encode('NA,5'), b'>LM,Md,v00', b'>', b'\xff\x00', b'06091*8D\r', COMMAND]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 3.0), st.one_of(st.sampled_from(PIECES), st.binary(max_size=20))),
                max_size=60))
def test_whatever_the_device_says_no_wrong_sample_comes_out(script):
    device = listen_transport('memory:fuzz')
    try:
        driver = RangefinderDriver(RangefinderParameters(transport='memory:fuzz'))
        time, asked = 0.0, []
        for step, words in script:
            time += step
            for s in driver.poll(time):
                with_range = s.validity in (RangeSample.VALID, RangeSample.DEGRADED)
                assert with_range == (1.0 <= s.range_m <= 25e3)
                assert with_range or math.isnan(s.range_m)
                assert (s.reason == '') == (s.validity == RangeSample.VALID)
                assert s.time in asked  # the link never drops here
                assert s.time <= s.received == time
                assert 0.0 <= s.quality <= 1.0
            asked += [time] * (COMMAND in device.read())
            device.write(words)
        assert len(asked) == len(set(asked))
    finally:
        device.close()


@pytest.mark.parametrize('wrong', [{'rate_hz': 0.0}, {'protocol': 'morse'}, {'timeout_s': math.nan},
                                   {'minimum_range_m': 500.0, 'maximum_range_m': 100.0}])
def test_bad_parameters_are_refused(wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        RangefinderParameters(**wrong)

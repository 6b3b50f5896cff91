import math
import os

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common.samples import RangeSample
from lander_common.transport import listen_transport, open_transport
from lander_rangefinder.driver import RangefinderDriver
from lander_rangefinder.health import State
from lander_rangefinder.parameters import RangefinderParameters
from lander_rangefinder.vectronix_frames import encode
from lander_sim.devices.parameters import EmulatorParameters
from lander_sim.devices.vectronix import VectronixEmulator
from lander_sim.emulator_main import main
from lander_sim.sensors.laser import LaserModel, LaserParameters

ASK = b'>LM,Md,3*D5\r'
ACK = b'>AC*84\r'


class Device:
    """The emulator alone, and a host that types."""

    def __init__(self, **parameters):
        self.end = listen_transport('memory:emulator')
        self.laser = LaserModel(LaserParameters(noise_m=0.0), np.random.default_rng(1))
        self.emulator = VectronixEmulator(EmulatorParameters(**parameters), self.laser, self.end)
        self.host = open_transport('memory:emulator')
        self.fired = []

    def at(self, time, words=b''):
        self.host.write(words)
        replies = self.emulator.step(time, lambda: self.fired.append(time) or (60.913, 1.0))
        return replies, self.host.read()


@pytest.fixture
def device():
    made = []

    def make(**parameters):
        made.append(Device(**parameters))
        return made[-1]

    yield make
    for d in made:
        d.end.close()


def test_a_range_as_the_manual_shows_it(device):
    d = device(latency_s=0.12)
    assert d.at(0.0) == (0, b'<')
    assert d.at(0.01, ASK) == (0, ACK)
    assert d.at(0.12) == (0, b'')
    assert d.at(0.13) == (1, b'>LM,Md,v0006091,R000E301,R000E301*46\r<')
    assert d.at(0.14) == (0, b'')
    assert d.fired == [0.01]


def test_the_pulse_comes_after_its_delay(device):
    d = device(latency_s=0.12, pulse_delay_s=0.05)
    d.at(0.0, ASK)
    for k in range(1, 13):
        d.at(0.01 * k)
    assert d.fired == [0.05]


def test_it_says_when_it_acts_of_itself(device):
    d = device(latency_s=0.12, pulse_delay_s=0.05)
    d.at(0.0)
    assert d.emulator.due == math.inf
    d.at(0.01, ASK)
    assert d.emulator.due == pytest.approx(0.06, abs=1e-8)
    d.at(d.emulator.due)
    assert len(d.fired) == 1
    assert d.emulator.due == pytest.approx(0.13, abs=1e-8)
    assert d.at(d.emulator.due)[0] == 1
    assert d.emulator.due == math.inf


def test_no_return_five_targets_and_the_fake_range(device):
    d = device(latency_s=0.01)
    d.at(0.0)
    d.laser.set_fault('no_return')
    assert d.at(0.0, encode('LM,Md,5')) == (0, ACK)
    assert d.at(0.1) == (1, encode('LM,Md,' + ','.join(['R000E301'] * 5)) + b'<')
    d.fired.clear()
    assert d.at(0.2, encode('LM,Mf,3')) == (0, ACK)
    assert d.at(0.3) == (0, b'>LM,Mf,v0123400,v0432100,R000E301*57\r<')
    assert d.fired == []  # no light


@pytest.mark.parametrize('words, number', [
    (b'>LM,Md,3*D6\r', 0), (encode('LM,Xx,3'), 1), (encode('RF,Md,3'), 1), (encode('LM,Md,4'), 2),
    (encode('LM,Md'), 2), (b'>LM,M' + b'>LM,Md,4*D6\r', 2)])
def test_bad_commands_are_refused(device, words, number):
    d = device()
    d.at(0.0)
    replies, said = d.at(0.01, words)
    assert replies == 0
    assert said.endswith(encode(f'NA,{number}') + b'!')
    assert d.at(0.02, ASK) == (0, ACK)


def test_a_command_while_busy_is_refused_and_the_first_one_answered(device):
    d = device(latency_s=0.12)
    d.at(0.0)
    d.at(0.01, ASK)
    assert d.at(0.02, ASK) == (0, encode('NA,5') + b'!')
    assert d.at(0.13) == (1, b'>LM,Md,v0006091,R000E301,R000E301*46\r<')


def test_a_latency_fault(device):
    d = device(latency_s=0.12)
    d.at(0.0)
    d.laser.set_fault('latency', 0.5)
    d.at(0.0, ASK)
    assert d.at(0.61)[0] == 0
    assert d.at(0.62)[0] == 1


@given(st.binary(max_size=200))
def test_any_bytes_do_no_harm(data):
    d = Device()
    try:
        d.at(0.0, data)
        d.at(1.0)
        said = d.at(2.0, b'\r' + ASK)[1]
        assert said.endswith(ACK)
    finally:
        d.end.close()


class Descent:
    """Driver and emulator in lock-step, the way a flight runs them."""

    def __init__(self, seed=1, sink=0.0, height=500.0, url='memory:descent', **parameters):
        self.end = listen_transport(url)
        self.laser = LaserModel(LaserParameters(noise_m=0.3), np.random.default_rng(seed))
        self.device = VectronixEmulator(EmulatorParameters(), self.laser, self.end)
        self.driver = RangefinderDriver(RangefinderParameters(transport=url, **parameters))
        self.sink, self.start, self.cycle, self.replies = sink, height, 0, 0
        self.samples = []

    def height(self, time):
        return self.start - self.sink * time

    def run(self, seconds):
        new = []
        for _ in range(round(seconds * 100)):
            time = round(0.01 * self.cycle, 9)
            self.replies += self.device.step(time, lambda t=time: (self.height(t), 1.0))
            new += self.driver.poll(time)
            self.driver.acted()
            self.replies += self.device.step(time, lambda t=time: (self.height(t), 1.0))
            self.cycle += 1
        self.samples += new
        return new


@pytest.fixture
def descent():
    made = []

    def make(**arguments):
        made.append(Descent(**arguments))
        return made[-1]

    yield make
    for d in made:
        d.end.close()


@pytest.mark.parametrize('url', ['memory:descent', f'unix:@descent-{os.getpid()}'], ids=['memory', 'unix'])
def test_range_and_time_belong_together(descent, url):
    d = descent(sink=66.0, height=2000.0, url=url)
    samples = d.run(26.0)
    errors = [s.range_m - d.height(s.time) for s in samples]
    assert len(samples) == d.replies == 125
    assert np.std(errors) == pytest.approx(0.3, rel=0.25)  # a stamp wrong by 0.12 s would add 8 m
    assert abs(np.mean(errors)) < 0.1
    assert {round(s.received - s.time, 6) for s in samples} == {0.12}


def test_the_same_seed_gives_the_same_samples(descent):
    first, second = descent(seed=3, sink=40.0, height=3500.0), None
    first.laser.set_fault('dropout', 0.3)
    first.run(60.0)
    first.end.close()
    second = descent(seed=3, sink=40.0, height=3500.0)
    second.laser.set_fault('dropout', 0.3)
    second.run(60.0)
    assert repr(first.samples) == repr(second.samples)
    assert len(first.samples) > 290


def test_mission_2_seen_by_the_driver(descent):
    d = descent(sink=66.0, height=1500.0)
    d.laser.set_fault('loss_db', 10.5)
    samples = d.run(15.0)
    first = next(s for s in samples if s.validity == RangeSample.VALID)
    print(f'first valid range {first.range_m:.1f} m (seed 1)')
    assert first.range_m == pytest.approx(893.0, rel=0.06)
    before = [s for s in samples if s.time < first.time]
    assert {s.validity for s in before} == {RangeSample.NO_RETURN}
    assert len(before) > 20


def test_thousands_of_shots_with_faults(descent):
    d = descent(sink=0.0, height=800.0)
    rng = np.random.default_rng(11)
    faults = [('dropout', 0.5), ('no_return', 0.0), ('latency', 0.3), ('latency', 1.5), ('loss_db', 30.0),
              ('bias', -900.0), ('bias', 5e4), ('noise', 30.0), ('stuck', 0.0), ('spike', 200.0)]
    seen = set()
    for round_ in range(60):
        kind, value = faults[round_ % len(faults)]
        d.laser.set_fault(kind, value)
        seen |= {s.validity for s in d.run(5.0 + rng.random())}
        d.laser.clear_fault(kind)
        d.run(4.0)  # time for a device that was slow
        good = d.run(5.0)
        assert {s.validity for s in good} == {RangeSample.VALID}, kind
        assert all(abs(s.range_m - 800.0) < 3.0 for s in good), kind
        assert d.driver.health.state is State.OK
    assert len(d.samples) > 3000
    assert seen == {RangeSample.VALID, RangeSample.NO_RETURN, RangeSample.TIMEOUT, RangeSample.DEVICE_ERROR}
    assert [s.time for s in d.samples] == sorted({s.time for s in d.samples})
    assert all((s.range_m > 0.0) == (s.validity == RangeSample.VALID) for s in d.samples)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(['plug', 'unplug', 'host']), st.floats(0.01, 3.0)), max_size=12))
def test_pulled_and_plugged_at_any_time(script):
    d = Descent()
    try:
        for what, seconds in script:
            if what == 'unplug':
                d.end.close()
            elif what == 'plug' and not d.end.connected:
                d.end.close()
                d.end = listen_transport('memory:descent')
                d.device = VectronixEmulator(EmulatorParameters(), d.laser, d.end)
            elif what == 'host':  # the flight software is started anew
                d.driver.close()
                d.driver = RangefinderDriver(RangefinderParameters(transport='memory:descent'))
            d.run(seconds)
        d.end.close()
        d.end = listen_transport('memory:descent')
        d.device = VectronixEmulator(EmulatorParameters(), d.laser, d.end)
        d.run(5.0)
        assert {s.validity for s in d.run(2.0)} == {RangeSample.VALID}
        assert all(abs(s.range_m - 500.0) < 3.0 for s in d.samples if not math.isnan(s.range_m))
    finally:
        d.end.close()


@pytest.mark.parametrize('arguments, word', [([], 'choose one of --pty and --udp'),
                                             (['--pty', '--udp', '5000'], 'choose one of'),
                                             (['--pty', '--dropout', '2'], 'not in the range 0<=x<=1')])
def test_the_program_says_what_is_wrong(arguments, word):
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert word in result.output


def test_the_help_teaches():
    text = CliRunner().invoke(main, ['--help']).output
    for word in ('--pty', 'trigger:=timer', 'ros2 topic echo', '10.5', '>LM,Md,3*D5'):
        assert word in text

"""The preflight check on made-up observations; no ROS."""

import pytest

from lander_common.parameters import ParameterError
from lander_telemetry.parameters import PreflightParameters
from lander_telemetry.preflight import ClockWatch, Preflight, Verdict
from lander_telemetry.preflight_device import Health

PERIODS = {'imu': 0.02, 'star_tracker': 0.2, 'contact': 0.1, 'rangefinder': 0.2, 'valves': 0.1,
           'rover_release': 0.1}
DRIVERS = {'rangefinder': 1, 'valves': 0, 'rover_release': 1}  # level of the diagnostics when all is well


class Bench:
    """Devices that send what they should, until a test changes that; flight time is wall time plus 1000 s."""

    def __init__(self, **parameters):
        self.p = PreflightParameters(**{'devices': list(PERIODS), **parameters})
        self.preflight = Preflight(self.p, 0.0)
        self.wall, self.step = 0.0, 0
        self.there = set(PERIODS)
        self.periods = dict(PERIODS)
        self.stamp = {name: lambda time: time for name in PERIODS}
        self.complaints, self.values = {}, {}
        self.levels, self.silent_drivers = dict(DRIVERS), set()
        self.clock = lambda wall: wall + 1000.0
        self.next = dict.fromkeys(PERIODS, 0.0)

    def run(self, seconds):
        """Live on for so long, or to the verdict; return it."""
        end = self.wall + seconds
        while self.wall < end and self.preflight.verdict is Verdict.WAITING:
            self.step += 1
            self.wall = 0.01 * self.step
            self._send()
            if self.step % 10 == 0:
                self.preflight.step(self.clock(self.wall), self.wall)
        return self.preflight.verdict

    def _send(self):
        for name, watch in self.preflight.watches.items():
            watch.publishers = int(name in self.there)
            while name in self.there and self.wall >= self.next[name] - 1e-9:
                self.next[name] += self.periods[name]
                clock = self.clock(self.wall)
                watch.hear(self.stamp[name](clock), clock, self.wall, self.complaints.get(name, ''))
            if name in self.there and name in DRIVERS and name not in self.silent_drivers:
                watch.health = Health(self.wall, self.levels[name], 'says its driver', {
                    'link': 'open', **self.values.get(name, {})})

    def problems(self):
        return {row.name: row.problem for row in self.preflight.rows if row.problem}


@pytest.fixture
def bench():
    return Bench()


def refused(bench):
    """Run to NO GO and return what is wrong."""
    assert bench.run(bench.p.timeout_s + 1.0) is Verdict.NO_GO
    assert bench.preflight.message.startswith('NO GO: ')
    return bench.problems()


def test_go_when_all_are_good_for_long_enough(bench):
    bench.values['rangefinder'] = {'protocol': 'lightware_sf45', 'identity': 'SF45'}
    assert bench.run(1.9) is Verdict.WAITING
    assert bench.run(2.0) is Verdict.GO
    assert bench.preflight.message == 'GO'
    rows = {row.name: row for row in bench.preflight.rows}
    assert rows['imu'].alive == '50.0 Hz' and rows['imu'].identified == 'not asked'
    assert rows['rangefinder'].identified == 'lightware_sf45: SF45'


def test_a_break_begins_the_wait_anew(bench):
    bench.run(1.5)
    bench.complaints['valves'] = 'stuck'
    bench.run(0.3)
    del bench.complaints['valves']
    assert bench.run(1.8) is Verdict.WAITING
    assert bench.run(1.0) is Verdict.GO
    bench.there.clear()
    assert bench.preflight.step(0.0, bench.wall + 100.0) is Verdict.GO


def test_a_device_that_comes_and_goes_is_named(bench):
    while bench.run(1.0) is Verdict.WAITING:
        bench.complaints['imu'] = 'shaken'
        bench.run(0.1)
        del bench.complaints['imu']
    assert bench.preflight.verdict is Verdict.NO_GO
    assert bench.problems()['imu'].endswith(' s ago: shaken')


def test_missing(bench):
    bench.there.remove('star_tracker')
    assert refused(bench) == {'star_tracker': 'nobody publishes star_tracker'}


def test_silent(bench):
    bench.run(1.0)
    bench.next['imu'] = float('inf')
    assert refused(bench) == {'imu': 'silent for 59.0 s'}


def test_never_a_word(bench):
    bench.next['contact'] = float('inf')
    assert refused(bench) == {'contact': 'silent for 60.0 s'}


def test_a_slow_device_is_not_silent():
    bench = Bench(devices=['star_tracker'], star_tracker_rate_hz=0.5, settle_s=5.0)
    bench.periods['star_tracker'] = 2.0
    assert bench.run(20.0) is Verdict.GO


@pytest.mark.parametrize('period, text', [(0.04, '25.0 Hz instead of 50 Hz'),
                                          (0.01, '100.0 Hz instead of 50 Hz')])
def test_wrong_rate(bench, period, text):
    bench.periods['imu'] = period
    assert refused(bench) == {'imu': text}


@pytest.mark.parametrize('off, text', [(-0.8, 'stamps 0.80 s behind the clock'),
                                       (0.8, 'stamps 0.80 s ahead of the clock')])
def test_wrong_clock(bench, off, text):
    bench.stamp['contact'] = lambda time: time + off
    assert refused(bench) == {'contact': text}


def test_a_clock_within_the_tolerance_passes(bench):
    bench.stamp['contact'] = lambda time: time + 0.45
    assert bench.run(5.0) is Verdict.GO


def test_stamps_that_go_back(bench):
    bench.stamp['imu'] = lambda time: time - 0.05 * (int(time * 2) % 2)
    problem = refused(bench)['imu']
    assert problem.startswith('stamps go back from ')


def test_stamps_that_repeat_are_wrong_for_a_sensor_and_right_for_a_status(bench):
    bench.stamp['valves'] = bench.stamp['contact'] = lambda time: time - time % 0.4
    problems = refused(bench)
    assert list(problems) == ['contact'] and problems['contact'].endswith('came twice')


def test_complaints_and_diagnostics(bench):
    bench.complaints['valves'] = 'main reported open'
    bench.levels['rover_release'] = 2
    bench.silent_drivers.add('rangefinder')
    assert refused(bench) == {'valves': 'main reported open', 'rover_release': 'says its driver',
                              'rangefinder': 'no diagnostics of rangefinder'}


def test_diagnostics_that_stop():
    bench = Bench(settle_s=5.0)
    bench.run(1.0)
    bench.silent_drivers.add('valves')
    assert refused(bench) == {'valves': 'no diagnostics of valve_driver for 59 s'}


@pytest.mark.parametrize('values, text', [
    ({'link': 'closed', 'last_problem': 'no such port'}, 'no such port'),
    ({'link': 'closed'}, 'says its driver'),
    ({'device': 'silent'}, 'the driver does not hear the device'),
    ({'identity': 'no answer'}, 'does not say what it is')])
def test_what_a_driver_knows(bench, values, text):
    bench.values['rangefinder'] = values
    assert refused(bench) == {'rangefinder': text}


def test_a_clock_that_jumps_or_stands(bench):
    watch = ClockWatch(0.5)
    for k in range(20):
        watch.look(100.0 + 0.1 * k, 0.1 * k)
    assert watch.row(1.9).problem == ''
    watch.look(103.0, 2.0)
    assert watch.row(2.0).problem == 'the clock has jumped by +1.00 s'
    watch.look(102.9, 2.1)
    assert watch.row(2.1).problem == 'the clock has jumped by -0.20 s'
    for k in range(22, 40):
        watch.look(102.9, 0.1 * k)
    assert watch.row(3.9).problem == 'the clock stands still'
    bench.clock = lambda wall: 1000.0 + wall + 2.0 * (int(wall) % 2)
    assert 'the clock has jumped' in refused(bench)['clock']


@pytest.mark.parametrize('devices', [[], ['imu', 'radar']])
def test_devices_that_are_none_are_refused(devices):
    with pytest.raises(ParameterError, match=r'devices = .*some of imu, .*rover_release'):
        PreflightParameters(devices=devices)

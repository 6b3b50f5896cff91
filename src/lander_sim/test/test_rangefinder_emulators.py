"""Every emulated range finder with the real driver: on a simulated clock, and over a pseudo terminal.

Over the pseudo terminal the clock is simulated too, but the bytes take their time: each cycle waits for them
for a moment. So a slow machine makes these tests slow, not wrong.
"""

import math
import os
import random
import select
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common.parameters import ParameterError
from lander_common.samples import RangeSample
from lander_common.transport import listen_transport
from lander_rangefinder.driver import RangefinderDriver
from lander_rangefinder.health import State
from lander_rangefinder.parameters import RangefinderParameters
from lander_rangefinder.protocols import OURS, find
from lander_sim.devices.emulator import make_emulator
from lander_sim.devices.parameters import EmulatorParameters
from lander_sim.parameters import SimulatorParameters
from lander_sim.sensors.laser import LaserModel, LaserParameters
from lander_sim.set_up import set_up

RANGE = 10.0  # [m] in reach of all of them
CHECKED = [name for name in OURS if name not in ('lightware_ascii', 'lightware_binary')]
every_device = pytest.mark.parametrize('device', OURS)


class Flight:
    """Driver and emulator in lock-step at 100 Hz of flight time."""

    def __init__(self, device, url, noise=0.0, **parameters):
        self.name, self.url = device, url
        self.laser = LaserModel(LaserParameters(noise_m=noise, min_range_m=0.2), np.random.default_rng(1))
        self.cycle = 0
        self.alive = True
        self.distance = lambda time: RANGE
        self.plug()
        host = f'serial://{self.end.path}' if url.startswith('pty:') else self.end.url
        self.driver = RangefinderDriver(RangefinderParameters(transport=host, protocol=device, **parameters))

    @property
    def time(self):
        return round(0.01 * self.cycle, 9)

    def plug(self):
        """Make the link, and switch the device on."""
        self.end = listen_transport(self.url)
        self.device = make_emulator(EmulatorParameters(self.name), self.laser, self.end)

    def unplug(self):
        self.end.close()

    def run(self, seconds):
        """Live on; return the samples of that time."""
        new = []
        for _ in range(round(seconds * 100)):
            self._step()
            self._let_bytes_come()
            new += self.driver.poll(self.time)
            self._step()
            self.cycle += 1
        return new

    def until_valid(self, limit=1.0):
        """Live on until a range is valid; fail if that takes longer than `limit` s."""
        start = self.time
        while self.time <= start + limit:
            samples = self.run(0.01)
            if any(s.validity == RangeSample.VALID for s in samples):
                return samples
        raise AssertionError(f'no valid range within {limit} s: {self.driver.report()}')

    def close(self):
        self.end.close()
        self.driver.close()

    def _step(self):
        if self.alive and self.end.connected:
            self.device.step(self.time, lambda: (self.distance(self.time), 1.0))

    def _let_bytes_come(self):
        if self.url.startswith('pty:') and self.end.connected and self.driver.link.up:
            select.select([self.driver.link.transport(self.time)._port], [], [], 0.002)


@pytest.fixture
def flight(tmp_path):
    made = []

    def make(device, url=None, **parameters):
        made.append(Flight(device, url or f'pty:{tmp_path}/lidar', **parameters))
        return made[-1]

    yield make
    for f in made:
        f.close()


def right(samples, at=RANGE):
    """Say that all ranges are right, and return the valid ones."""
    valid = [s for s in samples if s.validity == RangeSample.VALID]
    assert all(abs(s.range_m - at) < 0.01 for s in valid)
    assert all(math.isnan(s.range_m) for s in samples if s.validity != RangeSample.VALID)
    return valid


@every_device
def test_the_driver_knows_what_its_device_says_it_is(flight, device):
    f = flight(device)
    assert (f.driver.report()['link'], f.driver.report()['protocol']) == ('closed', device)
    f.until_valid(limit=3.0)
    report = f.driver.report()
    assert report['link'] == 'open'
    assert report['identity'] == ('SF45' if device == 'lightware_sf45' else 'not asked')


@every_device
@pytest.mark.parametrize('url', ['memory:lidar', f'unix:@frigoris-lidar-{os.getpid()}'],
                         ids=['memory', 'unix'])
def test_range_and_time_belong_together(flight, device, url):
    reach = min(find(device).profile.maximum_range_m, 2000.0, 150.0 if device == 'lightware_binary' else 1e9)
    speed = reach / 12.0
    f = flight(device, url)
    f.distance = lambda time: 0.95 * reach - speed * time
    samples = f.run(10.0)
    valid = [s for s in samples if s.validity == RangeSample.VALID]
    assert len(valid) > 8.0 * min(find(device).profile.rate_hz, 100.0) * 0.85
    errors = [s.range_m - f.distance(s.time) for s in valid]
    assert max(abs(e) for e in errors) < 0.006 + 0.002 * speed, max(errors, key=abs)
    delay = {round(s.received - s.time, 6) for s in valid}
    assert delay == {find(device).profile.latency_s}
    assert [s.time for s in valid] == sorted({s.time for s in valid})


@every_device
def test_no_echo_is_no_return_and_not_a_range(flight, device):
    f = flight(device, 'memory:lidar')
    f.run(1.5)
    f.laser.set_fault('no_return')
    f.run(0.5)
    samples = f.run(1.0)
    assert {s.validity for s in samples} == {RangeSample.NO_RETURN}
    assert all(s.reason.startswith('no return (') for s in samples)
    assert f.driver.health.state is State.NO_RETURN
    f.laser.clear_fault('no_return')
    f.until_valid()


@pytest.mark.parametrize('device', [d for d in OURS if find(d).profile.maximum_range_m < 1000.0])
def test_beyond_its_reach_it_has_no_echo(flight, device):
    reach = find(device).profile.maximum_range_m
    f = flight(device, 'memory:lidar')
    f.distance = lambda time: reach + 1.0
    assert {s.validity for s in f.run(3.0)} - {RangeSample.TIMEOUT} == {RangeSample.NO_RETURN}


@every_device
def test_over_a_pseudo_terminal(flight, device):
    f = flight(device)
    f.until_valid(2.0)
    samples = f.run(2.0)
    assert len(right(samples)) > 0.5 * 2.0 * min(find(device).profile.rate_hz, 100.0)
    assert f.driver.health.state is State.OK


@every_device
@pytest.mark.parametrize('gone', [0.05, 0.3, 3.0])
def test_unplugged_and_plugged_in_again(flight, device, gone):
    f = flight(device)
    f.until_valid(2.0)
    f.run(0.13)
    f.unplug()
    lost = f.run(gone)
    assert [s.validity for s in lost[-1:]] == [RangeSample.DEVICE_ERROR]
    assert f.url.removeprefix('pty:') in f.driver.report()['last_problem']
    if gone > 1.0:
        assert f.driver.health.state is State.DEAD
    f.plug()
    right(f.until_valid())
    right(f.run(1.0))
    assert f.driver.health.state is State.OK
    assert f.driver.report()['links_lost'] == 1


@every_device
def test_a_device_that_falls_silent(flight, device):
    f = flight(device)
    f.until_valid(2.0)
    f.alive = False
    timeout = find(device).profile.timeout_s
    silent = f.run(4.5 * timeout)
    assert RangeSample.TIMEOUT in {s.validity for s in silent}
    assert f.driver.health.state is State.DEAD
    assert f'no answer within {timeout:g} s' in f.driver.report()['last_problem']
    f.device = make_emulator(EmulatorParameters(device), f.laser, f.end)  # without power
    f.alive = True
    right(f.until_valid(max(1.0, timeout + 0.3)))
    right(f.run(1.0))


@pytest.mark.parametrize('device', CHECKED)
def test_garbage_on_the_line(flight, device):
    f = flight(device)
    f.until_valid(2.0)
    seed = random.randrange(2**32)
    print('seed', seed)
    rng = random.Random(seed)
    for _ in range(50):
        f.end.write(rng.randbytes(rng.randrange(40)))
        right(f.run(0.01))
    right(f.until_valid(1.2))
    right(f.run(1.0))
    assert f.driver.report()['bytes_skipped'] > 100


class Dribble:
    """A link that lets through a few bytes at a time."""

    def __init__(self, end, step):
        self.end, self.step, self.waiting = end, step, bytearray()

    def read(self):
        self.end.write(bytes(self.waiting[:self.step]))
        del self.waiting[:self.step]
        return self.end.read()

    def write(self, data):
        self.waiting += data


@every_device
def test_answers_in_pieces(flight, device):
    f = flight(device)
    f.until_valid(2.0)
    f.device = make_emulator(EmulatorParameters(device), f.laser, Dribble(f.end, 5))
    f.run(1.5)
    assert len(right(f.run(2.0))) >= 4


@pytest.mark.parametrize('device', ['vectronix_ascii', 'lightware_ascii'])
def test_a_device_that_is_asked_and_answers_late(flight, device):
    f = flight(device)
    f.until_valid(2.0)
    timeout = find(device).profile.timeout_s
    f.laser.set_fault('latency', 1.4 * timeout)
    f.distance = lambda time: RANGE - 1.0  # late ranges would be other ones
    late = f.run(6.0 * timeout)
    assert {s.validity for s in late if s.time > late[1].time} == {RangeSample.TIMEOUT}
    assert f.driver.report()['answers_ignored'] >= 1
    f.laser.clear_fault('latency')
    f.distance = lambda time: RANGE
    f.run(2.0 * timeout)
    right(f.run(1.0))
    assert f.driver.health.state is State.OK


@every_device
@settings(max_examples=30, deadline=None)
@given(data=st.binary(max_size=100))
def test_any_bytes_do_the_emulators_no_harm(device, data):
    end = listen_transport('memory:any')
    try:
        laser = LaserModel(LaserParameters(noise_m=0.0, min_range_m=0.2), np.random.default_rng(1))
        emulator = make_emulator(EmulatorParameters(device), laser, end)
        driver = RangefinderDriver(RangefinderParameters(transport=end.url, protocol=device))
        driver.open()
        driver.link.transport(0.0).write(data)
        found = set()
        for cycle in range(400):
            emulator.step(0.01 * cycle, lambda: (RANGE, 1.0))
            found |= {s.validity for s in driver.poll(0.01 * cycle)}
        assert RangeSample.VALID in found
    finally:
        end.close()


@pytest.mark.parametrize('device', OURS)
def test_it_says_when_it_acts_of_itself(device):
    end = listen_transport('memory:due')
    laser = LaserModel(LaserParameters(noise_m=0.0, min_range_m=0.2), np.random.default_rng(1))
    emulator = make_emulator(EmulatorParameters(device), laser, end)
    driver = RangefinderDriver(RangefinderParameters(transport=end.url, protocol=device))
    time, replies = 0.0, 0
    for _ in range(2000):
        replies += emulator.step(time, lambda: (RANGE, 1.0))
        driver.poll(time)
        emulator.step(time, lambda: (RANGE, 1.0))
        assert emulator.due > time - 1e-6
        time = max(time + 1e-4, min(emulator.due, time + 0.005))
    end.close()
    assert replies >= 10


@pytest.mark.parametrize('values, message', [
    ({'device': 'morse'}, r"device = 'morse': allowed is one of vectronix_ascii, noptel"),
    ({'latency_s': -0.2}, r'latency_s = -0\.2: allowed is at least 0 \[s\], or -1 for that of the device'),
])
def test_bad_parameters(values, message):
    with pytest.raises(ParameterError, match=message):
        EmulatorParameters(**values)


@every_device
def test_any_of_them_flies(device):
    """A landing begins with it; its times are not those of another device in the file."""
    config = Path(__file__).parents[3] / 'config'
    p = SimulatorParameters(
        vehicle_file=str(config / 'vehicles/resilience.yaml'),
        site_file=str(config / 'sites/mare_frigoris.yaml'),
        scenario_file=str(config / 'scenarios/nominal.yaml'),
        sensors_file=str(config / 'sensors/resilience.yaml'), rangefinder_link='memory:flies',
        rangefinder_device=device)
    simulation = set_up(p)
    driver = RangefinderDriver(RangefinderParameters(transport='memory:flies', protocol=device))
    samples = []
    for _ in range(300):
        samples += driver.poll(simulation.time)
        simulation.step(None)
    simulation.link.close()
    assert RangeSample.NO_RETURN in {s.validity for s in samples}  # in orbit
    assert {s.validity for s in samples[len(samples) // 2:]} == {RangeSample.NO_RETURN}
    if device != 'vectronix_ascii':
        with pytest.raises(ParameterError, match=rf"device = '{device}': allowed is vectronix_ascii"):
            set_up(p, RangefinderParameters())

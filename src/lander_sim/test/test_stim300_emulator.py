"""The emulated IMU against the real driver, in memory; time is what the test says."""

import itertools
import math

import numpy as np
import pytest

from lander_common.transport import listen_transport
from lander_imu.driver import ImuDriver, State
from lander_imu.parameters import ImuDriverParameters
from lander_sim.devices.stim300 import Stim300Emulator

names = itertools.count()
QUANTA = math.radians(2.0**-14), 9.80665 * 2.0**-19  # [rad/s], [m/s^2] of a count


class Bench:
    def __init__(self, sample_rate=500):
        url = f'memory:stim{next(names)}'
        self.device = Stim300Emulator(listen_transport(url), sample_rate)
        self.driver, self.time, self.samples = ImuDriver(ImuDriverParameters(transport=url)), 50.0, []
        for _ in range(4):
            self.driver.poll(self.time)
            self.device.hear()

    def cycle(self, rate=(0.0, 0.0, 0.0), force=(0.0, 0.0, 0.0), dt=0.02):
        self.time += dt
        answers = self.device.hear()
        sent = self.device.move(dt, rate, force, answers)
        self.samples += self.driver.poll(self.time)
        return sent


@pytest.mark.parametrize('sample_rate', [250, 500, 1000, 2000])
def test_a_cycle_is_one_message_with_its_motion(sample_rate):
    b = Bench(sample_rate)
    rng = np.random.default_rng(sample_rate)
    rates, forces = rng.normal(0, 0.1, (100, 3)), rng.normal(0, 3.0, (100, 3))
    for rate, force in zip(rates, forces, strict=True):
        assert b.cycle(rate, force) == sample_rate // 50
    assert len(b.samples) == 100
    assert [s.time for s in b.samples] == pytest.approx(50.02 + 0.02 * np.arange(100) - 6.886e-3, abs=1e-6)
    # What was felt by the stamps is what was felt by the motion, which the device tells whole samples later.
    late = round(6.9e-3 * sample_rate) / sample_rate / 0.02
    for told, true, quantum in (([s.angular_velocity for s in b.samples], rates, QUANTA[0]),
                                ([s.specific_force for s in b.samples], forces, QUANTA[1])):
        wanted = (1 - late) * true[1:] + late * true[:-1]
        assert np.abs(np.array(told)[1:] - wanted).max() <= quantum * 0.51


def test_no_motion_is_lost_over_many_cycles():
    b = Bench()
    rng = np.random.default_rng(7)
    rates = rng.normal(0, 0.1, (500, 3))
    rates[[0, -1]] = 0.0  # what the device tells before it has measured, and what it still holds
    for rate in rates:
        b.cycle(rate)
    turned = sum(s.angular_velocity for s in b.samples) * 0.02
    assert turned == pytest.approx(rates.sum(0) * 0.02, abs=500 * 0.02 * QUANTA[0] / 2)


def test_identity_and_overload():
    b = Bench()
    b.cycle()
    report = b.driver.report()
    assert (report['part_number'], report['serial_number']) == ('84167-4400003-321 rev K', 'N25582405002002')
    assert b.driver.state is State.OK
    b.cycle(force=(0.0, 0.0, 12 * 9.80665))
    b.cycle()
    assert report['sample_rate_hz'] == 500
    assert 'accelerometers: overload z' in b.driver.report()['last_problem']
    seen = len(b.samples)
    for _ in range(5):
        b.cycle()
    assert len(b.samples) >= seen + 4


def test_a_question_in_flight_costs_a_sample_and_a_message():
    b = Bench()
    b.cycle()
    b.device.status = (0x18, 0)  # an error: the driver asks what it is
    b.cycle()
    b.device.status = (0, 0)
    for _ in range(5):
        b.cycle()
    assert b.driver.report()['lost'] == 1
    assert b.driver.state is State.DEGRADED


def test_unknown_commands_and_noise_are_ignored():
    url = f'memory:stim{next(names)}'
    end = listen_transport(url)
    device = Stim300Emulator(end)
    driver = ImuDriver(ImuDriverParameters(transport=url))
    driver.open()
    end.received += b'SERVICEMODE\r' + b'\xff' * 100 + b'X\r'
    assert device.hear() == 0
    end.received += b'\rC\r'
    assert device.hear() == 1

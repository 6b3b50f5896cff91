"""The compiled cycle does what `Simulation.step` does; a range finder needs no bytes for the same ranges."""

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest

from lander_common.compiled import compiled
from lander_common.samples import RangeSample, ThrusterCommand
from lander_common.site import load_site
from lander_common.transport import listen_transport, open_transport
from lander_common.vehicle import load_vehicle
from lander_rangefinder.direct import DirectRangefinder
from lander_rangefinder.driver import RangefinderDriver
from lander_rangefinder.parameters import RangefinderParameters
from lander_sim.faults import Fault, How, When
from lander_sim.scenario import Uncertainty, load_scenario
from lander_sim.sensor_file import load_sensors
from lander_sim.simulation import Simulation
from lander_sim.terrain import TerrainError, load_terrain
from lander_sim.terrain.grid import CYLINDRICAL, Grid
from lander_sim.terrain.surface import Landscape, landscape
from lander_sim.verdict import CRASHED, FLYING, LANDED
from lander_sim.world_step import ATTEND, NO_DATA, OK, step

CONFIG = Path(__file__).parents[3] / 'config'
VEHICLE = load_vehicle(CONFIG / 'vehicles/resilience.yaml')
SITE = load_site(CONFIG / 'sites/mare_frigoris.yaml')
SENSORS = load_sensors(CONFIG / 'sensors/resilience.yaml', {}, '')
EXACT = Uncertainty(**{f.name: 0.0 for f in dataclasses.fields(Uncertainty)})  # nobody steers
SCENARIO = dataclasses.replace(load_scenario(CONFIG / 'scenarios/nominal.yaml', VEHICLE), uncertainty=EXACT)
STEP = SCENARIO.limits.step_s
ASSIST, RCS = list(VEHICLE.group('assist')), list(VEHICLE.group('rcs'))
THRUST = sum(VEHICLE.thrusters[i].thrust_n for i in ASSIST)
SEED = 20261121
links = itertools.count()


@compiled
def one_step(worlds, land, streams, on_time, throttle):
    return step(worlds[0], Landscape(land.surface[0], land.raster), streams, on_time, throttle)


def bits(value):
    """Return something that is equal only to the same bits."""
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if dataclasses.is_dataclass(value):
        return tuple(bits(getattr(value, f.name)) for f in dataclasses.fields(value))
    return tuple(bits(v) for v in value) if isinstance(value, (list, tuple)) else repr(value)


class Flight:
    """A lander that sinks with 1 m/s and a twentieth of its height per second, upright without control."""

    def __init__(self, faults=(), height=1500.0, bytes_=False, seed=3, fall=False, **driver):
        scenario = dataclasses.replace(SCENARIO, faults=tuple(faults))
        url = f'memory:turns-{next(links)}'
        link = listen_transport(url) if bytes_ else None
        s = self.simulation = Simulation(VEHICLE, SITE, scenario, SENSORS,
                                         load_terrain(SCENARIO.terrain, SITE, seed), link, seed)
        p = RangefinderParameters(**driver)
        if bytes_:
            self.driver = RangefinderDriver(p, open_transport(url))
        else:
            self.driver = DirectRangefinder(p, s.record['rangefinder'])
        ground = s.terrain.height_at(SITE.origin)
        s.dynamics.set_state(SITE.to_moon(np.array([0.0, 0.0, ground + height])), np.zeros(3),
                             SITE.quaternion, np.zeros(3), 100.0)
        self.fall = fall
        self.said = [s.first_frame()]
        self.ranges = []

    def command(self):
        d, on_time = self.simulation.dynamics, np.zeros(len(VEHICLE.thrusters))
        up = SITE.rotation[:, 2]
        height = float(d.position @ up - SITE.origin @ up) - SITE.ground_height_m
        wanted = 1.62 + 0.5 * (-1.0 - 0.05 * max(height, 0.0) - float(d.velocity @ up))
        if not self.fall:
            on_time[ASSIST] = STEP * min(max(wanted * d.mass / THRUST, 0.0), 1.0)
        return ThrusterCommand(self.simulation.time, on_time)

    def step(self, compiled_):
        s, command = self.simulation, self.command()
        self.ranges += self.driver.poll(s.time)
        if compiled_:
            code = one_step(s.record, s.terrain.land, s.streams, command.on_time, command.throttle)
            assert code in (OK, ATTEND)
            frame = s.frame(s.attend(code))
        else:
            frame = s.step(command)
        self.said.append(frame)

    def run(self, turn, most=30000):
        for k in range(most):
            if self.simulation.verdict.result != FLYING:
                break
            self.step(turn(k))
        return self

    @property
    def told(self):
        """What the sensors said, in bits."""
        return [bits(f) for f in self.said]


def fault(what, kind, value=0.0, duration=0.0, **when):
    return Fault(When(**when), what, How(kind, value, duration))


FAULTS = (
    fault('imu', 'noise', 0.3, 3.0, time_s=1.0), fault('imu', 'bias', 0.1, 2.0, time_s=2.0),
    fault('imu', 'spike', 5.0, time_s=4.5), fault('imu', 'stuck', duration=0.5, time_s=5.0),
    fault('imu', 'scale', 0.1, 1.0, time_s=6.0),
    fault('star_tracker', 'noise', 0.01, 2.0, time_s=1.0),
    fault('star_tracker', 'stuck', duration=1.0, time_s=4.0),
    fault('star_tracker', 'dropout', 0.5, 2.0, time_s=6.0), fault('star_tracker', 'spike', 0.1, time_s=9.0),
    fault('ground_velocity', 'noise', 1.0, 2.0, altitude_below_m=900.0),
    fault('ground_velocity', 'dropout', 0.5, 2.0, altitude_below_m=700.0),
    fault('ground_velocity', 'stuck', duration=1.0, altitude_below_m=500.0),
    fault('thruster/assist_1', 'weak', 0.99, 1.0, altitude_below_m=400.0),
    fault('thruster/assist_4', 'weak', 0.99, 1.0, altitude_below_m=400.0))
RANGE_FAULTS = tuple(
    fault('rangefinder', kind, value, duration, time_s=start) for kind, value, duration, start in (
        ('dropout', 0.4, 8.0, 2.0), ('no_return', 0.0, 2.0, 11.0), ('noise', 20.0, 4.0, 14.0),
        ('latency', 0.25, 5.0, 19.0), ('latency', 1.3, 7.0, 25.0), ('latency', 3.0, 9.0, 33.0),
        ('stuck', 0.0, 2.0, 43.0), ('stuck', 700.0, 2.0, 46.0), ('spike', 500.0, 0.0, 49.0),
        ('bias', -3000.0, 2.0, 51.0), ('bias', 5e4, 2.0, 54.0), ('scale', -0.9995, 2.0, 57.0),
        ('loss_db', 30.0, 2.0, 60.0), ('bias', 9.99e4, 1.0, 63.0)))
UNPLUGGED = fault('rangefinder', 'unplugged', 0.0, 2.5, time_s=30.1)


def test_python_and_kernel_take_turns():
    print('seed', SEED)
    rng = np.random.default_rng(SEED)
    faults = (*FAULTS, *RANGE_FAULTS, UNPLUGGED)
    python = Flight(faults).run(lambda k: False)
    assert python.simulation.verdict.result == LANDED
    assert sum(len(f.faults) for f in python.said) > len(faults)
    kernel = Flight(faults).run(lambda k: True)
    turns = Flight(faults).run(lambda k: rng.random() < 0.5)
    for other in (kernel, turns):
        assert other.simulation.dynamics.state_hash() == python.simulation.dynamics.state_hash()
        assert other.told == python.told
        assert repr(other.ranges) == repr(python.ranges)
        assert other.simulation.verdict.reason == python.simulation.verdict.reason
        assert other.simulation.record.tobytes() == python.simulation.record.tobytes()


def test_a_fall_ends_the_same_way():
    flights = [Flight(height=60.0, fall=True).run(lambda k, c=c: c) for c in (False, True)]
    assert {f.simulation.verdict.result for f in flights} == {CRASHED}
    assert len({f.simulation.dynamics.state_hash() for f in flights}) == 1
    assert len({f.simulation.verdict.reason for f in flights}) == 1


def test_coast_takes_turns_too():
    flights = []
    for turn in (lambda k: False, lambda k: True, lambda k: k % 3 == 0):
        flight = Flight(height=40e3, fall=True)
        flight.run(turn, most=200)
        flights.append(flight)
    assert flights[0].simulation.time > 150.0
    assert len({f.simulation.record.tobytes() for f in flights}) == 1
    assert flights[0].told == flights[1].told == flights[2].told


def test_phases_start_faults_in_the_kernel():
    def fly(compiled_):
        faults = fault('imu', 'bias', 1.0, phase='BRAKING'), fault('imu', 'scale', 0.1, phase='ABORT')
        flight, phases = Flight(faults), {5: 'COAST', 9: 'BRAKING', 30: 'ABORT'}
        for k in range(60):
            if k in phases:
                flight.simulation.tell_phase(flight.simulation.time, phases[k])
            flight.step(compiled_)
        return flight
    python, kernel = fly(False), fly(True)
    later = round(0.1 / STEP)  # a phase counts a tenth of a second after its stamp
    assert [k for k, f in enumerate(python.said) if f.faults] == [9 + later, 30 + later]
    assert kernel.told == python.told
    assert kernel.simulation.phase == 'ABORT'


def test_ranges_are_those_of_the_bytes_on_a_link():
    bytes_ = Flight(FAULTS + RANGE_FAULTS, bytes_=True).run(lambda k: False)
    direct = Flight(FAULTS + RANGE_FAULTS).run(lambda k: True)
    assert repr(direct.ranges) == repr(bytes_.ranges)
    assert direct.simulation.dynamics.state_hash() == bytes_.simulation.dynamics.state_hash()
    assert direct.told == bytes_.told
    reasons = {''.join(c for c in s.reason if not c.isdigit()) for s in direct.ranges}
    assert len(reasons) == 6, reasons  # none, no return, below, above, refused, no answer
    assert {s.validity for s in direct.ranges} == {
        RangeSample.VALID, RangeSample.NO_RETURN, RangeSample.DEVICE_ERROR, RangeSample.TIMEOUT}
    health, counts = bytes_.driver.health, direct.simulation.record[0]['rangefinder']['counts']
    assert [health.counts[k] for k in range(5)] == counts.tolist()
    assert bytes_.driver.dialogue.ignored == direct.simulation.record[0]['rangefinder']['ignored'] > 0


@pytest.mark.parametrize('changes, driver', [
    ({'pulse_delay_s': 0.05}, {'pulse_delay_s': 0.05, 'beam': 2}), ({'latency_s': 0.86}, {'timeout_s': 0.5}),
    ({'latency_s': 0.01}, {'rate_hz': 50.0, 'sigma_m': 0.7, 'maximum_range_m': 1200.0})])
def test_other_devices_give_the_same_ranges_too(changes, driver, monkeypatch):
    device = dataclasses.replace(SENSORS.rangefinder_device, **changes)
    monkeypatch.setitem(globals(), 'SENSORS', dataclasses.replace(SENSORS, rangefinder_device=device))
    flights = [Flight(RANGE_FAULTS, bytes_=b, **driver).run(lambda k, b=b: not b, most=5000)
               for b in (True, False)]
    assert len(flights[0].ranges) > 30
    assert repr(flights[0].ranges) == repr(flights[1].ranges)


def test_ground_without_data_is_said_with_its_place():
    flight = Flight()
    s = flight.simulation
    reference = np.array([CYLINDRICAL, 1e3, 0.0, 0.0, 0.0, 1e3, 0.0, 0.0])
    s.terrain.land = landscape(s.terrain.surface._replace(
        grid=Grid(np.zeros((2, 2), np.float32), reference, False, False, 0.0)))
    command = flight.command()
    s.rangefinder.poll(s.time)
    code = one_step(s.record, s.terrain.land, s.streams, command.on_time, command.throttle)
    assert code == NO_DATA
    with pytest.raises(TerrainError, match=r'no data at latitude 60\.5'):
        s.attend(code)


@pytest.mark.parametrize('on_time, throttle', [(np.nan, 1.0), (0.0, np.nan)])
def test_a_command_that_is_no_number_is_refused(on_time, throttle):
    s, n = Flight().simulation, len(VEHICLE.thrusters)
    code = one_step(s.record, s.terrain.land, s.streams, np.full(n, on_time), np.full(n, throttle))
    with pytest.raises(ValueError, match='NaN'):
        s.attend(code)

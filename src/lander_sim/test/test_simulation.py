"""The world as the flight software meets it: deterministic, in steps, with sensors and faults."""

import dataclasses
import itertools
import math
from pathlib import Path

import numpy as np
import pytest

from lander_common.samples import RangeSample, ThrusterCommand
from lander_common.site import load_site
from lander_common.transport import listen_transport
from lander_common.vehicle import load_vehicle
from lander_rangefinder.driver import RangefinderDriver
from lander_rangefinder.parameters import RangefinderParameters
from lander_sim.faults import Fault, How, When
from lander_sim.scenario import load_scenario
from lander_sim.sensor_file import load_sensors
from lander_sim.simulation import Simulation
from lander_sim.terrain import load_terrain
from lander_sim.world_step import HIGH

CONFIG = Path(__file__).parents[3] / 'config'
VEHICLE = load_vehicle(CONFIG / 'vehicles/resilience.yaml')
SITE = load_site(CONFIG / 'sites/mare_frigoris.yaml')
NOMINAL = load_scenario(CONFIG / 'scenarios/nominal.yaml', VEHICLE)
SENSORS = load_sensors(CONFIG / 'sensors/resilience.yaml', {}, '')
NAMES = [t.name for t in VEHICLE.thrusters]
STEP, HIGH_STEP = NOMINAL.limits.step_s, NOMINAL.limits.high_step_s


@pytest.fixture
def make():
    made, numbers = [], itertools.count()

    def build(seed=1, faults=()):
        link = listen_transport(f'memory:simulation-{next(numbers)}')
        made.append(Simulation(VEHICLE, SITE, dataclasses.replace(NOMINAL, faults=tuple(faults)), SENSORS,
                               load_terrain(NOMINAL.terrain, SITE, seed), link, seed))
        return made[-1]
    yield build
    for simulation in made:
        simulation.link.close()


@pytest.fixture
def low(make):
    """Make a simulation upright and still, 500 m above the site."""
    def build(*faults):
        simulation = make(faults=faults)
        height = simulation.terrain.height_at(SITE.origin) + 500.0
        simulation.dynamics.set_state(SITE.to_moon(np.array([0.0, 0.0, height])), np.zeros(3),
                                      SITE.quaternion, np.zeros(3), 100.0)
        return simulation
    return build


def fault(what, kind, value=0.0, duration=0.0, **when):
    return Fault(When(**(when or {'time_s': 0.0})), what, How(kind, value, duration))


def command(simulation, **on_time):
    valves = np.zeros(len(NAMES))
    for name, value in on_time.items():
        valves[NAMES.index(name)] = value
    return ThrusterCommand(simulation.time, valves)


def fly(simulation, steps):
    return [simulation.step(None) for _ in range(steps)]


def test_the_same_seed_gives_the_same_bits(make):
    def run(seed):
        simulation, rng, frames = make(seed), np.random.default_rng(5), []
        for _ in range(300):
            pulses = {name: float(p) for name, p in zip(NAMES[7:], 0.1 * rng.random(8))}
            frames.append(simulation.step(command(simulation, **pulses)))
        told = simulation.state_vector().position_map.tobytes()
        sensed = b''.join(f.imu.specific_force.tobytes() + f.attitude.q_moon_body.tobytes() for f in frames)
        return simulation.time, simulation.dynamics.state_hash(), told, sensed

    first, again, other = run(1), run(1), run(2)
    assert first == again
    assert first[0] == other[0] == 300.0
    assert all(a != b for a, b in zip(first[1:], other[1:])), 'another seed is another flight'


def test_steps_are_long_in_coast_and_short_when_engines_run(make):
    simulation = make()
    assert simulation.step(None).dt == 1.0
    assert simulation.step(command(simulation, rcs_1=0.1)).dt == 1.0
    assert simulation.step(command(simulation, assist_1=STEP)).dt == HIGH_STEP
    stopped = simulation.time - HIGH_STEP
    while (frame := simulation.step(None)).dt == HIGH_STEP:
        assert frame.time < stopped + 6.0
    assert frame.time - 1.0 == pytest.approx(stopped + 5.0 + HIGH_STEP)


@pytest.mark.parametrize(('above', 'step'), [(HIGH - 10.0, STEP), (HIGH + 10.0, HIGH_STEP)])
def test_steps_get_short_where_the_landing_site_is_near(low, above, step):
    simulation = low()
    position = SITE.to_moon(np.array([0.0, 0.0, SITE.ground_height_m + above]))
    simulation.dynamics.set_state(position, np.zeros(3), SITE.quaternion, np.zeros(3), 100.0)
    assert simulation.step(command(simulation, assist_1=STEP)).dt == step


def test_steps_are_short_near_the_ground(low):
    assert {f.dt for f in fly(low(), 50)} == {STEP}


def test_time_gathers_no_rounding(low):
    simulation = low()
    assert [f.time for f in fly(simulation, 300)] == [round(1e9 * STEP) * k * 1e-9 for k in range(1, 301)]


def test_sensors_answer_at_their_rates(low):
    frames = fly(low(), 200)
    assert all(f.imu.time == f.time for f in frames)
    for name, every in (('attitude', round(0.2 / STEP)), ('velocity', round(0.1 / STEP)),
                        ('contact', 5)):
        at = [k for k, f in enumerate(frames, 1) if getattr(f, name) is not None]
        assert len(at) in (200 // every, 200 // every + 1), name
        assert set(np.diff(at[1:])) == {every}, name
        assert all(getattr(frames[k - 1], name).time == frames[k - 1].time for k in at)


def test_the_first_frame_sets_the_ring_going(make):
    frame = make(faults=[fault('imu', 'bias', 1.0)]).first_frame()
    assert (frame.time, frame.dt, frame.imu.time) == (0.0, 0.0, 0.0)
    assert [active for _, active in frame.faults] == [True]


def test_what_is_told_before_the_flight_is_near_the_truth(make):
    simulation = make()
    state = simulation.state_vector()
    error = SITE.to_moon(state.position_map) - simulation.dynamics.position
    assert 0.0 < np.linalg.norm(error) < 5.0 * math.sqrt(3.0) * NOMINAL.uncertainty.position_m
    assert simulation.altitude == pytest.approx(100e3 - SITE.ground_height_m, abs=10e3)


def test_an_imu_fault_starts_and_ends(low):
    broken = fault('imu', 'bias', 5.0, duration=0.1, time_s=0.05)
    frames = fly(low(broken), 30)
    force = np.array([f.imu.specific_force[2] for f in frames])
    first, last = math.ceil(0.05 / STEP), math.ceil(0.15 / STEP)
    # What is found at the end of a step counts from the next sample on.
    assert np.all(np.abs(force[first:last] - 5.0) < 0.5)
    assert np.all(np.abs(np.delete(force, np.s_[first:last])) < 0.5)
    assert [(f.time, f.faults) for f in frames if f.faults] == [
        (frames[first - 1].time, [(broken, True)]), (frames[last - 1].time, [(broken, False)])]


def test_a_star_tracker_fault(low):
    assert not any(f.attitude for f in fly(low(fault('star_tracker', 'dropout', 1.0)), 100)[1:])


def test_a_ground_velocity_fault(low):
    velocities = [f.velocity.velocity for f in fly(low(fault('ground_velocity', 'bias', 30.0)), 60)[1:]
                  if f.velocity]
    assert velocities
    assert np.all(np.abs(np.array(velocities)[:, :2] - 30.0) < 5.0)


def test_a_range_finder_fault(low):
    def echoes(*faults):
        simulation = low(*faults)
        fly(simulation, 1)
        return [simulation.laser.fire(0.0, *(simulation._measure() or (math.inf, 1.0))).detected
                for _ in range(20)]
    assert all(echoes())
    assert not any(echoes(fault('rangefinder', 'no_return')))
    assert not any(echoes(fault('rangefinder', 'loss_db', 40.0)))


def test_an_unplugged_range_finder_is_back_within_a_second(low):
    simulation = low(fault('rangefinder', 'unplugged', duration=2.0, time_s=3.0))
    driver = RangefinderDriver(RangefinderParameters(transport=simulation.link.url))
    samples = []
    while simulation.time < 7.0:
        samples += driver.poll(simulation.time)
        simulation.step(None)
    valid = [s.received for s in samples if s.validity == RangeSample.VALID]
    assert any(t < 3.0 for t in valid)
    assert not any(3.0 + STEP < t < 5.0 for t in valid)
    assert min(t for t in valid if t > 5.0) < 6.0
    assert RangeSample.DEVICE_ERROR in {s.validity for s in samples if 3.0 < s.received < 5.0}


def test_thruster_faults_start_and_end(low):
    simulation = low(fault('thruster/assist_1', 'stuck_on', duration=0.3),
                     fault('thruster/assist_2', 'stuck_off'), fault('thruster/assist_3', 'weak', 0.5))
    fly(simulation, 1)
    before = simulation.dynamics.propellant
    for _ in range(round(0.2 / STEP)):
        simulation.step(command(simulation, assist_2=STEP, assist_3=STEP, assist_4=STEP))
    first, second, _, fourth = simulation.dynamics.thrust_fractions[1:5]
    assert first > 0.99
    assert second == 0.0
    assert fourth > 0.85
    flow = VEHICLE.thrusters[1].thrust_n / (VEHICLE.thrusters[1].isp_s * 9.80665)
    assert before - simulation.dynamics.propellant == pytest.approx(2.5 * flow * 0.2, rel=0.1)
    fly(simulation, 40)
    assert simulation.dynamics.thrust_fractions[1] < 1e-6


def test_a_node_fault_is_handed_on(low):
    frames = fly(low(fault('node/guidance', 'kill')), 1)
    assert [f.what for f, _ in frames[0].faults] == ['node/guidance']


def test_altitude_and_phase_start_faults(low):
    simulation = low(fault('rangefinder', 'bias', 1.0, phase='TERMINAL'),
                     fault('rangefinder', 'scale', 0.1, altitude_below_m=499.0))
    frames = fly(simulation, round(0.2 / STEP))
    simulation.tell_phase(simulation.time - 0.05, 'TERMINAL')
    frames += fly(simulation, round(1.5 / STEP))
    started = {f.faults[0][0].how.kind: f.time for f in frames if f.faults}
    assert list(started) == ['bias', 'scale']
    # A fall of one metre takes 1.11 s; the phase counts 0.1 s after its stamp, however late it is told.
    assert started['bias'] == pytest.approx(0.25, abs=1.1 * STEP)
    assert started['scale'] == pytest.approx(math.sqrt(2.0 / 1.62), abs=0.05)


def test_a_short_phase_starts_its_fault_too(low):
    simulation = low(fault('rangefinder', 'bias', 1.0, phase='TOUCHDOWN'))
    simulation.tell_phase(0.02, 'TOUCHDOWN')
    simulation.tell_phase(0.05, 'ABORT')
    assert any(f.faults for f in fly(simulation, 30))


def test_phases_that_count_from_the_same_step_all_start_their_faults(low):
    simulation = low(*(fault('rangefinder', kind, 0.5, phase=phase)
                       for kind, phase in (('bias', 'TOUCHDOWN'), ('scale', 'ABORT'))))
    simulation.tell_phase(0.001, 'TOUCHDOWN')
    simulation.tell_phase(0.002, 'ABORT')
    changes = [c for f in fly(simulation, 30) for c in f.faults]
    assert [(f.how.kind, active) for f, active in changes] == [('bias', True), ('scale', True)]
    assert simulation.phase == 'ABORT'


def test_the_verdict_follows_the_flight(low):
    simulation = low()
    while simulation.verdict.result == 0:
        simulation.step(None)
    assert simulation.verdict.result == 3, 'a fall from 500 m is a crash'
    assert simulation.time == pytest.approx(math.sqrt(2.0 * 499.0 / 1.62), abs=1.5)

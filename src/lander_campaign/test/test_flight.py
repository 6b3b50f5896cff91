import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from lander_campaign.flight import Flight, files
from lander_campaign.software import Software
from lander_common.vehicle import load_vehicle
from lander_sim import verdict

CONFIG = Path(__file__).resolve().parents[3] / 'config'
SCRATCH = {'covariance', 'cov_now'}  # of the estimator: only Python asks for the covariance of now
SEED = 4


@pytest.fixture(scope='module')
def flight():
    flight = Flight(files(CONFIG, seed=SEED))
    flight.phases = []

    def watch(f):
        phase = f.cores.guidance.phase.name
        if phase not in f.phases[-1:]:
            f.phases.append(phase)

    flight.report = flight.run(watch)
    print('seed', SEED, flight.report)
    return flight


def test_the_cores_land_within_the_limits_of_the_vehicle(flight):
    report, limits = flight.report, load_vehicle(CONFIG / 'vehicles/resilience.yaml').limits
    assert report.result == verdict.LANDED
    assert 0.3 < report.vertical_speed <= limits.vertical_speed_m_s
    assert report.horizontal_speed <= limits.horizontal_speed_m_s
    assert report.distance_from_target <= limits.distance_from_target_m
    assert 10.0 < report.propellant_left < 60.0


def test_phases_come_in_order(flight):
    assert flight.phases[:6] == ['DEORBIT', 'COAST', 'BRAKING', 'PITCH_UP', 'TERMINAL', 'TOUCHDOWN']


def test_the_estimate_stays_near_the_truth_to_the_ground(flight):
    belief = flight.cores.estimator.ground()
    assert belief.altitude_lower_m <= flight.simulation.altitude + 0.5
    assert abs(belief.altitude_m - flight.simulation.altitude) < 5.0


def test_a_campaign_keeps_what_the_report_does_not_say(flight):
    kept = flight.observer.values()
    assert 2000.0 < kept['first_range_altitude_m'] < 3300.0  # 3 km rated, dispersed by the ground
    assert 0.1 < kept['altitude_error_m'] < 60.0
    times = [kept[f'{phase}_s'] for phase in ('braking', 'pitch_up', 'terminal', 'touchdown')]
    assert all(a < b for a, b in pairwise([3000.0, *times, flight.report.time]))
    sinks = kept['sink_rates_m_s']
    assert all(math.isfinite(sink) for sink in sinks)
    assert max(sinks) > 40.0
    assert sinks[-1] == pytest.approx(flight.report.vertical_speed, abs=0.3)


def test_the_compiled_loop_ends_in_the_same_bits(flight):
    compiled = Flight(files(CONFIG, seed=SEED))
    assert compiled.run().state_hash == flight.report.state_hash
    assert compiled.observer.record.tobytes() == flight.observer.record.tobytes()


def test_python_and_the_compiled_loop_can_take_turns(short):
    rng = np.random.default_rng(SEED)
    print('seed', SEED)
    mixed, compiled = Flight(short), Flight(short)
    while mixed.flying:
        if rng.random() < 0.5:
            mixed.burst(int(rng.integers(1, 20)))
        else:
            mixed.step()
    compiled.run()
    assert mixed.simulation.time == compiled.simulation.time
    for core in ('estimator', 'guidance', 'allocator'):
        one, other = (getattr(flight.cores, core).record for flight in (mixed, compiled))
        for name in one.dtype.names:
            assert name in SCRATCH or one[name].tobytes() == other[name].tobytes(), name
    assert mixed.simulation.record.tobytes() == compiled.simulation.record.tobytes()


def test_a_range_finder_on_a_byte_link_gives_the_same_bits(short):
    with Flight(short, linked=True) as linked, Flight(short) as direct:
        while direct.flying:
            linked.step()
            direct.step()
            assert repr(linked.ranges) == repr(direct.ranges)  # NaN is not equal to itself
            assert str(linked.command) == str(direct.command)
        assert linked.simulation.dynamics.state_hash() == direct.simulation.dynamics.state_hash()


def test_settings_of_the_range_finder_reach_it_with_and_without_a_link(short):
    def shots(software, linked):
        found = []
        with Flight(short, software, linked) as flight:
            while flight.flying:
                flight.step()
                found += flight.ranges
        return found

    slow = Software().changed(['rangefinder.rate_hz=1'])
    direct = len(shots(slow, linked=False))
    assert 2 <= direct == len(shots(slow, linked=True))
    assert direct < len(shots(Software(), linked=False)) / 2


def test_a_flight_that_is_over_makes_room_for_the_next(flight):
    with Flight(files(CONFIG, seed=SEED)) as another:
        another.step()
    with Flight(files(CONFIG, seed=SEED)) as third:
        third.step()
    assert third.simulation.time == another.simulation.time > 0.0

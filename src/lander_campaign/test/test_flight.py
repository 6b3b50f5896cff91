from pathlib import Path

import pytest

from lander_campaign.flight import Flight, files
from lander_common.vehicle import load_vehicle
from lander_sim import verdict

CONFIG = Path(__file__).resolve().parents[3] / 'config'
SEED = 4


@pytest.fixture(scope='module')
def flight():
    flight = Flight(files(CONFIG, seed=SEED))
    flight.phases = []

    def watch(f):
        phase = f.cores.guidance.status().phase.name
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

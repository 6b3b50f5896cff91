"""The two flights as they were lost, with the software of then and with ours."""

from pathlib import Path

import numpy as np
import pytest

from lander_campaign.flight import Flight, files
from lander_campaign.observer import LEVELS_M
from lander_campaign.software import Software
from lander_sim import verdict

CONFIG = Path(__file__).resolve().parents[3] / 'config'
# What the headers of the scenario files say.
MISSION2 = ['guidance.trust_estimate=true', 'guidance.gate_sink_m_s=66', 'guidance.approach_sink_m_s=66',
            'guidance.gate_height_m=3200']
MISSION1 = ['guidance.trust_estimate=true', 'guidance.touchdown_sink_m_s=1',
            'state_estimator.altitude_latch=true']


def fly(scenario, site, changes, seed=1):
    flight = Flight(files(CONFIG, scenario=scenario, site=site, seed=seed), Software().changed(changes))
    report = flight.run()
    values = flight.observer.values()
    print(scenario, 'seed', seed, report, values)
    return report, values


def test_mission2_that_trusts_its_estimate_is_lost_as_the_real_one():
    """66 m/s at 893 m, 42 m/s at 192 m, about 32 m/s at the ground (investigation of 24 June 2025)."""
    report, values = fly('mission2_as_flown', 'mare_frigoris', MISSION2)
    assert report.result == verdict.CRASHED
    assert 28.0 < report.vertical_speed < 38.0
    assert 700.0 < values['first_range_altitude_m'] < 950.0
    sinks = np.interp([200.0, 900.0], LEVELS_M[::-1], values['sink_rates_m_s'][::-1])
    assert sinks == pytest.approx([44.0, 66.0], abs=4.0)


@pytest.mark.parametrize('seed', [1, 2, 3, 4])
def test_mission2_as_flown_lands_with_our_software(seed):
    report, values = fly('mission2_as_flown', 'mare_frigoris', [], seed)
    assert values['first_range_altitude_m'] < 1000.0
    assert report.result == verdict.LANDED and report.vertical_speed < 2.0 and report.horizontal_speed < 0.5


def test_mission1_with_a_latch_hangs_high_up_and_falls():
    """About 5 km up until the propellant ends, then 79 s of fall to 127 m/s."""
    report, _ = fly('mission1_as_flown', 'atlas_crater', MISSION1)
    assert report.result == verdict.CRASHED
    assert 110.0 < report.vertical_speed < 135.0
    assert report.propellant_left < 1.0


@pytest.mark.parametrize('seed', [1, 2, 3, 4])
def test_mission1_as_flown_comes_down_softly_with_our_software(seed):
    report, _ = fly('mission1_as_flown', 'atlas_crater', [], seed)
    assert report.vertical_speed < 2.0 and report.horizontal_speed < 0.5

"""The course of a mission, its verdict and summary."""

import json
import math

import pytest

from lander_common.vehicle import TouchdownLimits
from lander_telemetry.flight import Touchdown
from lander_telemetry.judgement import judge, passed
from lander_telemetry.mission import Mission, Rover
from lander_telemetry.parameters import MissionParameters
from lander_telemetry.summary import summary, write

GOOD = Touchdown(result='landed', reason='at rest', vertical_speed_m_s=1.5, horizontal_speed_m_s=0.2,
                 tilt_deg=2.0, rate_deg_s=1.0, distance_from_target_m=100.0, propellant_left_kg=50.0,
                 state_hash='abc', realtime_factor=12.5, latency_median_ms=3.0, latency_p99_ms=7.0)
P = MissionParameters()
LIMITS = TouchdownLimits()


def mission(**parameters):
    return Mission(MissionParameters(**parameters), wall=0.0)


def landed(made):
    """Land with the rover deployed."""
    made.land(100.0, 1.0)
    made.rover_asked(100.0)
    made.rover_ended(True, 'deployed')
    made.report(GOOD, 101.0)
    return made


def test_good_flight():
    made = mission()
    assert not made.wants_rover and not made.is_over(50.0, 1.0)
    made.report(Touchdown(), 99.0)
    made.land(100.0, 1.0)
    assert made.wants_rover
    made.rover_asked(100.0)
    made.report(GOOD, 101.0)
    assert not made.wants_rover and not made.is_over(120.0, 2.0)
    made.rover_ended(True, 'deployed')
    assert made.is_over(120.0, 2.0)
    assert passed(judge(made, LIMITS))


def test_without_rover():
    made = mission(deploy_rover=False)
    made.land(100.0, 1.0)
    assert not made.wants_rover
    made.report(GOOD, 101.0)
    assert made.is_over(101.0, 1.0) and passed(judge(made, LIMITS))


@pytest.mark.parametrize('result', ['crashed', 'tipped_over', 'timeout'])
def test_bad_end_ends_at_once(result):
    made = mission()
    made.report(Touchdown(result=result), 100.0)
    assert made.is_over(100.0, 1.0) and made.rover is Rover.FAILED and not made.silent
    assert not passed(judge(made, LIMITS))


def test_nothing_heard_is_no_data():
    made = mission()
    assert not made.is_over(math.nan, P.silence_timeout_s - 1.0)
    made.hear(10.0)
    assert not made.is_over(math.nan, P.silence_timeout_s + 1.0)
    assert made.is_over(math.nan, P.silence_timeout_s + 10.1) and made.silent
    assert not passed(judge(made, LIMITS))


def test_silence_after_the_landing_is_a_failed_rover():
    made = mission()
    made.report(GOOD, 100.0)
    assert made.is_over(100.0, P.silence_timeout_s + 1.0)
    assert not made.silent and 'nothing heard' in made.rover_reason


def test_guidance_that_never_reports_landed():
    made = mission()
    made.report(GOOD, 100.0)
    assert not made.is_over(100.0 + P.landed_timeout_s, 1.0)
    assert made.is_over(100.1 + P.landed_timeout_s, 1.0)
    assert 'LANDED' in made.rover_reason


def test_no_server():
    made = mission()
    made.land(100.0, 5.0)
    made.report(GOOD, 100.0)
    assert not made.is_over(101.0, 5.0 + P.server_timeout_s)
    assert made.is_over(101.0, 5.1 + P.server_timeout_s) and 'server' in made.rover_reason


def test_rover_that_never_ends():
    made = mission()
    made.land(100.0, 1.0)
    made.rover_asked(100.0)
    made.report(GOOD, 100.0)
    assert made.is_over(100.1 + P.rover_timeout_s, 2.0) and made.rover is Rover.FAILED


def test_no_touchdown_report():
    made = mission(deploy_rover=False)
    made.land(100.0, 1.0)
    assert not made.is_over(100.0 + P.landed_timeout_s, 1.0)
    assert made.is_over(100.1 + P.landed_timeout_s, 1.0)
    rows = judge(made, LIMITS)
    assert rows[0].value == 'no report' and not passed(rows)


@pytest.mark.parametrize('field', ['vertical_speed_m_s', 'horizontal_speed_m_s', 'tilt_deg', 'rate_deg_s',
                                   'distance_from_target_m'])
@pytest.mark.parametrize(('factor', 'good'), [
    (1.0, True), (1.001, False), (math.nan, False), (-1.001, False)])
def test_each_limit_counts(field, factor, good):
    made = landed(mission())
    made.touchdown = Touchdown(**{**vars_of(GOOD), field: getattr(LIMITS, field) * factor})
    rows = judge(made, LIMITS)
    assert passed(rows) == good
    assert [row.passed for row in rows].count(False) == (not good)


def test_summary_has_exactly_its_keys_and_no_nan(tmp_path):
    made = landed(mission())
    made.touchdown = Touchdown(**{**vars_of(GOOD), 'realtime_factor': math.nan, 'tilt_deg': math.inf})
    faults = [{'time_s': 1.0, 'target': 'rangefinder', 'value': math.nan}]
    content = summary(made, False, scenario='mission2', vehicle='resilience', seed=7, bag='/x/bag',
                      faults=faults)
    read = json.loads(write(tmp_path, content).read_text())
    assert read == {
        'passed': False, 'scenario': 'mission2', 'vehicle': 'resilience', 'seed': 7,
        'touchdown': {'vertical_speed_m_s': 1.5, 'horizontal_speed_m_s': 0.2, 'tilt_deg': None,
                      'rate_deg_s': 1.0, 'distance_from_target_m': 100.0, 'propellant_left_kg': 50.0},
        'rover_deployed': True, 'realtime_factor': None,
        'latency_range_to_thruster_ms': {'median': 3.0, 'p99': 7.0}, 'late_cycles': 0,
        'state_hash': 'abc', 'bag': '/x/bag', 'result': 'landed', 'reason': 'at rest; deployed',
        'faults': [{'time_s': 1.0, 'target': 'rangefinder', 'value': None}]}
    assert [p.name for p in tmp_path.iterdir()] == ['summary.json']


def vars_of(touchdown):
    return {name: getattr(touchdown, name) for name in touchdown.__dataclass_fields__}

"""The fault timeline: when faults start and end."""

import math

import pytest

from lander_sim.faults import NODES, SENSORS, Fault, FaultTimeline, How, When, make_fault, why_impossible

HIGH = 1e5  # [m]


def fault(what='rangefinder', kind='no_return', value=0.0, duration=0.0, **when):
    return Fault(When(**when), what, How(kind, value, duration))


def test_time_starts_a_fault_once_and_for_good():
    late = fault(time_s=10.0)
    timeline = FaultTimeline((late,))
    assert timeline.update(9.99, HIGH, '') == []
    assert timeline.update(10.0, HIGH, '') == [(late, True)]
    assert timeline.update(11.0, HIGH, '') == []
    assert timeline.update(1e6, HIGH, '') == []


def test_time_zero_is_a_time():
    assert FaultTimeline((fault(time_s=0.0),)).update(0.0, HIGH, '') != []


@pytest.mark.parametrize('altitude, starts', [(500.1, False), (500.0, False), (499.9, True)])
def test_altitude_starts_a_fault_below(altitude, starts):
    assert bool(FaultTimeline((fault(altitude_below_m=500.0),)).update(0.0, altitude, '')) is starts


def test_phase_starts_a_fault():
    timeline = FaultTimeline((fault(phase='TERMINAL'),))
    assert timeline.update(0.0, 0.0, 'BRAKING') == []
    assert timeline.update(1.0, 0.0, '') == []
    assert len(timeline.update(2.0, 0.0, 'TERMINAL')) == 1


def test_the_first_condition_that_is_met_counts():
    def make():
        return FaultTimeline((fault(time_s=10.0, altitude_below_m=500.0, phase='ABORT'),))
    assert make().update(10.0, HIGH, '')
    assert make().update(0.0, 400.0, '')
    assert make().update(0.0, HIGH, 'ABORT')
    assert make().update(0.0, HIGH, 'BRAKING') == []


def test_a_fault_ends_after_its_duration_counted_from_its_start():
    short = fault(altitude_below_m=500.0, duration=2.0)
    timeline = FaultTimeline((short,))
    assert timeline.update(7.0, 400.0, '') == [(short, True)]
    assert timeline.update(8.99, 400.0, '') == []
    assert timeline.update(9.0, 400.0, '') == [(short, False)]
    assert timeline.update(10.0, 400.0, '') == [], 'it does not start again'


def test_an_end_comes_before_a_start_at_the_same_time():
    first, second = fault(time_s=0.0, duration=1.0), fault(time_s=1.0, kind='loss_db', value=3.0)
    timeline = FaultTimeline((first, second))
    timeline.update(0.0, HIGH, '')
    assert timeline.update(1.0, HIGH, '') == [(first, False), (second, True)]


def test_a_timeline_is_idle_when_nothing_can_start_or_end_any_more():
    timeline = FaultTimeline((fault(time_s=1.0, duration=2.0),))
    for time, idle in ((0.0, False), (1.0, False), (3.0, True)):
        timeline.update(time, HIGH, '')
        assert timeline.idle is idle
    timeline.add(fault(), time=4.0)
    assert not timeline.idle
    assert FaultTimeline(()).idle


def test_an_added_fault_starts_now_whatever_its_condition():
    timeline = FaultTimeline(())
    timeline.add(fault(altitude_below_m=1.0, duration=0.5), time=20.0)
    (started, active), = timeline.update(20.0, HIGH, '')
    assert active
    assert started.what == 'rangefinder'
    assert timeline.update(20.5, HIGH, '') == [(started, False)]


def test_equal_faults_are_kept_apart():
    twins = (fault(time_s=1.0), fault(time_s=1.0))
    assert len(FaultTimeline(twins).update(1.0, HIGH, '')) == 2


def test_what_is_possible():
    assert not any(why_impossible(s, 'noise', 0.1, ()) for s in SENSORS)
    assert not any(why_impossible(f'node/{n}', 'kill', 0.0, ()) for n in NODES)
    assert why_impossible('thruster/main', 'weak', 1.0, ('main',)) is None
    assert why_impossible('thruster/main', 'stuck_on', 7.0, ('main',)) is None


@pytest.mark.parametrize('what, kind, value, field, allowed', [
    ('thruster/x', 'weak', 0.5, 'what', 'one of main'),
    ('node/simulator', 'kill', 0.0, 'what', 'node/guidance'),
    ('', 'kill', 0.0, 'what', 'rangefinder'),
    ('imu', 'no_return', 0.0, 'how.kind', 'for imu, one of bias, scale, noise, spike, stuck'),
    ('imu', 'kill', 0.0, 'how.kind', 'with kind kill, thruster/NAME or node/NAME'),
    ('thruster/main', 'noise', 0.0, 'how.kind', 'weak'),
    ('node/guidance', 'weak', 0.0, 'how.kind', 'kill'),
    ('rangefinder', 'loss_db', -3.0, 'how.value', '0 to 200: loss of signal'),
    ('rangefinder', 'loss_db', math.nan, 'how.value', '0 to 200'),
    ('thruster/main', 'weak', 1.01, 'how.value', '0 to 1'),
    ('thruster/main', 'weak', math.nan, 'how.value', '0 to 1'),
])
def test_what_is_impossible_is_named(what, kind, value, field, allowed):
    error = why_impossible(what, kind, value, ('main',))
    assert error.name == field
    assert allowed in error.allowed


def test_an_added_fault_keeps_its_cause():
    timeline = FaultTimeline((fault(time_s=0.0),))
    timeline.add(make_fault(When(), 'imu', How('bias', 0.1), (), 'service'), time=0.0)
    assert [f.cause for f, _ in timeline.update(0.0, HIGH, '')] == ['scenario', 'service']

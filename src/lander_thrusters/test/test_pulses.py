import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lander_common.compiled import compiled
from lander_common.vehicle import GROUPS
from lander_thrusters.pulses import make_pulses
from lander_thrusters.record import ALLOCATOR

WINDOW, SHORTEST = 0.1, 0.04
ASSIST = GROUPS.index('assist')


@compiled
def _make(record, now, main_time):
    make_pulses(record[0], now, main_time)


def pulses(wanted, window, shortest, open_for, group):
    """Return the on-times that valves get which want so much; `group` counts from that of assist engines."""
    record, n = np.zeros(1, ALLOCATOR), len(wanted)
    al = record[0]
    al['count'], al['window'], al['lowest'], al['healthy'] = n, window, 1.0, 1.0
    al['duty'][:n], al['shortest'][:n], al['group'][:n] = wanted / window, shortest, ASSIST + group
    al['opened'][:n], al['end'][:n] = -open_for, np.where(open_for > 0.0, 0.0, -np.inf)
    _make(record, 0.0, window)
    return al['pulse'][:n]


def _pulses(wanted, open_for=None, shortest=SHORTEST, group=None):
    n = len(wanted)
    return pulses(np.array(wanted, float), WINDOW, np.full(n, shortest),
                  np.zeros(n) if open_for is None else np.array(open_for, float),
                  np.zeros(n, np.int64) if group is None else np.array(group))


valve = st.tuples(st.floats(0, WINDOW), st.sampled_from([0.02, 0.04, 0.05]),
                  st.one_of(st.just(0.0), st.floats(1e-3, 0.2)), st.integers(0, 1))


@settings(max_examples=500, deadline=None)
@given(st.lists(valve, min_size=1, max_size=15))
@example([(0.05, 0.05, 0.0, 0), (0.0500001, 0.05, 0.0, 0)])
def test_every_pulse_can_be_made_and_misses_by_less_than_the_shortest(valves_now):
    wanted, shortest, open_for, group = (np.array(c) for c in zip(*valves_now))
    on = pulses(wanted, WINDOW, shortest, open_for, group)
    closed = open_for == 0.0
    assert ((on[closed] == 0.0) | (on[closed] >= shortest[closed])).all()
    assert (open_for + on >= np.minimum(shortest, open_for + WINDOW) - 1e-12)[~closed].all()
    gap = WINDOW - on
    assert ((gap == 0.0) | (gap >= shortest - 1e-12)).all()
    assert (np.abs(on - wanted) <= shortest).all()


def test_too_short_waits_and_nearly_full_is_full():
    assert _pulses([0.02])[0] == 0.0
    assert _pulses([0.05])[0] == 0.05
    assert _pulses([0.07])[0] == WINDOW


def test_open_valve_goes_on_for_any_time_once_its_pulse_is_long_enough():
    assert _pulses([0.003], open_for=[0.1])[0] == pytest.approx(0.003)
    assert _pulses([0.003], open_for=[0.01])[0] == 0.03
    assert _pulses([0.0], open_for=[0.1])[0] == 0.0


def test_near_equals_of_a_group_fire_together():
    assert np.allclose(_pulses([0.0401, 0.0399, 0.036]), [0.0401, 0.04, 0.04])
    assert np.allclose(_pulses([0.0401, 0.0399], group=[0, 1]), [0.0401, 0.0])
    assert np.allclose(_pulses([0.0401, 0.01]), [0.0401, 0.0])


def test_near_equals_of_a_group_stay_full_together():
    assert np.allclose(_pulses([0.0599, 0.0601]), [0.0599, 0.06])
    assert np.allclose(_pulses([0.0599, 0.09]), [0.0599, WINDOW])

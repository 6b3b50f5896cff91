import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lander_common.compiled import compiled
from lander_common.vehicle import GROUPS
from lander_thrusters.pulses import make_pulses
from lander_thrusters.record import ALLOCATOR

WINDOW, SHORTEST = 0.1, 0.04
ASSIST, RCS = GROUPS.index('assist'), GROUPS.index('rcs')


@compiled
def _make(record, now, main_time):
    make_pulses(record[0], now, main_time)


def pulses(wanted, shortest, open_for, group):
    """Return the on-times that valves get which want so much."""
    record, n = np.zeros(1, ALLOCATOR), len(wanted)
    al = record[0]
    al['count'], al['window'], al['lowest'], al['healthy'] = n, WINDOW, 1.0, 1.0
    al['duty'][:n], al['shortest'][:n], al['group'][:n] = wanted / WINDOW, shortest, group
    al['opened'][:n], al['end'][:n] = -open_for, np.where(open_for > 0.0, 0.0, -np.inf)
    _make(record, 0.0, WINDOW)
    return al['pulse'][:n]


def _pulses(wanted, open_for=0.0, group=ASSIST):
    n = len(wanted)
    return list(pulses(np.array(wanted), np.full(n, SHORTEST), np.full(n, open_for),
                       np.broadcast_to(group, n)).round(9))


valve = st.tuples(st.floats(0, WINDOW), st.sampled_from([0.02, 0.04, 0.05]),
                  st.one_of(st.just(0.0), st.floats(1e-3, 0.2)), st.sampled_from([ASSIST, RCS]))


@settings(max_examples=500, deadline=None)
@given(st.lists(valve, min_size=1, max_size=15))
@example([(0.05, 0.05, 0.0, ASSIST), (0.0500001, 0.05, 0.0, ASSIST)])
def test_every_pulse_can_be_made_and_misses_by_little(valves_now):
    wanted, shortest, open_for, group = (np.array(c) for c in zip(*valves_now))
    on = pulses(wanted, shortest, open_for, group)
    closed = open_for == 0.0
    assert ((on[closed] == 0.0) | (on[closed] >= shortest[closed])).all()
    assert (open_for + on >= np.minimum(shortest, open_for + WINDOW) - 1e-12)[~closed].all()
    gap = WINDOW - on
    assert ((gap == 0.0) | (gap >= shortest - 1e-12)).all()
    free = closed | (open_for >= shortest)  # others go on whatever is wanted
    owed = ((wanted - on) / shortest)[free]
    jet = (group == RCS)[free]
    assert (np.abs(owed[~jet]) < 0.6 + 1e-9).all()
    assert ((owed[jet] > -0.1 - 1e-9) & (owed[jet] < 1.1 + 1e-9)).all()


def test_engines_are_rounded_to_the_nearest():
    assert _pulses([0.019, 0.03]) == [0.0, 0.04]
    assert _pulses([0.05, 0.079, 0.081]) == [0.05, 0.06, 0.06]
    assert _pulses([0.05, 0.085]) == [0.05, 0.1]


def test_jets_are_rounded_down():
    assert _pulses([0.0, 0.03, 0.045, 0.07, 0.099, 0.1], group=RCS) == [0.0, 0.0, 0.045, 0.06, 0.06, 0.1]


def test_open_valve_goes_on_for_any_time_once_its_pulse_is_long_enough():
    assert _pulses([0.003], open_for=0.1) == [0.003]
    assert _pulses([0.003], open_for=0.01) == [0.03]
    assert _pulses([0.0], open_for=0.1) == [0.0]


def test_near_equals_of_a_group_are_rounded_together():
    assert _pulses([0.0201, 0.0199, 0.0202]) == [0.04, 0.04, 0.04]
    assert _pulses([0.0201, 0.0199, 0.0197]) == [0.0, 0.0, 0.0]
    assert _pulses([0.0201, 0.0199, 0.01]) == [0.04, 0.04, 0.0]
    assert _pulses([0.0799, 0.0802]) == [0.1, 0.1]
    assert _pulses([0.0401, 0.0398], group=RCS) == [0.0, 0.0]
    assert _pulses([0.0401, 0.0398], group=[ASSIST, RCS]) == [0.0401, 0.0]

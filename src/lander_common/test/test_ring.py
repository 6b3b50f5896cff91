from hypothesis import given
from hypothesis import strategies as st

from lander_common.ros.ring import Arrival, RingOrder


def test_new_repeated_backwards():
    order = RingOrder()
    times = [0.0, 0.01, 0.01, 0.02, 0.01, 0.02, 0.03]
    new, repeated, backwards = Arrival.NEW, Arrival.REPEATED, Arrival.BACKWARDS
    assert [order.judge(t) for t in times] == [new, new, repeated, new, backwards, repeated, new]
    assert order.backwards == 1
    assert order.last == 0.03


@given(st.lists(st.floats(-1e9, 1e9)))
def test_new_times_increase_and_backward_ones_are_counted(times):
    order = RingOrder()
    arrivals = [order.judge(t) for t in times]
    new = [t for t, a in zip(times, arrivals) if a is Arrival.NEW]
    assert new == sorted(set(new))
    assert order.backwards == arrivals.count(Arrival.BACKWARDS)
    assert order.last == max(times, default=float('-inf'))

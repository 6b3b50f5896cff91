"""A source of samples waits for a recorder that lags, but not for one that hangs."""

import time

import pytest

rclpy = pytest.importorskip('rclpy')

from builtin_interfaces.msg import Time  # noqa: E402
from rclpy.executors import SingleThreadedExecutor  # noqa: E402
from rclpy.node import Node  # noqa: E402

from lander_common.ros import backlog  # noqa: E402
from lander_common.ros.qos import STATUS  # noqa: E402


@pytest.fixture
def graph():
    """Give a node, a way to say how far the recorder is, and a way to wait for something."""
    context = rclpy.Context()
    context.init()
    node = Node('source', context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    progress = node.create_publisher(Time, backlog.PROGRESS, STATUS)

    def until(done):
        end = time.monotonic() + 10.0
        while not done():
            assert time.monotonic() < end
            executor.spin_once(timeout_sec=0.05)

    yield node, lambda sec: progress.publish(Time(sec=sec)), until
    executor.shutdown()
    node.destroy_node()
    context.try_shutdown()


def filled(node, recorded=True):
    """Return a backlog that has just become full, and the list of its calls."""
    calls = []
    full = backlog.Backlog(node, recorded, lambda: calls.append(1))
    for second in range(1, backlog.LIMIT + 1):
        full.add(float(second))
        assert not full.full()
    full.add(backlog.LIMIT + 1.0)
    return full, calls


def test_the_source_goes_on_once_when_the_recorder_has_caught_up(graph):
    node, progress, until = graph
    full, calls = filled(node)
    assert full.full() and full.waiting
    progress(10)
    progress(backlog.LIMIT)
    until(lambda: calls)
    progress(backlog.LIMIT + 1)
    until(lambda: not full._times)
    assert calls == [1] and not full.full()


def test_a_recorder_that_hangs_is_not_waited_for_for_ever(graph, monkeypatch):
    monkeypatch.setattr(backlog, '_PATIENCE', 0.2)
    node, _, until = graph
    full, calls = filled(node)
    assert full.full()
    until(lambda: calls)
    for second in range(2 * backlog.LIMIT):
        full.add(float(second))
    assert not full.full()


def test_a_flight_that_is_not_recorded_never_waits(graph):
    full, _ = filled(graph[0], recorded=False)
    assert not full.full()

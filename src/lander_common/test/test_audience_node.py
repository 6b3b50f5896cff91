"""Who must listen before a ring starts."""

import time

import pytest

rclpy = pytest.importorskip('rclpy')

from rclpy.node import Node  # noqa: E402
from std_msgs.msg import Empty  # noqa: E402

from lander_common.ros import ring  # noqa: E402


@pytest.fixture
def make():
    rclpy.init()
    nodes = []

    def node(name, *topics):
        nodes.append(Node(name))
        for topic in topics:
            nodes[-1].create_subscription(Empty, topic, lambda m: None, 1)
        return nodes[-1]
    yield node
    for made in nodes:
        made.destroy_node()
    rclpy.try_shutdown()


def looks(audience, wanted, limit=10.0):
    """Look until the audience is complete, or not; return after how many looks."""
    end, count = time.monotonic() + limit, 0
    while audience.complete() != wanted:
        assert time.monotonic() < end
        time.sleep(0.01)
        count += 1
    return count


def test_nobody_is_no_audience(make):
    audience = ring.Audience(make('source'), recorded=False)
    assert not any(audience.complete() for _ in range(20))


def test_somebody_who_comes_starts_the_count_again(make):
    audience = ring.Audience(make('source'), recorded=False)
    make('estimator', 'imu')
    assert looks(audience, True) >= 4
    make('late', 'imu')
    looks(audience, False)  # the first look with the new one
    assert looks(audience, True) >= 3


def test_a_node_beside_the_ring_is_waited_for(make):
    audience = ring.Audience(make('source'), recorded=False, beside=['rangefinder'])
    make('estimator', 'imu')
    assert not any(audience.complete() for _ in range(50))
    make('rangefinder', 'imu')
    looks(audience, True)


def test_the_recorder_is_waited_for_until_it_hears_the_whole_ring(make):
    audience = ring.Audience(make('source'), recorded=True)
    make('estimator', 'imu')
    recorder = make(ring.RECORDER, *ring.TOPICS[:-1])
    assert not any(audience.complete() for _ in range(50))
    recorder.create_subscription(Empty, ring.TOPICS[-1], lambda m: None, 1)
    looks(audience, True)


def test_a_recorder_that_does_not_come_is_not_waited_for_for_ever(make, monkeypatch):
    monkeypatch.setattr(ring, '_PATIENCE', 0.2)
    audience = ring.Audience(make('source'), recorded=True)
    make('estimator', 'imu')
    looks(audience, True)

import time

import pytest

rclpy = pytest.importorskip('rclpy')

from diagnostic_msgs.msg import DiagnosticArray  # noqa: E402
from rclpy.experimental.events_executor import EventsExecutor  # noqa: E402
from rclpy.node import Node  # noqa: E402

from lander_common.ros.diagnostics import ERROR, OK, Diagnostics  # noqa: E402
from lander_common.ros.qos import STATUS  # noqa: E402
from lander_common.ros.time import to_stamp  # noqa: E402


@pytest.fixture
def node():
    rclpy.init()
    node, executor = Node('example'), EventsExecutor()
    executor.add_node(node)
    yield node
    executor.shutdown()
    node.destroy_node()
    rclpy.try_shutdown()


def test_once_a_second_and_on_every_change(node):
    diagnostics, received = Diagnostics(node, hardware_id='laser 1'), []
    node.create_subscription(DiagnosticArray, '/diagnostics', received.append, STATUS)

    def wait(condition):
        end = time.monotonic() + 10.0
        while not condition():
            assert time.monotonic() < end, 'nothing came'
            node.executor.spin_once(timeout_sec=0.05)

    wait(lambda: node.count_subscribers('/diagnostics') >= 1 and node.count_publishers('/diagnostics') >= 1)
    for k in range(25):
        diagnostics.update(k * 0.1, OK if k < 14 else ERROR, 'fine' if k < 14 else 'broken', shots=k)
    wait(lambda: len(received) >= 4)
    statuses = [r.status[0] for r in received]
    assert [r.header.stamp for r in received] == [to_stamp(t) for t in (0.0, 1.0, 1.4, 2.4)]
    assert [s.message for s in statuses] == ['fine', 'fine', 'broken', 'broken']
    assert [s.level for s in statuses] == [OK, OK, ERROR, ERROR]
    assert (statuses[0].name, statuses[0].hardware_id) == ('example', 'laser 1')
    assert {v.key: v.value for v in statuses[2].values} == {'shots': '14'}

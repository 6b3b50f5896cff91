"""A hardware node and its transitions over real services."""

import time

import pytest

rclpy = pytest.importorskip('rclpy')

from lifecycle_msgs.msg import Transition  # noqa: E402
from lifecycle_msgs.srv import ChangeState  # noqa: E402
from rclpy.experimental.events_executor import EventsExecutor  # noqa: E402
from rclpy.node import Node  # noqa: E402

from lander_common.ros.lifecycle import FAILURE, SUCCESS, HardwareNode  # noqa: E402


class Device(HardwareNode):
    """Opens when its device is there."""

    def __init__(self, there=True):
        super().__init__('device')
        self._there = there
        self.calls = []

    def on_configure(self, state):
        self.calls.append('configure')
        return SUCCESS if self._there else FAILURE

    def on_cleanup(self, state):
        self.calls.append('cleanup')
        return SUCCESS


@pytest.fixture
def executor():
    rclpy.init()
    executor = EventsExecutor()
    yield executor
    nodes = executor.get_nodes()
    executor.shutdown()
    for node in nodes:
        node.destroy_node()
    rclpy.try_shutdown()


def test_autostart_makes_it_active(executor):
    device = Device()
    executor.add_node(device)
    assert not device.active
    assert device.autostart()
    assert device.active
    assert device.calls == ['configure']


def test_autostart_without_the_device_says_so(executor):
    device = Device(there=False)
    executor.add_node(device)
    assert not device.autostart()
    assert not device.active


def test_an_illegal_request_is_refused_and_the_node_lives_on(executor):
    device, manager = Device(), Node('manager')
    executor.add_node(device)
    executor.add_node(manager)
    client = manager.create_client(ChangeState, 'device/change_state')

    def request(transition):
        future = client.call_async(ChangeState.Request(transition=Transition(id=transition)))
        end = time.monotonic() + 10.0
        while not future.done():
            assert time.monotonic() < end, 'no answer'
            executor.spin_once(timeout_sec=0.05)
        return future.result().success

    end = time.monotonic() + 10.0
    while not client.service_is_ready():
        assert time.monotonic() < end, 'no service'
        executor.spin_once(timeout_sec=0.05)
    assert not request(Transition.TRANSITION_ACTIVATE)
    assert not request(99)
    assert not device.active
    assert request(Transition.TRANSITION_CONFIGURE)
    assert not request(Transition.TRANSITION_CONFIGURE)
    assert request(Transition.TRANSITION_ACTIVATE)
    assert device.active
    assert request(Transition.TRANSITION_DEACTIVATE)
    assert request(Transition.TRANSITION_CLEANUP)
    assert device.calls == ['configure', 'cleanup']

import math

import pytest

msg = pytest.importorskip('lander_msgs.msg')

from lander_sim.simulator_messages_node import command  # noqa: E402


def test_a_command_keeps_its_bits():
    sample = command(msg.ThrusterCommand(on_time_s=[0.1, 1e-300], throttle=[0.1 + 0.2, 1.0]))
    assert list(sample.on_time) == [0.1, 1e-300]
    assert list(sample.throttle) == [0.1 + 0.2, 1.0]


def test_without_throttles_thrust_is_full():
    assert list(command(msg.ThrusterCommand(on_time_s=[0.1, 0.2])).throttle) == [1.0, 1.0]


def test_what_is_no_number_is_closed():
    sample = command(msg.ThrusterCommand(on_time_s=[math.nan, 0.2], throttle=[1.0, math.inf]))
    assert list(sample.on_time) == [0.0, 0.2]
    assert list(sample.throttle) == [1.0, 0.0]

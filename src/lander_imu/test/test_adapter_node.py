"""The example of docs/own_sensors.md runs as it stands there."""

import math
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import rclpy
from geometry_msgs.msg import PoseWithCovarianceStamped
from rclpy.experimental.events_executor import EventsExecutor

from lander_common.ros.qos import RING
from lander_msgs.msg import AttitudeFix

DOCUMENT = Path(__file__).parents[3] / 'docs/own_sensors.md'
LIMIT = 20.0  # [s] wall time


def test_the_star_tracker_adapter(tmp_path):
    (code,) = re.findall(r'```python\n(.*?)```', DOCUMENT.read_text(encoding='utf-8'), re.S)
    (tmp_path / 'adapter.py').write_text(code)
    adapter = subprocess.Popen([sys.executable, str(tmp_path / 'adapter.py')])
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node('tracker', context=context)
    executor = EventsExecutor(context=context)
    executor.add_node(node)
    try:
        fixes = []
        node.create_subscription(AttitudeFix, 'star_tracker', fixes.append, RING)
        out = node.create_publisher(PoseWithCovarianceStamped, 'tracker/attitude', RING)
        message = PoseWithCovarianceStamped()
        message.header.stamp.sec = 7
        # the lander stands upright in `moon`: the tracker is turned as it is mounted
        orientation = message.pose.pose.orientation
        orientation.y, orientation.w = math.sin(math.pi / 8), math.cos(math.pi / 8)
        message.pose.covariance = np.diag([0, 0, 0, 1e-9, 1e-9, 9e-9]).ravel()
        end = time.monotonic() + LIMIT
        while not fixes:
            assert time.monotonic() < end
            if out.get_subscription_count() and node.count_publishers('star_tracker'):
                out.publish(message)
            executor.spin_once(timeout_sec=0.1)
        fix = fixes[0]
        assert fix.valid
        assert (fix.header.frame_id, fix.header.stamp.sec) == ('moon', 7)
        assert abs(fix.orientation.w) == pytest.approx(1.0)
        assert fix.variance == pytest.approx([5e-9, 1e-9, 5e-9])
    finally:
        adapter.terminate()
        assert adapter.wait(LIMIT) == 0
        executor.shutdown()
        node.destroy_node()
        rclpy.shutdown(context=context)

"""A landing with the machinery of `ros2 launch`.

By hand: `launch_test FILE`. Under pytest, test_launch_testing.py does that.
"""

import json
import tempfile
import unittest
from pathlib import Path

import launch_testing.actions
import launch_testing.asserts
import pytest
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import AnyLaunchDescriptionSource

from lander_bringup import places
from launch import LaunchDescription

PATIENCE_S = 900.0
FLIGHT = tempfile.TemporaryDirectory(prefix='frigoris-launch-test-')


@pytest.mark.launch_test
def generate_test_description():
    """Fly the nominal scenario with all flight nodes in one process."""
    arguments = {'compose': 'true', 'seed': '1', 'flight_dir': FLIGHT.name}
    landing = AnyLaunchDescriptionSource(str(places.launch_file('landing.launch.yaml')))
    return LaunchDescription([
        IncludeLaunchDescription(landing, launch_arguments=arguments.items()),
        launch_testing.actions.ReadyToTest()])


class TestFlight(unittest.TestCase):
    """While it flies."""

    def test_mission_control_is_content(self, proc_info, proc_output):
        proc_output.assertWaitFor('BRAKING: ', timeout=PATIENCE_S, stream='stdout')
        proc_info.assertWaitForShutdown(process='mission_control', timeout=PATIENCE_S)
        launch_testing.asserts.assertExitCodes(proc_info, [0], process='mission_control')


@launch_testing.post_shutdown_test()
class TestAfterwards(unittest.TestCase):
    """After everything has ended."""

    def test_exit_codes(self, proc_info):
        launch_testing.asserts.assertExitCodes(proc_info)

    def test_summary(self):
        summary = json.loads((Path(FLIGHT.name) / 'summary.json').read_text())
        self.assertTrue(summary['passed'])
        self.assertTrue(summary['rover_deployed'])

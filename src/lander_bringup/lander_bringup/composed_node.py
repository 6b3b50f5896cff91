"""All flight nodes of a landing in one process on one executor: less work per message, no fault isolation.

Usage: composed SENSORS RANGEFINDER --ros-args ...; each is sim, hardware or replay, as in the launch file.
"""

import sys
from importlib import import_module

from rclpy.utilities import remove_ros_args

from lander_common.ros.node import run

NODES = {
    'simulator': 'lander_sim.simulator_node:SimulatorNode',
    'rangefinder': 'lander_rangefinder.rangefinder_node:RangefinderNode',
    'state_estimator': 'lander_estimation.state_estimator_node:StateEstimatorNode',
    'guidance': 'lander_guidance.guidance_node:GuidanceNode',
    'thruster_allocator': 'lander_thrusters.thruster_allocator_node:ThrusterAllocatorNode',
    'rover_deployment': 'lander_rover.rover_deployment_node:RoverDeploymentNode',
}
SOURCES = ('sim', 'hardware', 'replay')


def node_class(name: str) -> type:
    """Import the class of a node."""
    module, _, cls = NODES[name].partition(':')
    return getattr(import_module(module), cls)


def main() -> None:
    """Run the nodes."""
    arguments = remove_ros_args(sys.argv)[1:]
    if len(arguments) != 2 or not set(arguments) <= set(SOURCES):
        sys.exit('usage: composed {0} {0} --ros-args ...'.format('|'.join(SOURCES)))
    sensors, rangefinder = arguments
    left_out = {'simulator': sensors != 'sim', 'rangefinder': rangefinder == 'replay'}
    run(*(node_class(name) for name in NODES if not left_out.get(name)))


if __name__ == '__main__':
    main()

"""All flight nodes of a landing in one process on one executor: less work per message, no fault isolation.

Usage: composed SENSORS --ros-args ...; SENSORS is sim, hardware or replay, as in landing.launch.yaml.
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
LEFT_OUT = {'sim': (), 'hardware': ('simulator',), 'replay': ('simulator', 'rangefinder')}


def node_class(name: str) -> type:
    """Import the class of a node."""
    module, _, cls = NODES[name].partition(':')
    return getattr(import_module(module), cls)


def main() -> None:
    """Run the nodes."""
    arguments = remove_ros_args(sys.argv)[1:]
    if len(arguments) != 1 or arguments[0] not in LEFT_OUT:
        sys.exit(f'usage: composed {"|".join(LEFT_OUT)} --ros-args ...')
    run(*(node_class(name) for name in NODES if name not in LEFT_OUT[arguments[0]]))


if __name__ == '__main__':
    main()

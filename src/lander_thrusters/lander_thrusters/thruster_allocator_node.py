"""Thruster allocator node: turns each wrench into valve on-times.

Subscribes wrench; publishes thrusters/command for each, thrusters/status at 10 Hz, /diagnostics.
Parameters: AllocatorParameters, see config/thruster_allocator.yaml.
"""

import numpy as np
from geometry_msgs.msg import Vector3, WrenchStamped
from rclpy.node import Node

from lander_common.ros.diagnostics import ERROR, OK, WARN, Diagnostics
from lander_common.ros.node import run
from lander_common.ros.parameters import declare
from lander_common.ros.qos import RING, STATUS
from lander_common.ros.ring import Arrival, RingOrder
from lander_common.ros.time import to_seconds, to_stamp
from lander_common.samples import Wrench
from lander_common.vehicle import load_vehicle
from lander_msgs.msg import ThrusterCommand, ThrusterStatus
from lander_thrusters.allocator import ThrusterAllocator
from lander_thrusters.parameters import AllocatorParameters
from lander_thrusters.status import AllocationStatus

_STATUS_PERIOD = 0.1  # [s]


class ThrusterAllocatorNode(Node):
    """Driven by the wrench; answers a repeated wrench with the same command again."""

    def __init__(self) -> None:
        """Load the vehicle and wait for the first wrench with all valves closed."""
        super().__init__('thruster_allocator')
        parameters = declare(self, AllocatorParameters)
        self._vehicle = load_vehicle(parameters.vehicle_file)
        self._allocator = ThrusterAllocator(parameters, self._vehicle)
        self._order = RingOrder()
        self._command: ThrusterCommand | None = None
        self._next_status = float('-inf')
        self._diagnostics = Diagnostics(self)
        self._command_out = self.create_publisher(ThrusterCommand, 'thrusters/command', RING)
        self._status_out = self.create_publisher(ThrusterStatus, 'thrusters/status', STATUS)
        self.create_subscription(WrenchStamped, 'wrench', self._on_wrench, RING)

    def _on_wrench(self, message: WrenchStamped) -> None:
        time = to_seconds(message.header.stamp)
        arrival = self._order.judge(time)
        if arrival is Arrival.BACKWARDS:
            self._report(self._order.last)
            return
        if arrival is Arrival.NEW:
            command = self._allocator.step(_wrench(time, message))
            self._command = ThrusterCommand(header=message.header, on_time_s=command.on_time)
        self._command_out.publish(self._command)
        if arrival is Arrival.NEW:
            self._report(time)

    def _report(self, time: float) -> None:
        status = self._allocator.status()
        if time >= self._next_status:
            self._next_status = time + _STATUS_PERIOD - 1e-6
            self._status_out.publish(_status(status))
        level, text = OK, 'allocating'
        if not status.wrench_valid:
            level, text = ERROR, 'wrench not finite or absurdly large: last good one held, then valves close'
        elif status.failed_mask:
            names = [t.name for i, t in enumerate(self._vehicle.thrusters) if status.failed_mask >> i & 1]
            level, text = WARN, 'flying without ' + ', '.join(names)
        self._diagnostics.update(
            time, level, text, unachieved_force_n=status.unachieved_force,
            unachieved_torque_n_m=status.unachieved_torque, propellant_kg=status.propellant_kg,
            wrenches_going_back_in_time=self._order.backwards)


def _wrench(time: float, message: WrenchStamped) -> Wrench:
    force, torque = message.wrench.force, message.wrench.torque
    return Wrench(time, np.array([force.x, force.y, force.z]), np.array([torque.x, torque.y, torque.z]))


def _status(status: AllocationStatus) -> ThrusterStatus:
    message = ThrusterStatus(duty=status.duty, saturation=status.saturation, failed_mask=status.failed_mask,
                             unachieved_force=_vector(status.unachieved_force),
                             unachieved_torque=_vector(status.unachieved_torque))
    message.header.stamp, message.header.frame_id = to_stamp(status.time), 'base_link'
    return message


def _vector(v: np.ndarray) -> Vector3:
    return Vector3(x=float(v[0]), y=float(v[1]), z=float(v[2]))


def main() -> None:
    """Run the node."""
    run(ThrusterAllocatorNode)

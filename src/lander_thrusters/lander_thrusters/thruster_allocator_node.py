"""Thruster allocator node: turns each wrench into valve on-times.

Subscribes wrench, valves/status, and imu if it is to detect faults; publishes thrusters/command for each
wrench, thrusters/status at 10 Hz, /diagnostics. Service thrusters/clear_faults.
Parameters: AllocatorNodeParameters, see config/thruster_allocator.yaml. It is the end of the ring: with
`deadline_s` its diagnostics tell how well the ring keeps its time.
"""

import time as steady

import numpy as np
from geometry_msgs.msg import WrenchStamped
from rclpy.node import Node
from sensor_msgs.msg import Imu
from std_srvs.srv import Trigger

from lander_common import cdr
from lander_common.loop_timing import LoopTiming, Timing
from lander_common.ros.diagnostics import ERROR, OK, WARN, Diagnostics
from lander_common.ros.geometry import set_xyz, xyz
from lander_common.ros.node import run
from lander_common.ros.parameters import declare
from lander_common.ros.qos import RING, STATUS
from lander_common.ros.ring import Arrival, RingOrder
from lander_common.ros.time import to_seconds, to_stamp
from lander_common.samples import ImuSample, Wrench
from lander_common.vehicle import load_vehicle
from lander_msgs.msg import ThrusterCommand, ThrusterStatus, ValveStatus
from lander_thrusters.allocator import Health, ThrusterAllocator
from lander_thrusters.parameters import AllocatorNodeParameters
from lander_thrusters.status import AllocationStatus

_STATUS_PERIOD = 0.1  # [s]


class ThrusterAllocatorNode(Node):
    """Driven by the wrench; answers a repeated wrench with the same command again."""

    def __init__(self) -> None:
        """Load the vehicle and wait for the first wrench with all valves closed."""
        super().__init__('thruster_allocator')
        parameters = declare(self, AllocatorNodeParameters)
        self._vehicle = load_vehicle(parameters.vehicle_file)
        self._allocator = ThrusterAllocator(parameters, self._vehicle)
        self._order = RingOrder()
        self._timing = LoopTiming(parameters.deadline_s) if parameters.deadline_s else None
        self._command: ThrusterCommand | None = None
        self._next_status = float('-inf')
        self._last_health: Health | None = None
        self._diagnostics = Diagnostics(self)
        self._command_out = self.create_publisher(ThrusterCommand, 'thrusters/command', RING)
        self._status_out = self.create_publisher(ThrusterStatus, 'thrusters/status', STATUS)
        self.create_subscription(WrenchStamped, 'wrench', self._on_wrench, RING)
        self.create_subscription(ValveStatus, 'valves/status', self._on_valves, STATUS)
        if parameters.detect_faults:
            self.create_subscription(Imu, 'imu', self._on_imu, RING, raw=True)  # two vectors of it are read
        self.create_service(Trigger, 'thrusters/clear_faults', self._clear_faults)

    def _on_wrench(self, message: WrenchStamped) -> None:
        time = to_seconds(message.header.stamp)
        arrival = self._order.judge(time)
        if arrival is Arrival.BACKWARDS:
            self._report(self._order.last)
            return
        if arrival is Arrival.NEW:
            command = self._allocator.step(_wrench(time, message))
            self._command = ThrusterCommand(header=message.header, on_time_s=command.on_time,
                                            throttle=command.throttle)
        self._command_out.publish(self._command)
        if arrival is Arrival.NEW:
            if self._timing is not None:
                self._timing.cycle(steady.monotonic(), self.get_clock().now().nanoseconds * 1e-9 - time)
            self._report(time)

    def _on_imu(self, message: bytes) -> None:
        stamp, rate, force = cdr.imu(message)
        self._allocator.add_imu(ImuSample(stamp * 1e-9, np.array(rate), np.array(force)))

    def _on_valves(self, message: ValveStatus) -> None:
        if message.watchdog:
            self._allocator.excuse()
        heard = ~message.unknown_mask  # of a silent board nothing is known
        self._allocator.take_valves(message.stuck_open_mask & heard, message.stuck_closed_mask & heard)

    def _clear_faults(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        found = self._allocator.status().faults
        self._allocator.clear_faults()
        response.success = True
        response.message = 'tried again: ' + '; '.join(found) if found else 'no fault had been found'
        return response

    def _report(self, time: float) -> None:
        health = self._allocator.health()
        if time < self._next_status and health == self._last_health:
            return
        self._next_status, self._last_health = time + _STATUS_PERIOD - 1e-6, health
        status = self._allocator.status()
        self._status_out.publish(_status(status))
        level, text = OK, 'allocating'
        if not status.wrench_valid:
            level, text = ERROR, 'wrench not finite or absurdly large: last good one held, then valves close'
        elif status.failed_mask:
            level = WARN
            without = [t.name for i, t in enumerate(self._vehicle.thrusters) if status.failed_mask >> i & 1]
            text = '; '.join(['flying without ' + ', '.join(without), *status.faults])
        elif status.trouble:
            level, text = WARN, status.trouble
        timing = self._timing.last_second(steady.monotonic()) if self._timing is not None else None
        if timing is not None and timing.misses and level == OK:
            level, text = WARN, 'allocating, but the ring has missed deadlines in the last second'
        self._diagnostics.update(
            time, level, text, unachieved_force_n=status.unachieved_force,
            unachieved_torque_n_m=status.unachieved_torque, propellant_kg=status.propellant_kg,
            wrenches_going_back_in_time=self._order.backwards, **_milliseconds(timing))


def _wrench(time: float, message: WrenchStamped) -> Wrench:
    return Wrench(time, xyz(message.wrench.force), xyz(message.wrench.torque))


def _milliseconds(timing: Timing | None) -> dict[str, object]:
    if timing is None:
        return {}
    return {'period_ms': f'{1e3 * timing.period:.2f}', 'jitter_ms': f'{1e3 * timing.jitter:.2f}',
            'worst_ms': f'{1e3 * timing.worst:.2f}', 'deadline_misses': timing.misses,
            'age_median_ms': f'{1e3 * timing.age:.2f}', 'age_worst_ms': f'{1e3 * timing.worst_age:.2f}'}


def _status(status: AllocationStatus) -> ThrusterStatus:
    message = ThrusterStatus(duty=status.duty, saturation=status.saturation, failed_mask=status.failed_mask,
                             faults=list(status.faults))
    set_xyz(message.unachieved_force, status.unachieved_force)
    set_xyz(message.unachieved_torque, status.unachieved_torque)
    message.header.stamp, message.header.frame_id = to_stamp(status.time), 'base_link'
    return message


def main() -> None:
    """Run the node."""
    run(ThrusterAllocatorNode)

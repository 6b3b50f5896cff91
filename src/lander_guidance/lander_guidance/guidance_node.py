"""Guidance node: turns each odometry into a wrench.

Subscribes odometry (drives the node), navigation_status, contact, valves/status; publishes wrench for
each odometry, guidance_status at 10 Hz and on a change of phase, /diagnostics. Parameters:
GuidanceNodeParameters. With `preflight` it waits for the topic preflight: until then the core is not
stepped and every wrench is zero.
"""

import dataclasses

import numpy as np
from geometry_msgs.msg import WrenchStamped
from nav_msgs.msg import Odometry
from rclpy.node import Node

from lander_common.ros.diagnostics import ERROR, OK, STALE, WARN, Diagnostics
from lander_common.ros.geometry import set_xyz, xyz, xyzw
from lander_common.ros.node import run
from lander_common.ros.parameters import declare
from lander_common.ros.preflight import GoAhead
from lander_common.ros.qos import RING, STATUS
from lander_common.ros.ring import Arrival, RingOrder
from lander_common.ros.time import to_seconds, to_stamp
from lander_common.samples import ContactSample, GroundBelief, Navigation, Wrench
from lander_common.site import load_site
from lander_common.vehicle import load_vehicle
from lander_guidance.guidance import Guidance
from lander_guidance.parameters import GuidanceNodeParameters
from lander_guidance.report import Decision, GuidanceReport, Phase
from lander_msgs.msg import ContactState, GuidanceStatus, NavigationStatus, ValveStatus

_STATUS_PERIOD = 0.1  # [s]


class GuidanceNode(Node):
    """Driven by odometry; answers a repeated odometry with the same wrench again."""

    def __init__(self) -> None:
        """Load vehicle and site and wait for navigation."""
        super().__init__('guidance')
        parameters = declare(self, GuidanceNodeParameters)
        self._guidance = Guidance(parameters, load_vehicle(parameters.vehicle_file),
                                  load_site(parameters.site_file))
        self._go = GoAhead(self, parameters.preflight)
        self._order = RingOrder()
        self._wrench: WrenchStamped | None = None
        self._next_status = float('-inf')
        self._reported = (Phase.WAIT, Decision.CONTINUE)
        self._diagnostics = Diagnostics(self)
        self._wrench_out = self.create_publisher(WrenchStamped, 'wrench', RING)
        self._status_out = self.create_publisher(GuidanceStatus, 'guidance_status', STATUS)
        self.create_subscription(NavigationStatus, 'navigation_status', self._on_navigation_status, RING)
        self.create_subscription(ContactState, 'contact', self._on_contact, RING)
        self.create_subscription(Odometry, 'odometry', self._on_odometry, RING)
        self.create_subscription(ValveStatus, 'valves/status', self._on_valves, STATUS)

    def _on_navigation_status(self, message: NavigationStatus) -> None:
        if message.initialised:
            self._guidance.set_ground(GroundBelief(
                to_seconds(message.header.stamp), message.terrain_height_m, message.altitude_m,
                message.altitude_lower_m, message.altitude_upper_m))

    def _on_contact(self, message: ContactState) -> None:
        feet = tuple(message.foot_contact)
        self._guidance.set_contact(ContactSample(to_seconds(message.header.stamp), feet))

    def _on_valves(self, message: ValveStatus) -> None:
        if message.watchdog:
            self._guidance.excuse_thrust()

    def _on_odometry(self, message: Odometry) -> None:
        time = to_seconds(message.header.stamp)
        arrival = self._order.judge(time)
        if arrival is Arrival.BACKWARDS:
            self._diagnose(self._status())
            return
        if arrival is Arrival.NEW:
            wrench = self._guidance.step(to_navigation(time, message)) if self._go.given else Wrench(
                time, np.zeros(3), np.zeros(3))
            self._wrench = to_wrench_message(wrench, message)
        self._wrench_out.publish(self._wrench)
        changed = (self._guidance.phase, self._guidance.decision) != self._reported
        if arrival is Arrival.NEW and (time >= self._next_status or changed):
            self._next_status = time + _STATUS_PERIOD - 1e-6
            self._report(self._status())

    def _status(self) -> GuidanceReport:
        if self._go.given:
            return self._guidance.status()
        return GuidanceReport(self._order.last, Phase.WAIT, self._go.reason)

    def _report(self, report: GuidanceReport) -> None:
        self._status_out.publish(to_status_message(report))
        self._diagnose(report)
        phase, decision = self._reported
        self._reported = (report.phase, report.decision)
        if report.phase != phase:
            self.get_logger().info(f'{report.phase.name}: {report.reason}')
        if report.decision != decision:
            reason = report.decision_reason or 'as planned again'
            self.get_logger().warning(f'{report.decision.name}: {reason}')

    def _diagnose(self, report: GuidanceReport) -> None:
        level = {Phase.WAIT: STALE, Phase.ABORT: ERROR}.get(report.phase, OK)
        if report.decision == Decision.ABORT:
            level = ERROR
        if level == OK and (not report.healthy or self._order.backwards or report.decision):
            level = WARN
        self._diagnostics.update(
            self._order.last, level, f'{report.phase.name}: {report.reason}',
            propellant_left_kg=f'{report.propellant_left_kg:.1f}',
            predicted_propellant_kg=f'{report.predicted_propellant_kg:.1f}',
            decision=f'{report.decision.name} {report.decision_reason}'.strip(),
            odometry_going_back_in_time=self._order.backwards)


def to_navigation(time: float, message: Odometry) -> Navigation:
    """Turn odometry into what the core flies on; guidance uses no covariances."""
    pose, twist = message.pose.pose, message.twist.twist
    return Navigation(time, xyz(pose.position), xyzw(pose.orientation), xyz(twist.linear), xyz(twist.angular))


def to_wrench_message(wrench: Wrench, odometry: Odometry) -> WrenchStamped:
    """Turn a wrench into its message, stamped like the odometry that it answers."""
    message = WrenchStamped()
    message.header.stamp, message.header.frame_id = odometry.header.stamp, 'base_link'
    set_xyz(message.wrench.force, wrench.force)
    set_xyz(message.wrench.torque, wrench.torque)
    return message


def to_status_message(report: GuidanceReport) -> GuidanceStatus:
    """Turn a report into its message."""
    values = dataclasses.asdict(report)
    values['phase'], values['decision'] = int(values['phase']), int(values['decision'])
    stamp = to_stamp(values.pop('time'))
    del values['healthy']
    message = GuidanceStatus(**{k: float(v) if isinstance(v, np.floating) else v for k, v in values.items()})
    message.header.stamp = stamp
    return message


def main() -> None:
    """Run the node."""
    run(GuidanceNode)


if __name__ == '__main__':
    main()

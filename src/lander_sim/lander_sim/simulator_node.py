"""Simulator node: the world in lock-step with the flight nodes.

Publishes /clock, imu, star_tracker, ground_velocity, contact, state_vector, faults, truth/*;
steps when thrusters/command has come back.
"""

import time

from geometry_msgs.msg import TwistWithCovarianceStamped
from nav_msgs.msg import Odometry
from rclpy import clock
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Imu

from lander_common.parameters import ParameterError
from lander_common.ros.backlog import Backlog
from lander_common.ros.node import run
from lander_common.ros.parameters import declare
from lander_common.ros.qos import EVENTS, LATCHED, RING, STATUS
from lander_common.ros.ring import Audience
from lander_common.ros.time import to_seconds
from lander_common.ticks import tenth
from lander_msgs import msg
from lander_msgs.srv import InjectFault
from lander_sim import simulator_messages_node as messages
from lander_sim.faults import PHASES, How, When, make_fault
from lander_sim.lockstep import LockStep, Pace
from lander_sim.node_killer import kill_node
from lander_sim.parameters import SimulatorParameters
from lander_sim.rover_hardware_node import RoverHardware
from lander_sim.set_up import set_up
from lander_sim.simulation import SensorFrame
from lander_sim.touchdown_node import TouchdownReporter


class SimulatorNode(Node):
    """Owns the simulation, the clock and the pace."""

    def __init__(self) -> None:
        """Load the flight; the ring starts when the flight nodes answer the first sample."""
        super().__init__('simulator')
        p = declare(self, SimulatorParameters)
        self.simulation = set_up(p)
        self._lockstep = LockStep(p.step_timeout_s)
        self._pace = Pace(p.rate, p.coast_rate, self.simulation.scenario.limits.longest_powered_s)
        self._patience, self._fine_time, self._tick = p.step_timeout_s, p.fine_time, -1
        make = self.create_publisher
        self._clock, self._imu = make(Clock, '/clock', RING), make(Imu, 'imu', RING)
        self._attitude = make(msg.AttitudeFix, 'star_tracker', RING)
        self._velocity = make(TwistWithCovarianceStamped, 'ground_velocity', RING)
        self._contact = make(msg.ContactState, 'contact', RING)
        self._state_vector = make(Odometry, 'state_vector', LATCHED)
        self._truth = make(Odometry, 'truth/odometry', STATUS)
        self._faults = make(msg.FaultEvent, 'faults', EVENTS)
        self._touchdown = TouchdownReporter(self, self.simulation, self._lockstep)
        self.create_subscription(msg.ThrusterCommand, 'thrusters/command', self._on_command, RING)
        self.create_subscription(msg.RangeSample, 'rangefinder/range_sample', self._on_range, RING)
        self.create_subscription(msg.GuidanceStatus, 'guidance_status', self._on_guidance, STATUS)
        self.create_service(InjectFault, 'inject_fault', self._on_inject)
        self._rover, self._frame = RoverHardware(self, self.simulation, p.seed), None
        self._state_vector.publish(messages.state_vector(self.simulation.state_vector()))
        self._audience = Audience(self, p.recorded, self.simulation.beside_the_ring())
        self._backlog = Backlog(self, p.recorded, self._advance)
        steady = clock.Clock(clock_type=clock.ClockType.STEADY_TIME)
        self.create_timer(0.2, self._start, clock=steady)
        self.create_timer(min(0.02, p.step_timeout_s / 2), self._watch, clock=steady)

    def _on_command(self, message: msg.ThrusterCommand) -> None:
        if self._lockstep.take_command(messages.command(message), time.monotonic()):
            self.simulation.wait_for_rangefinder(self._patience)
            self._advance()

    def _on_range(self, message: msg.RangeSample) -> None:
        self._lockstep.take_range(time.monotonic())

    def _on_guidance(self, message: msg.GuidanceStatus) -> None:
        if message.phase >= len(PHASES):
            self.get_logger().warning(f'guidance_status: unknown phase {message.phase} is ignored', once=True)
            return
        self.simulation.tell_phase(to_seconds(message.header.stamp), PHASES[message.phase])
        self._pace.held = message.phase == msg.GuidanceStatus.PHASE_WAIT
        if message.phase == msg.GuidanceStatus.PHASE_BRAKING:
            self._touchdown.braking_begins()

    def _on_inject(self, request: InjectFault.Request, response: InjectFault.Response) -> object:
        names = tuple(t.name for t in self.simulation.vehicle.thrusters)
        try:
            how = How(kind=request.kind, value=request.value, duration_s=request.duration_s)
            fault = make_fault(When(), request.target, how, names, 'service')
            self.simulation.timeline.add(fault, self.simulation.time)
            response.accepted = True
        except ParameterError as error:
            response.message = str(error.within('inject_fault'))
        return response

    def _start(self) -> None:
        """Offer the first sample again and again until the ring answers, once everybody is listening."""
        if self._lockstep.started:
            return
        if self._frame is not None:
            self._imu.publish(messages.imu(self._frame.imu))
        elif self._audience.complete():
            self._frame = self.simulation.first_frame()
            self._publish(self._frame)

    def _watch(self) -> None:
        waiting = self._backlog.waiting or not self._touchdown.flying_on
        if not waiting and self._lockstep.give_up(time.monotonic()):
            self._advance()

    def _advance(self) -> None:
        if not self._touchdown.flying_on or self._backlog.full():
            return
        if self._pace.held:
            self.simulation.hold()
        self._frame = self.simulation.step(self._lockstep.command)
        time.sleep(self._pace.delay(self._frame.time, self._frame.dt, time.monotonic()))
        self._publish(self._frame)

    def _publish(self, frame: SensorFrame) -> None:
        self._lockstep.begin(frame.time, time.monotonic())
        for fault, active in frame.faults:
            self._faults.publish(messages.fault(frame.time, fault, active))
            if active and fault.how.kind == 'kill':
                kill_node(fault.what.partition('/')[2])
        if (tick := tenth(frame.time)) != self._tick or self._fine_time:
            self._clock.publish(messages.clock(frame.time))
        if tick != self._tick:
            self._tick = tick
            self._truth.publish(messages.truth(self.simulation))
            self._rover.step(frame.time)
        if frame.attitude is not None:
            self._attitude.publish(messages.attitude(frame.attitude))
        if frame.velocity is not None:
            self._velocity.publish(messages.velocity(frame.velocity))
        if frame.contact is not None:
            self._contact.publish(messages.contact(frame.contact))
        self._touchdown.update()
        self._backlog.add(frame.time)
        self._imu.publish(messages.imu(frame.imu))  # last: it sets the ring going


def main() -> None:
    """Run the node."""
    run(SimulatorNode)


if __name__ == '__main__':
    main()

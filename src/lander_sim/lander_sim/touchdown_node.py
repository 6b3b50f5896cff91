"""Reporting how the flight ends, as ground truth, with how fast it was simulated."""

import math
import time

from rclpy.node import Node

from lander_common.ros.qos import LATCHED
from lander_msgs.msg import TouchdownReport
from lander_sim import simulator_messages_node as messages
from lander_sim import verdict
from lander_sim.lockstep import LockStep
from lander_sim.simulation import Simulation


class TouchdownReporter:
    """Publishes truth/touchdown at the first contact and at the end of the flight."""

    def __init__(self, node: Node, simulation: Simulation, lockstep: LockStep):
        """Report the flight of `simulation` through `node`."""
        self._simulation, self._lockstep = simulation, lockstep
        self._publisher = node.create_publisher(TouchdownReport, 'truth/touchdown', LATCHED)
        self._braking: tuple[float, float] | None = None  # flight time and wall time [s]
        self._realtime_factor = math.nan
        self._contact_reported = False
        self._reported = verdict.FLYING

    @property
    def flying_on(self) -> bool:
        """Whether there is still something to simulate: in flight, or landed with a rover to deploy."""
        return self._reported in (verdict.FLYING, verdict.LANDED)

    def braking_begins(self) -> None:
        """Measure the real-time factor from here to the first contact; later calls change nothing."""
        self._braking = self._braking or (self._simulation.time, time.monotonic())

    def update(self) -> None:
        """Publish a report if there is something new to report."""
        judge, now = self._simulation.verdict, self._simulation.time
        if judge.touched and not self._contact_reported:
            self._contact_reported = True
            if self._braking:
                self._realtime_factor = (now - self._braking[0]) / (time.monotonic() - self._braking[1])
        elif judge.result == self._reported:
            return
        self._reported = judge.result
        self._publisher.publish(messages.touchdown(
            judge.report(now, self._simulation.dynamics), self._realtime_factor,
            self._lockstep.latency(), self._lockstep.late_cycles))

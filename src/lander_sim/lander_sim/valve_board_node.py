"""Valve boards on a CAN bus, and what their valves really do as thruster command of the simulator.

Subscribes imu, for the stamp that the simulator waits for; publishes valves/actual. Runs in real time.
"""

import math
import time

from rclpy import clock
from rclpy.node import Node
from sensor_msgs.msg import Imu

from lander_common.canbus.bus import CanBus
from lander_common.canbus.valves import BOARD_LISTENS
from lander_common.ros.node import run
from lander_common.ros.parameters import declare
from lander_common.ros.qos import RING
from lander_common.vehicle import load_vehicle
from lander_msgs.msg import ThrusterCommand
from lander_sim.devices.on_can import Served
from lander_sim.devices.valve_boards import actual, make_boards
from lander_sim.parameters import ValveBoardParameters


class ValveBoardNode(Node):
    """Answers each imu once: when a command has been executed, or after the patience without one."""

    def __init__(self) -> None:
        """Switch the boards on; nothing is published before they have executed a command."""
        super().__init__('valve_board')
        p = declare(self, ValveBoardParameters)
        self.boards = make_boards(len(load_vehicle(p.vehicle_file).thrusters), p.valves_per_board)
        self._patience = p.patience_s
        self._imu: Imu | None = None
        self._due = math.inf  # [s] when the newest imu is answered without a new command
        self._out = self.create_publisher(ThrusterCommand, 'valves/actual', RING)
        self.served = Served(CanBus(p.bus, p.bitrate, BOARD_LISTENS), self.boards, self._answer)
        self.create_subscription(Imu, 'imu', self._on_imu, RING)
        self.create_timer(0.01, self._watch, clock=clock.Clock(clock_type=clock.ClockType.STEADY_TIME))

    def destroy_node(self) -> None:
        """Switch the boards off and end the node."""
        self.served.stop()
        super().destroy_node()

    def _on_imu(self, message: Imu) -> None:
        with self.served.lock:
            self._imu, self._due = message, time.monotonic() + self._patience

    def _watch(self) -> None:
        with self.served.lock:
            if (now := time.monotonic()) >= self._due:
                self._answer(now)

    def _answer(self, now: float) -> None:
        if self._imu is None or not self.boards[0].commands:
            return
        self._due = math.inf
        on_time, throttle = actual(self.boards, now)
        self._out.publish(ThrusterCommand(header=self._imu.header, on_time_s=on_time, throttle=throttle))


def main() -> None:
    """Run the node."""
    run(ValveBoardNode)


if __name__ == '__main__':
    main()

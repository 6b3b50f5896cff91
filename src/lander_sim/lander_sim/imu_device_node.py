"""An IMU on a serial line in a simulated flight, and the way of the commands back to the simulator.

Subscribes imu/simulated and thrusters/command; publishes valves/actual. The driver at the other end of the
line knows no stamp of the simulator: what the ring commands after the bytes of a cycle answers that cycle.
"""

import math
import time

from rclpy import clock
from rclpy.node import Node
from sensor_msgs.msg import Imu

from lander_common.ros.geometry import xyz
from lander_common.ros.node import run
from lander_common.ros.parameters import declare
from lander_common.ros.qos import RING
from lander_common.ros.time import to_seconds
from lander_common.transport import listen_transport
from lander_msgs.msg import ThrusterCommand
from lander_sim.devices.stim300 import Stim300Emulator
from lander_sim.parameters import ImuDeviceParameters

_CYCLE = 0.02  # [s] of motion of a first sample, and of one that is offered again
_LONGEST = 0.1  # [s] of motion that the buffer of a pseudo terminal holds
_PERIOD = 0.001  # [s] of wall time between two looks at the line
_IMPATIENT = 0.02  # [s] of wall time to wait for a command when the last one has not come
_MISSED = 5  # cycles one after the other, after which every command is an answer again


class ImuDeviceNode(Node):
    """Owns the device; answers each cycle of the simulator once, if `answers` says so."""

    def __init__(self) -> None:
        """Switch the device on; nothing is answered before the first command."""
        super().__init__('imu_device')
        p = declare(self, ImuDeviceParameters)
        self._link = listen_transport(p.link)
        self.device = Stim300Emulator(self._link, p.sample_rate_hz)
        self._patience, self._answers = p.patience_s, p.answers
        self._cycles: list[Imu] = []  # whose bytes are not out yet
        self._open: Imu | None = None  # the cycle that waits for its answer
        self._last, self._expire = -math.inf, math.inf  # [s] stamp of the last cycle, end of the patience
        # Of the driver's clock: the stamp of the command that answers, by those that came before.
        self._expected, self._step, self._missed = -math.inf, _CYCLE, 0
        self._command: ThrusterCommand | None = None
        self._out = self.create_publisher(ThrusterCommand, 'valves/actual', RING)
        self.create_subscription(Imu, 'imu/simulated', self._cycles.append, RING)
        self.create_subscription(ThrusterCommand, 'thrusters/command', self._on_command, RING)
        self.create_timer(_PERIOD, self._work, clock=clock.Clock(clock_type=clock.ClockType.STEADY_TIME))

    def destroy_node(self) -> None:
        """Unplug the line and end the node."""
        self._link.close()
        super().destroy_node()

    def _work(self) -> None:
        self.device.hear()
        while self._cycles:
            self._send(self._cycles.pop(0))
        if time.monotonic() >= self._expire:
            self._missed += 1
            self._answer(ThrusterCommand(on_time_s=[0.0] * len(self._command.on_time_s),
                                         throttle=self._command.throttle))

    def _send(self, cycle: Imu) -> None:
        stamp = to_seconds(cycle.header.stamp)
        self._step = stamp - self._last if self._last < stamp <= self._last + _LONGEST else _CYCLE
        self._last, self._open = stamp, cycle
        self._expected += self._step
        self.device.move(self._step, xyz(cycle.angular_velocity), xyz(cycle.linear_acceleration))
        if self._command is not None:
            self._expire = time.monotonic() + (_IMPATIENT if self._missed else self._patience)

    def _on_command(self, command: ThrusterCommand) -> None:
        stamp, self._command = to_seconds(command.header.stamp), command
        late = stamp < self._expected - self._step / 2 and self._missed < _MISSED
        if self._open is not None and not late:
            self._missed, self._expected = 0, stamp
            self._answer(command)

    def _answer(self, command: ThrusterCommand) -> None:
        cycle, self._open, self._expire = self._open, None, math.inf
        if self._answers:
            self._out.publish(ThrusterCommand(header=cycle.header, on_time_s=command.on_time_s,
                                              throttle=command.throttle))


def main() -> None:
    """Run the node."""
    run(ImuDeviceNode)


if __name__ == '__main__':
    main()

"""The release device on a CAN bus; when it lets the rover go, it tells the simulator on rover/released."""

import random

from rclpy import clock
from rclpy.node import Node
from std_msgs.msg import Bool

from lander_common.canbus.bus import CanBus
from lander_common.canbus.release import DEVICE_LISTENS
from lander_common.ros.node import run
from lander_common.ros.parameters import declare
from lander_common.ros.qos import RING
from lander_sim.devices.on_can import Served
from lander_sim.devices.release_device import ReleaseDevice
from lander_sim.parameters import ReleaseBoardParameters

PERIOD = 0.1  # [s] between two messages once the rover is free


class ReleaseBoardNode(Node):
    """Owns the device."""

    def __init__(self) -> None:
        """Switch the device on, with the rover held."""
        super().__init__('release_board')
        p = declare(self, ReleaseBoardParameters)
        self.device = ReleaseDevice(lambda: random.SystemRandom().randrange(1, 2**32))
        self._out = self.create_publisher(Bool, 'rover/released', RING)
        self.served = Served(CanBus(p.bus, p.bitrate, DEVICE_LISTENS), [self.device], lambda now: None)
        self.create_timer(PERIOD, self._tell, clock=clock.Clock(clock_type=clock.ClockType.STEADY_TIME))

    def destroy_node(self) -> None:
        """Switch the device off and end the node."""
        self.served.stop()
        super().destroy_node()

    def _tell(self) -> None:
        with self.served.lock:
            free = self.device.separated
        if free:
            self._out.publish(Bool(data=True))


def main() -> None:
    """Run the node."""
    run(ReleaseBoardNode)


if __name__ == '__main__':
    main()

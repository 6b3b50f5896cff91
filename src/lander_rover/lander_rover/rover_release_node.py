"""Rover release node: rover/release to a release device on a CAN bus, armed, fired and confirmed.

Subscribes rover/release; publishes rover/release_status, /diagnostics. Service rover/set_inhibit.
"""

import time

from rclpy import clock
from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn
from std_msgs.msg import Bool
from std_srvs.srv import SetBool

from lander_common.canbus.bus import CanBus, CanBusError
from lander_common.canbus.release import HOST_LISTENS
from lander_common.ros.diagnostics import ERROR, OK, WARN, Diagnostics
from lander_common.ros.lifecycle import SUCCESS, HardwareNode
from lander_common.ros.node import run
from lander_common.ros.parameters import declare
from lander_common.ros.qos import RING, STATUS
from lander_msgs.msg import ReleaseStatus
from lander_rover.parameters import RoverReleaseParameters
from lander_rover.release_driver import ReleaseDriver, State

POLL_PERIOD = 0.02  # [s]
STATUS_PERIOD = 0.1  # [s]
_LEVELS = {State.FAILED: ERROR, State.NO_DEVICE: ERROR, State.INHIBITED: WARN}


class RoverReleaseNode(HardwareNode):
    """Owns the driver; the bus is open while the node is active. The device is made safe at every end."""

    def __init__(self) -> None:
        """Declare parameters and topics, and start if `autostart` says so."""
        super().__init__('rover_release')
        self._parameters = declare(self, RoverReleaseParameters)
        self._driver: ReleaseDriver | None = None
        self._next_status, self._last_status = float('-inf'), None
        self._status = self.create_publisher(ReleaseStatus, 'rover/release_status', STATUS)
        self._diagnostics = Diagnostics(self, hardware_id=self._parameters.bus)
        self.create_subscription(Bool, 'rover/release', self._on_release, RING)
        self.create_service(SetBool, 'rover/set_inhibit', self._set_inhibit)
        self.create_timer(POLL_PERIOD, self._poll, clock=clock.Clock(clock_type=clock.ClockType.STEADY_TIME))
        if self._parameters.autostart:
            self.autostart()

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Open the bus, or go on trying while active. The inhibit is that of the parameter again."""
        bus = CanBus(self._parameters.bus, self._parameters.bitrate, HOST_LISTENS)
        self._driver = ReleaseDriver(self._parameters, bus)
        try:
            bus.open()
        except CanBusError as error:
            self.get_logger().warn(f'{error}; trying again while active')
        return SUCCESS

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Make the device safe and close the bus."""
        self._end()
        return super().on_deactivate(state)

    def destroy_node(self) -> None:
        """Make the device safe and end the node."""
        self._release()
        super().destroy_node()

    def _end(self) -> None:
        if self._driver.bus.up:
            self._driver.make_safe(time.monotonic())
        self._driver.withdraw()
        self._driver.bus.close()

    def _release(self) -> None:
        if self._driver is not None:
            self._end()
            self._driver = None

    def _on_release(self, message: Bool) -> None:
        if not self.active:
            return
        if message.data:
            self._driver.ask(time.monotonic())
        else:
            self._driver.withdraw()
        self._poll()

    def _set_inhibit(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        response.success = self.active
        if self.active:
            self._driver.inhibit(request.data, time.monotonic())
            self.get_logger().warn(f'the inhibit of the release is {"on" if request.data else "off"} now')
            self._poll()
        response.message = self._driver.detail if self.active else 'the node is not active'
        return response

    def _poll(self) -> None:
        if not self.active:
            return
        now, driver = time.monotonic(), self._driver
        driver.poll(now)
        stamp = self.get_clock().now()
        status = (driver.state, driver.requested(now), driver.detail)
        if now >= self._next_status or status != self._last_status:
            self._next_status, self._last_status = now + STATUS_PERIOD, status
            message = ReleaseStatus(state=int(driver.state), requested=status[1], detail=driver.detail)
            message.header.stamp = stamp.to_msg()
            self._status.publish(message)
        self._diagnostics.update(
            stamp.nanoseconds * 1e-9, _LEVELS.get(driver.state, OK), driver.detail, attempts=driver.attempts,
            inhibited=driver.inhibited, link='open' if driver.bus.up else 'closed',
            device='silent' if driver.silent(now) else 'heard', bus_lost=driver.bus.lost,
            last_problem=driver.bus.problem)


def main() -> None:
    """Run the node."""
    run(RoverReleaseNode)


if __name__ == '__main__':
    main()

"""Valve driver node: thruster commands to valve boards on a CAN bus, and what the valves really do back.

Subscribes thrusters/command; publishes valves/status and /diagnostics. Its watchdog counts real time, not
that of /clock: valves must also close when the clock has stopped.
"""

import time

import numpy as np
from rclpy import clock
from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn

from lander_common.canbus.bus import CanBus, CanBusError
from lander_common.canbus.valves import HOST_LISTENS
from lander_common.ros.diagnostics import ERROR, OK, STALE, WARN, Diagnostics
from lander_common.ros.lifecycle import SUCCESS, HardwareNode
from lander_common.ros.node import run
from lander_common.ros.parameters import declare
from lander_common.ros.qos import RING, STATUS
from lander_common.ros.time import to_seconds, to_stamp
from lander_common.samples import ThrusterCommand as Sample
from lander_common.vehicle import load_vehicle
from lander_msgs.msg import ThrusterCommand, ValveStatus
from lander_thrusters.parameters import ValveDriverParameters
from lander_thrusters.valve_driver import ValveDriver

POLL_PERIOD = 0.005  # [s]
STATUS_PERIOD = 0.1  # [s] between two messages when nothing changes


class ValveDriverNode(HardwareNode):
    """Owns the driver; the bus is open while the node is active."""

    def __init__(self) -> None:
        """Declare parameters and topics, and start if `autostart` says so."""
        super().__init__('valve_driver')
        self._parameters = declare(self, ValveDriverParameters)
        self._names = tuple(t.name for t in load_vehicle(self._parameters.vehicle_file).thrusters)
        self._driver: ValveDriver | None = None
        self._next_status, self._last_status = float('-inf'), None
        self._status = self.create_publisher(ValveStatus, 'valves/status', STATUS)
        self._diagnostics = Diagnostics(self, hardware_id=self._parameters.bus)
        self.create_subscription(ThrusterCommand, 'thrusters/command', self._on_command, RING)
        self.create_timer(POLL_PERIOD, self._poll, clock=clock.Clock(clock_type=clock.ClockType.STEADY_TIME))
        if self._parameters.autostart:
            self.autostart()

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Open the bus; if that fails now, the active node goes on trying."""
        bus = CanBus(self._parameters.bus, self._parameters.bitrate, HOST_LISTENS)
        self._driver = ValveDriver(self._parameters, self._names, bus)
        try:
            bus.open()
        except CanBusError as error:
            self.get_logger().warn(f'{error}; trying again while active')
        return SUCCESS

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Close all valves, then the bus."""
        self._driver.shut_down(time.monotonic())
        return super().on_deactivate(state)

    def destroy_node(self) -> None:
        """Close all valves and end the node."""
        self._release()
        super().destroy_node()

    def _release(self) -> None:
        driver, self._driver = self._driver, None
        if driver is not None and (self.active or driver.bus.up):
            driver.shut_down(time.monotonic())

    def _on_command(self, message: ThrusterCommand) -> None:
        if not self.active:
            return
        throttle = np.array(message.throttle) if len(message.throttle) else None
        sample = Sample(to_seconds(message.header.stamp), np.array(message.on_time_s), throttle)
        self._driver.command(sample, time.monotonic())

    def _poll(self) -> None:
        if not self.active:
            return
        now, driver = time.monotonic(), self._driver
        driver.poll(now)
        faults = driver.faults(now)
        self._publish(now, faults)
        level, text = (ERROR if self._severe() else WARN, '; '.join(faults)) if faults else (
            (OK, 'commanding') if driver.commanding else (STALE, 'waiting for commands'))
        self._diagnostics.update(
            self.get_clock().now().nanoseconds * 1e-9, level, text,
            link='open' if driver.bus.up else 'closed', last_problem=driver.bus.problem,
            watchdogs=driver.watchdogs,
            commands_not_sent=driver.unsent, echoes_missing=driver.missing, bus_lost=driver.bus.lost,
            send_buffer_full=driver.bus.full, **{f'refused_{k}': v for k, v in driver.check.refused.items()})

    def _severe(self) -> bool:
        driver = self._driver
        return bool(driver.bus.problem or driver.unknown.any() or not driver.commanding
                    or driver.watch.stuck_open.any() or driver.watch.stuck_closed.any())

    def _publish(self, now: float, faults: list[str]) -> None:
        driver, watch = self._driver, self._driver.watch
        masks = tuple(map(_mask, (watch.open, driver.unknown, watch.stuck_open, watch.stuck_closed)))
        status = (masks, driver.watchdogs and not driver.commanding, faults)
        if now < self._next_status and status == self._last_status:
            return
        self._next_status, self._last_status = now + STATUS_PERIOD, status
        message = ValveStatus(
            open_mask=masks[0], unknown_mask=masks[1], stuck_open_mask=masks[2], stuck_closed_mask=masks[3],
            watchdog=bool(driver.watchdogs and not driver.commanding),
            commands_refused=driver.check.refused.total(), echoes_missing=driver.missing, faults=faults)
        message.header.stamp = to_stamp(driver.stamp)
        self._status.publish(message)


def _mask(bits: np.ndarray) -> int:
    return sum(1 << int(i) for i in np.flatnonzero(bits))


def main() -> None:
    """Run the node."""
    run(ValveDriverNode)


if __name__ == '__main__':
    main()

"""Preflight check: whether all devices are there, before anything is ignited.

Subscribes the topics of its devices and /diagnostics; publishes preflight, latched. Shows a table with its
verdict. Exit code 4 after NO GO; after GO it stays, so that a node that starts later still hears it.
"""

import os
import signal
import time
from dataclasses import replace
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rich.console import Console

from lander_common.ros.diagnostics import ERROR, OK, WARN
from lander_common.ros.node import finish, run
from lander_common.ros.parameters import declare
from lander_common.ros.preflight import TOPIC, VERDICT
from lander_common.ros.qos import LATCHED
from lander_telemetry.display import preflight_table
from lander_telemetry.parameters import PreflightParameters
from lander_telemetry.preflight import Preflight, Verdict
from lander_telemetry.preflight_device import DeviceWatch, Health, Row
from lander_telemetry.preflight_sources_node import listen

TICK_S = 0.1
LINGER_S = 0.5  # from NO GO to the exit, so that the recorder gets it
WIDTH = 100  # columns of the table: behind a launch there is no terminal that could tell
REFUSED = 4
_LEVELS = {Verdict.WAITING: WARN, Verdict.GO: OK, Verdict.NO_GO: ERROR}


class PreflightNode(Node):
    """Hears the devices until the verdict, and nothing after it."""

    def __init__(self, **arguments: Any):
        """Begin to watch."""
        super().__init__('preflight', **arguments)
        self._parameters = declare(self, PreflightParameters)
        self._preflight = Preflight(self._parameters, time.monotonic())
        self._told = ''
        self._out = self.create_publisher(DiagnosticArray, TOPIC, LATCHED)
        self._heard = listen(self, self._preflight.watches, self._hear, self._take_health)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._timer = self.create_timer(TICK_S, self._tick, clock=steady)
        self._linger = self.create_timer(LINGER_S, self._refuse, clock=steady, autostart=False)

    def _now(self) -> float:
        return self.get_clock().now().nanoseconds * 1e-9

    def _hear(self, watch: DeviceWatch, stamp: float, complaint: str) -> None:
        watch.hear(stamp, self._now(), time.monotonic(), complaint)

    def _take_health(self, watch: DeviceWatch, health: Health) -> None:
        watch.health = replace(health, wall=time.monotonic())

    def _tick(self) -> None:
        for watch in self._preflight.watches.values():
            watch.publishers = self.count_publishers(watch.device.topic)
        verdict = self._preflight.step(self._now(), time.monotonic())
        if self._preflight.message != self._told:
            self._told = self._preflight.message
            self._out.publish(self._message())
        if verdict is Verdict.WAITING:
            return
        Console(width=WIDTH, highlight=False).print(
            preflight_table(self._preflight.rows, verdict is Verdict.GO))
        self._timer.cancel()
        for subscription in self._heard:
            self.destroy_subscription(subscription)
        if verdict is Verdict.NO_GO:
            self._linger.reset()

    def _refuse(self) -> None:
        finish(REFUSED)  # first: the launch answers with an interrupt of its own
        if self._parameters.end_launch:
            # Not by on_exit: a process that has it would end the flight if it died after GO.
            os.kill(os.getppid(), signal.SIGINT)

    def _message(self) -> DiagnosticArray:
        preflight = self._preflight
        array = DiagnosticArray(status=[DiagnosticStatus(
            level=_LEVELS[preflight.verdict], name=VERDICT, message=preflight.message)])
        array.status += [_status(row) for row in preflight.rows]
        array.header.stamp = self.get_clock().now().to_msg()
        return array


def _status(row: Row) -> DiagnosticStatus:
    columns = {'found': row.found, 'identified': row.identified, 'alive': row.alive, 'clock': row.clock}
    return DiagnosticStatus(level=ERROR if row.problem else OK, name=f'preflight: {row.name}',
                            message=row.problem or 'good',
                            values=[KeyValue(key=k, value=v) for k, v in columns.items()])


def main() -> None:
    """Start the node."""
    run(PreflightNode)


if __name__ == '__main__':
    main()

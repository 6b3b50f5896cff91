"""Range finder node: drives one device and publishes every shot, with or without a return.

Driven by `imu` messages, each of which gives the flight time; with `trigger: timer` by its own timer.
"""

import math

from sensor_msgs.msg import Imu, Range

from lander_common.cdr import stamp_ns
from lander_common.ros.diagnostics import ERROR, OK, STALE, WARN, Diagnostics
from lander_common.ros.lifecycle import LinkNode
from lander_common.ros.node import run
from lander_common.ros.parameters import declare
from lander_common.ros.qos import RING, STATUS
from lander_common.ros.time import to_stamp
from lander_common.samples import RangeSample as Sample
from lander_msgs.msg import RangeSample
from lander_rangefinder.driver import RangefinderDriver
from lander_rangefinder.health import State
from lander_rangefinder.parameters import RangefinderParameters

FRAME = 'rangefinder_link'
TIMER_PERIOD = 0.01  # [s]
_LEVELS = {State.WAITING: STALE, State.OK: OK, State.NO_RETURN: WARN, State.DEGRADED: WARN,
           State.DEAD: ERROR}


class RangefinderNode(LinkNode):
    """Owns the driver; the link is open while the node is configured."""

    def __init__(self) -> None:
        """Declare parameters and topics, and start if `autostart` says so."""
        super().__init__('rangefinder')
        self._parameters = declare(self, RangefinderParameters).of_device()
        self._last = -math.inf
        self._samples = self.create_publisher(RangeSample, 'rangefinder/range_sample', RING)
        self._ranges = self.create_publisher(Range, 'rangefinder/range', STATUS)
        self._diagnostics = Diagnostics(self, hardware_id=self._parameters.transport)
        if self._parameters.trigger == 'imu':
            self.create_subscription(Imu, 'imu', self._on_imu, RING, raw=True)  # only its stamp is read
        else:
            self.create_timer(TIMER_PERIOD, self._on_timer)
        if self._parameters.autostart:
            self.autostart()

    def _make_driver(self) -> RangefinderDriver:
        return RangefinderDriver(self._parameters)

    def _on_imu(self, message: bytes) -> None:
        self._poll(stamp_ns(message) * 1e-9)

    def _on_timer(self) -> None:
        self._poll(self.get_clock().now().nanoseconds * 1e-9)

    def _poll(self, time: float) -> None:
        if not self.active or time == self._last:  # the simulator repeats what was not answered
            return
        if time < self._last:
            self.get_logger().warn(f'time went back from {self._last:.3f} s to {time:.3f} s: starting anew')
        self._last = time
        for sample in self._driver.poll(time):
            self._samples.publish(to_sample_message(sample))
            self._ranges.publish(to_range_message(sample, self._parameters))
        self._driver.acted()
        health = self._driver.health
        self._diagnostics.update(time, _LEVELS[health.state], health.state.value, **self._driver.report())


def to_sample_message(sample: Sample) -> RangeSample:
    """Turn a sample into its message."""
    message = RangeSample(
        received=to_stamp(sample.received), validity=sample.validity, reason=sample.reason,
        beam=sample.beam, range_m=sample.range_m, variance=sample.variance, quality=sample.quality)
    message.header.stamp, message.header.frame_id = to_stamp(sample.time), FRAME
    return message


def to_range_message(sample: Sample, parameters: RangefinderParameters) -> Range:
    """Turn a sample into a standard range: +Inf for no return, NaN for a device that failed (REP-117)."""
    missing = math.inf if sample.validity == Sample.NO_RETURN else math.nan
    message = Range(
        radiation_type=Range.INFRARED, field_of_view=parameters.field_of_view_rad,
        min_range=parameters.minimum_range_m, max_range=parameters.maximum_range_m,
        range=missing if math.isnan(sample.range_m) else sample.range_m,
        variance=0.0 if math.isnan(sample.variance) else sample.variance)
    message.header.stamp, message.header.frame_id = to_stamp(sample.time), FRAME
    return message


def main() -> None:
    """Run the node."""
    run(RangefinderNode)


if __name__ == '__main__':
    main()

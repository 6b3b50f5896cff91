"""IMU driver node: listens to one device and publishes the mean over each whole interval as imu.

Publishes imu and /diagnostics. Polls in real time; the stamps are of the node's clock.
"""

from rclpy import clock
from sensor_msgs.msg import Imu

from lander_common.ros.diagnostics import ERROR, OK, STALE, WARN, Diagnostics
from lander_common.ros.geometry import set_xyz
from lander_common.ros.lifecycle import LinkNode
from lander_common.ros.node import run
from lander_common.ros.parameters import declare
from lander_common.ros.qos import RING
from lander_common.ros.time import to_stamp
from lander_common.samples import ImuSample
from lander_imu.driver import ImuDriver, State
from lander_imu.parameters import ImuDriverParameters

FRAME = 'base_link'
POLL_PERIOD = 0.002  # [s]
_LEVELS = {State.WAITING: STALE, State.OK: OK, State.DEGRADED: WARN, State.UNUSABLE: ERROR,
           State.SILENT: ERROR, State.GARBAGE: ERROR, State.NO_LINK: ERROR}
_AXES = (0, 4, 8)


class ImuDriverNode(LinkNode):
    """Owns the driver; the link is open while the node is configured."""

    def __init__(self) -> None:
        """Declare parameters and topics, and start if `autostart` says so."""
        super().__init__('imu_driver')
        self._parameters = declare(self, ImuDriverParameters)
        self._imu = self.create_publisher(Imu, 'imu', RING)
        self._diagnostics = Diagnostics(self, hardware_id=self._parameters.transport)
        self.create_timer(POLL_PERIOD, self._poll, clock=clock.Clock(clock_type=clock.ClockType.STEADY_TIME))
        if self._parameters.autostart:
            self.autostart()

    def _make_driver(self) -> ImuDriver:
        return ImuDriver(self._parameters)

    def _poll(self) -> None:
        if not self.active:
            return
        time, driver = self.get_clock().now().nanoseconds * 1e-9, self._driver
        for sample in driver.poll(time):
            self._imu.publish(to_message(sample, driver.variances()))
        state = driver.state
        self._diagnostics.update(time, _LEVELS[state], state.value, **driver.report())


def to_message(sample: ImuSample, variances: tuple[float, float]) -> Imu:
    """Turn a mean into its message, with the variances of rate and specific force; no orientation."""
    message = Imu()
    set_xyz(message.angular_velocity, sample.angular_velocity)
    set_xyz(message.linear_acceleration, sample.specific_force)
    message.header.stamp, message.header.frame_id = to_stamp(sample.time), FRAME
    message.orientation_covariance[0] = -1.0
    for k in _AXES:
        message.angular_velocity_covariance[k], message.linear_acceleration_covariance[k] = variances
    return message


def main() -> None:
    """Run the node."""
    run(ImuDriverNode)


if __name__ == '__main__':
    main()

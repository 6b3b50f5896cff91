"""State estimator node: turns each IMU sample into odometry.

Subscribes imu (drives the node), star_tracker, ground_velocity, rangefinder/range_sample, state_vector;
publishes odometry for each imu, navigation_status at 10 Hz before the odometry of the same stamp,
aid_source_status for each measurement, /tf at 10 Hz where tf2_msgs is installed, /diagnostics.
Parameters: EstimatorParameters.
"""

from geometry_msgs.msg import TwistWithCovarianceStamped
from nav_msgs.msg import Odometry
from rclpy.node import Node
from sensor_msgs.msg import Imu

from lander_common.ros.diagnostics import OK, STALE, WARN, Diagnostics
from lander_common.ros.node import run
from lander_common.ros.parameters import declare
from lander_common.ros.qos import LATCHED, RING, STATUS
from lander_common.ros.ring import Arrival, RingOrder
from lander_common.samples import Navigation
from lander_common.site import load_site
from lander_common.vehicle import load_vehicle
from lander_estimation import estimator_messages_node as messages
from lander_estimation.filter import NavigationFilter
from lander_estimation.parameters import EstimatorParameters
from lander_estimation.status import SensorHealth, State
from lander_msgs.msg import AidSourceStatus, AttitudeFix, NavigationStatus, RangeSample

try:
    from tf2_msgs.msg import TFMessage
except ImportError:  # not among the wheels on PyPI
    TFMessage = None


class StateEstimatorNode(Node):
    """Driven by imu; answers a repeated sample with the same odometry again."""

    def __init__(self) -> None:
        """Load vehicle and site and wait for the state vector."""
        super().__init__('state_estimator')
        parameters = declare(self, EstimatorParameters)
        self._filter = NavigationFilter(parameters, load_vehicle(parameters.vehicle_file),
                                        load_site(parameters.site_file))
        self._order = RingOrder()
        self._answer: Odometry | None = None
        self._diagnostics = Diagnostics(self)
        self._odometry_out = self.create_publisher(Odometry, 'odometry', RING)
        self._status_out = self.create_publisher(NavigationStatus, 'navigation_status', RING)
        self._aid_out = self.create_publisher(AidSourceStatus, 'aid_source_status', STATUS)
        self._tf_out = self.create_publisher(TFMessage, '/tf', STATUS) if TFMessage else None
        self.create_subscription(Odometry, 'state_vector', self._on_state_vector, LATCHED)
        self.create_subscription(AttitudeFix, 'star_tracker', self._on_star_tracker, RING)
        self.create_subscription(TwistWithCovarianceStamped, 'ground_velocity', self._on_velocity, RING)
        self.create_subscription(RangeSample, 'rangefinder/range_sample', self._on_range, RING)
        self.create_subscription(Imu, 'imu', self._on_imu, RING)

    def _on_state_vector(self, message: Odometry) -> None:
        if self._filter.initialised:
            self.get_logger().warn('a further state vector is ignored: the filter is running')
            return
        try:
            self._filter.initialise(messages.state_vector(message))
        except ValueError as error:
            self.get_logger().error(f'state vector refused: {error}')

    def _on_star_tracker(self, message: AttitudeFix) -> None:
        self._filter.add_attitude(messages.attitude_fix(message))

    def _on_velocity(self, message: TwistWithCovarianceStamped) -> None:
        self._filter.add_velocity(messages.velocity_sample(message))

    def _on_range(self, message: RangeSample) -> None:
        self._filter.add_range(messages.range_sample(message))

    def _on_imu(self, message: Imu) -> None:
        sample = messages.imu_sample(message)
        arrival = self._order.judge(sample.time)
        if arrival is Arrival.BACKWARDS:
            self._diagnose(self._filter.sensor_states())
        elif arrival is Arrival.REPEATED and self._answer is not None:
            self._odometry_out.publish(self._answer)
        else:
            # A repeated sample without an answer: the state vector may have come since.
            self._publish(self._filter.step(sample))

    def _publish(self, navigation: Navigation | None) -> None:
        for status in self._filter.take_aid_statuses():
            self._aid_out.publish(messages.aid_status(status))
        time = self._order.last
        first = navigation is not None and self._answer is None
        if self._filter.status_due(time) or first:
            sensors = self._filter.sensor_states()
            self._diagnose(sensors)
            self._status_out.publish(messages.navigation_status(
                time, navigation, self._filter.ground(), self._filter.terrain_variance, sensors,
                self._filter.hypotheses()))
            if self._tf_out and navigation is not None:
                self._tf_out.publish(TFMessage(transforms=[messages.transform(navigation)]))
        if navigation is not None:
            self._answer = messages.odometry(navigation)
            self._odometry_out.publish(self._answer)

    def _diagnose(self, sensors: list[SensorHealth]) -> None:
        level, text = OK, 'navigating'
        if not self._filter.initialised:
            level, text = STALE, 'waiting for the state vector'
        elif poor := [f'{s.name} {s.state.name.lower()}' for s in sensors if s.state > State.OK]:
            level, text = WARN, ', '.join(poor)
        elif self._order.backwards:
            level, text = WARN, 'imu has gone back in time'
        self._diagnostics.update(
            self._order.last, level, text, imu_going_back_in_time=self._order.backwards,
            **{f'{s.name}_{key}': getattr(s, key) for s in sensors
               for key in ('fused', 'rejected', 'terrain_changes', 'empty')})


def main() -> None:
    """Run the node."""
    run(StateEstimatorNode)


if __name__ == '__main__':
    main()

"""Turning the simulator's samples into messages, and thruster commands back."""

import math

import numpy as np
from geometry_msgs.msg import Quaternion, TwistWithCovarianceStamped
from nav_msgs.msg import Odometry
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Imu

from lander_common import rotations
from lander_common.ros.geometry import set_xyz, set_xyzw
from lander_common.ros.time import to_seconds, to_stamp
from lander_common.samples import (
    AttitudeFix,
    ContactSample,
    ImuSample,
    StateVector,
    ThrusterCommand,
    VelocitySample,
)
from lander_msgs import msg
from lander_sim.faults import Fault
from lander_sim.simulation import Simulation
from lander_sim.verdict import Report


def clock(time: float) -> Clock:
    """Return the /clock message of flight time [s]."""
    return Clock(clock=to_stamp(time))


def imu(sample: ImuSample) -> Imu:
    """Return the IMU message; it carries no orientation (covariance -1)."""
    message = Imu()
    set_xyz(message.angular_velocity, sample.angular_velocity)
    set_xyz(message.linear_acceleration, sample.specific_force)
    message.header.stamp, message.header.frame_id = to_stamp(sample.time), 'base_link'
    message.orientation_covariance[0] = -1.0
    return message


def attitude(sample: AttitudeFix) -> msg.AttitudeFix:
    """Return the star tracker message."""
    message = msg.AttitudeFix(valid=sample.valid, reason=sample.reason, variance=sample.variance)
    _set_attitude(message.orientation, sample.q_moon_body)
    message.header.stamp, message.header.frame_id = to_stamp(sample.time), 'moon'
    return message


def velocity(sample: VelocitySample) -> TwistWithCovarianceStamped:
    """Return the ground velocity message; NaN where not measured."""
    message = TwistWithCovarianceStamped()
    message.header.stamp, message.header.frame_id = to_stamp(sample.time), 'base_link'
    set_xyz(message.twist.twist.linear, sample.velocity)
    message.twist.covariance[[0, 7, 14]] = sample.variance
    message.twist.covariance[[21, 28, 35]] = -1.0
    return message


def contact(sample: ContactSample) -> msg.ContactState:
    """Return the contact switch message."""
    message = msg.ContactState(foot_contact=list(sample.feet))
    message.header.stamp, message.header.frame_id = to_stamp(sample.time), 'base_link'
    return message


def state_vector(state: StateVector) -> Odometry:
    """Return the state vector from orbit determination as odometry in map."""
    message = _odometry(state.time, state.position_map, state.q_map_body, state.velocity_body, np.zeros(3))
    pose, twist = np.zeros((6, 6)), np.zeros((6, 6))
    pose[:3, :3], twist[:3, :3] = state.position_covariance, state.velocity_covariance
    pose[3:, 3:] = state.attitude_variance * np.eye(3)
    message.pose.covariance, message.twist.covariance = pose.ravel(), twist.ravel()
    return message


def truth(simulation: Simulation) -> Odometry:
    """Return the true state of base_link as odometry in map."""
    d, site = simulation.dynamics, simulation.site
    q = rotations.multiply(rotations.conjugate(site.quaternion), d.q_moon_body)
    body = rotations.rotate(rotations.conjugate(d.q_moon_body), d.velocity)
    return _odometry(simulation.time, site.to_map(d.position), q, body, d.body_rate_moon)


def touchdown(report: Report, realtime_factor: float, latency: tuple[float, float],
              late_cycles: int) -> msg.TouchdownReport:
    """Return the touchdown report."""
    message = msg.TouchdownReport(
        result=report.result, reason=report.reason, vertical_speed_m_s=report.vertical_speed,
        horizontal_speed_m_s=report.horizontal_speed, tilt_rad=report.tilt, rest_tilt_rad=report.rest_tilt,
        rate_rad_s=report.rate, slope_rad=report.slope, distance_from_target_m=report.distance_from_target,
        propellant_left_kg=report.propellant_left, state_hash=report.state_hash,
        realtime_factor=realtime_factor, latency_median_s=latency[0], latency_p99_s=latency[1],
        late_cycles=late_cycles)
    set_xyz(message.position, report.position_map)
    message.header.stamp, message.header.frame_id = to_stamp(report.time), 'map'
    return message


def fault(time: float, entry: Fault, active: bool) -> msg.FaultEvent:
    """Return the event of a fault that starts or ends."""
    message = msg.FaultEvent(target=entry.what, kind=entry.how.kind, value=entry.how.value,
                             active=active, cause=entry.cause)
    message.header.stamp = to_stamp(time)
    return message


def command(message: msg.ThrusterCommand) -> ThrusterCommand:
    """Return the thruster command of a message; what is no number counts as closed."""
    on_time = np.array(message.on_time_s, dtype=float)
    throttle = np.array(message.throttle, dtype=float) if len(message.throttle) else np.ones(len(on_time))
    on_time[~np.isfinite(on_time)] = 0.0
    throttle[~np.isfinite(throttle)] = 0.0
    return ThrusterCommand(to_seconds(message.header.stamp), on_time, throttle)


def _odometry(time: float, position: np.ndarray, q: np.ndarray, velocity_body: np.ndarray,
              rate: np.ndarray) -> Odometry:
    message = Odometry(child_frame_id='base_link')
    message.header.stamp, message.header.frame_id = to_stamp(time), 'map'
    set_xyz(message.pose.pose.position, position)
    _set_attitude(message.pose.pose.orientation, q)
    set_xyz(message.twist.twist.linear, velocity_body)
    set_xyz(message.twist.twist.angular, rate)
    return message


def _set_attitude(message: Quaternion, q: np.ndarray) -> None:
    """Fill in an attitude; one that is not known stays the identity."""
    if math.isfinite(q[3]):
        set_xyzw(message, q)

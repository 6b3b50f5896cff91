"""Turning messages into the filter's samples, and its answers into messages."""

import math

import numpy as np
from geometry_msgs.msg import TransformStamped, TwistWithCovarianceStamped
from nav_msgs.msg import Odometry
from sensor_msgs.msg import Imu

from lander_common.ros.geometry import set_xyz, set_xyzw, xyz, xyzw
from lander_common.ros.time import to_seconds, to_stamp
from lander_common.samples import (
    AttitudeFix,
    GroundBelief,
    ImuSample,
    Navigation,
    RangeSample,
    StateVector,
    VelocitySample,
)
from lander_estimation.belief import motion
from lander_estimation.status import AidStatus, SensorHealth
from lander_msgs import msg

NAN = math.nan


def imu_sample(message: Imu) -> ImuSample:
    """Return the IMU sample of a message."""
    return ImuSample(to_seconds(message.header.stamp), xyz(message.angular_velocity),
                     xyz(message.linear_acceleration))


def attitude_fix(message: msg.AttitudeFix) -> AttitudeFix:
    """Return the attitude fix of a message."""
    return AttitudeFix(to_seconds(message.header.stamp), message.valid, message.reason,
                       xyzw(message.orientation), np.array(message.variance))


def velocity_sample(message: TwistWithCovarianceStamped) -> VelocitySample:
    """Return the velocity sample of a message; NaN components are not measured."""
    return VelocitySample(to_seconds(message.header.stamp), xyz(message.twist.twist.linear),
                          np.array(message.twist.covariance).reshape(6, 6).diagonal()[:3].copy())


def range_sample(message: msg.RangeSample) -> RangeSample:
    """Return the shot of a range finder in a message."""
    return RangeSample(to_seconds(message.header.stamp), to_seconds(message.received), message.validity,
                       message.reason, message.range_m, message.variance, message.quality, message.beam)


def state_vector(message: Odometry) -> StateVector:
    """Return the state vector in an odometry message: frame map, twist in base_link."""
    q = xyzw(message.pose.pose.orientation)
    pose, twist = _covariance(message.pose), _covariance(message.twist)
    return StateVector(
        to_seconds(message.header.stamp), xyz(message.pose.pose.position),
        xyz(message.twist.twist.linear), q, pose[:3, :3].copy(), twist[:3, :3].copy(),
        float(pose.diagonal()[3:].max()))


def odometry(navigation: Navigation) -> Odometry:
    """Return the estimate as odometry, map to base_link."""
    message = Odometry(child_frame_id='base_link')
    message.header.stamp, message.header.frame_id = to_stamp(navigation.time), 'map'
    set_xyz(message.pose.pose.position, navigation.position_map)
    set_xyzw(message.pose.pose.orientation, navigation.q_map_body)
    set_xyz(message.twist.twist.linear, navigation.velocity_body)
    set_xyz(message.twist.twist.angular, navigation.angular_velocity)
    pose, twist = np.zeros((6, 6)), np.zeros((6, 6))
    pose[:3, :3], pose[3:, 3:] = navigation.position_covariance, navigation.attitude_covariance
    twist[:3, :3] = navigation.velocity_covariance
    message.pose.covariance, message.twist.covariance = pose.ravel(), twist.ravel()
    return message


def transform(navigation: Navigation) -> TransformStamped:
    """Return the estimate as the transform from base_link to map."""
    message = TransformStamped(child_frame_id='base_link')
    message.header.stamp, message.header.frame_id = to_stamp(navigation.time), 'map'
    set_xyz(message.transform.translation, navigation.position_map)
    set_xyzw(message.transform.rotation, navigation.q_map_body)
    return message


def navigation_status(time: float, navigation: Navigation | None, ground: GroundBelief | None,
                      terrain_variance: float, sensors: list[SensorHealth],
                      hypotheses: dict[str, float]) -> msg.NavigationStatus:
    """Return what is known of the ground and the sensors at `time` [s]; NaN before the state vector."""
    message = msg.NavigationStatus(
        initialised=navigation is not None, altitude_m=NAN, altitude_lower_m=NAN, altitude_upper_m=NAN,
        terrain_height_m=NAN, terrain_height_variance=terrain_variance, vertical_speed_m_s=NAN,
        ground_speed_m_s=NAN, tilt_rad=NAN, hypotheses=list(hypotheses),
        hypothesis_probabilities=list(hypotheses.values()))
    message.header.stamp, message.header.frame_id = to_stamp(time), 'map'
    if navigation is not None and ground is not None:
        moving = motion(navigation)
        message.altitude_m, message.terrain_height_m = ground.altitude_m, ground.terrain_height_m
        message.altitude_lower_m, message.altitude_upper_m = ground.altitude_lower_m, ground.altitude_upper_m
        message.vertical_speed_m_s = moving.vertical_speed_m_s
        message.ground_speed_m_s, message.tilt_rad = moving.ground_speed_m_s, moving.tilt_rad
    message.sensors = [msg.SensorState(
        name=s.name, state=s.state, age_s=s.age_s, fused=s.fused, rejected=s.rejected,
        terrain_changes=s.terrain_changes) for s in sensors]
    return message


def aid_status(status: AidStatus) -> msg.AidSourceStatus:
    """Return what became of one measurement."""
    message = msg.AidSourceStatus(
        source=status.source, outcome=status.outcome, reason=status.reason, test_ratio=status.test_ratio,
        observation=status.observation.tolist(), observation_variance=status.observation_variance.tolist(),
        innovation=status.innovation.tolist(), innovation_variance=status.innovation_variance.tolist())
    message.header.stamp, message.header.frame_id = to_stamp(status.time), 'base_link'
    return message


def _covariance(part: object) -> np.ndarray:
    return np.array(part.covariance).reshape(6, 6)

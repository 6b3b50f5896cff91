"""Recorded messages as samples, and answers as the content of the messages that the nodes publish."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lander_campaign.replay.ring import Answer, NavigationReport, Sample
from lander_common.samples import (
    AttitudeFix,
    ContactSample,
    Navigation,
    RangeSample,
    StateVector,
    ThrusterCommand,
    VelocitySample,
    Wrench,
)
from lander_estimation.belief import motion
from lander_estimation.status import AidStatus
from lander_guidance.report import GuidanceReport
from lander_thrusters.status import AllocationStatus

Content = dict[str, Any]

ANSWERS: dict[type, tuple[str, str]] = {
    Navigation: ('/odometry', 'nav_msgs/msg/Odometry'),
    NavigationReport: ('/navigation_status', 'lander_msgs/msg/NavigationStatus'),
    AidStatus: ('/aid_source_status', 'lander_msgs/msg/AidSourceStatus'),
    Wrench: ('/wrench', 'geometry_msgs/msg/WrenchStamped'),
    GuidanceReport: ('/guidance_status', 'lander_msgs/msg/GuidanceStatus'),
    ThrusterCommand: ('/thrusters/command', 'lander_msgs/msg/ThrusterCommand'),
    AllocationStatus: ('/thrusters/status', 'lander_msgs/msg/ThrusterStatus')}
"""Topic and message type of each kind of answer."""


def seconds(stamp: Any) -> float:
    """Return flight time [s] of a ROS stamp, with the bits that the nodes make of it."""
    return (stamp.sec * 1_000_000_000 + stamp.nanosec) * 1e-9


def attitude_fix(m: Any) -> AttitudeFix:
    """Return the attitude fix of a lander_msgs/AttitudeFix."""
    return AttitudeFix(seconds(m.header.stamp), m.valid, m.reason, xyzw(m.orientation), np.array(m.variance))


def velocity_sample(m: Any) -> VelocitySample:
    """Return the velocity sample of a geometry_msgs/TwistWithCovarianceStamped."""
    variance = np.array(m.twist.covariance).reshape(6, 6).diagonal()[:3].copy()
    return VelocitySample(seconds(m.header.stamp), xyz(m.twist.twist.linear), variance)


def contact_sample(m: Any) -> ContactSample:
    """Return the contact sample of a lander_msgs/ContactState."""
    return ContactSample(seconds(m.header.stamp), tuple(m.foot_contact))


def range_sample(m: Any) -> RangeSample:
    """Return the shot in a lander_msgs/RangeSample."""
    return RangeSample(seconds(m.header.stamp), seconds(m.received), m.validity, m.reason, m.range_m,
                       m.variance, m.quality, m.beam)


def state_vector(m: Any) -> StateVector:
    """Return the state vector in a nav_msgs/Odometry: frame map, twist in base_link."""
    pose, twist = (np.array(part.covariance).reshape(6, 6) for part in (m.pose, m.twist))
    return StateVector(seconds(m.header.stamp), xyz(m.pose.pose.position), xyz(m.twist.twist.linear),
                       xyzw(m.pose.pose.orientation), pose[:3, :3].copy(), twist[:3, :3].copy(),
                       float(pose.diagonal()[3:].max()))


def content(answer: Answer) -> Content:
    """Return the fields of the message that the node publishes for an answer."""
    return _CONTENTS[type(answer)](answer)


def set_sample(m: Any, sample: Sample) -> None:
    """Write what a fault has changed in a sample into its decoded message."""
    match sample:
        case RangeSample():
            m.received, m.validity, m.reason = _stamp(sample.received), sample.validity, sample.reason
            m.range_m, m.variance = sample.range_m, sample.variance
        case AttitudeFix():
            m.orientation = _xyzw(sample.q_moon_body)
        case VelocitySample():
            m.twist.twist.linear = _xyz(sample.velocity)
        case _:
            m.angular_velocity = _xyz(sample.angular_velocity)
            m.linear_acceleration = _xyz(sample.specific_force)


def xyz(v: Any) -> np.ndarray:
    """Return a vector or point as an array, (3,)."""
    return np.array([v.x, v.y, v.z])


def xyzw(q: Any) -> np.ndarray:
    """Return a quaternion as an array, (4,)."""
    return np.array([q.x, q.y, q.z, q.w])


def _odometry(n: Navigation) -> Content:
    pose, twist = np.zeros((6, 6)), np.zeros((6, 6))
    pose[:3, :3], pose[3:, 3:] = n.position_covariance, n.attitude_covariance
    twist[:3, :3] = n.velocity_covariance
    return {
        'header': _header(n.time, 'map'), 'child_frame_id': 'base_link',
        'pose': {'pose': {'position': _xyz(n.position_map), 'orientation': _xyzw(n.q_map_body)},
                 'covariance': pose.ravel().tolist()},
        'twist': {'twist': {'linear': _xyz(n.velocity_body), 'angular': _xyz(n.angular_velocity)},
                  'covariance': twist.ravel().tolist()}}


def _navigation_status(r: NavigationReport) -> Content:
    nan = math.nan
    values = dict.fromkeys(('altitude_m', 'altitude_lower_m', 'altitude_upper_m', 'terrain_height_m',
                            'vertical_speed_m_s', 'ground_speed_m_s', 'tilt_rad'), nan)
    if r.navigation is not None and r.ground is not None:
        ground = dataclasses.asdict(r.ground)
        del ground['time']
        values = {**ground, **dataclasses.asdict(motion(r.navigation))}
    sensors = [{name: getattr(s, name) for name in (
        'name', 'state', 'age_s', 'fused', 'rejected', 'terrain_changes')} for s in r.sensors]
    return {'header': _header(r.time, 'map'), 'initialised': r.navigation is not None, **values,
            'terrain_height_variance': r.terrain_variance, 'sensors': sensors,
            'hypotheses': list(r.hypotheses), 'hypothesis_probabilities': list(r.hypotheses.values())}


def _aid_source_status(s: AidStatus) -> Content:
    arrays = {name: getattr(s, name).tolist() for name in (
        'observation', 'observation_variance', 'innovation', 'innovation_variance')}
    return {'header': _header(s.time, 'base_link'), 'source': s.source, 'outcome': s.outcome,
            'reason': s.reason, 'test_ratio': s.test_ratio, **arrays}


def _wrench(w: Wrench) -> Content:
    return {'header': _header(w.time, 'base_link'),
            'wrench': {'force': _xyz(w.force), 'torque': _xyz(w.torque)}}


def _guidance_status(r: GuidanceReport) -> Content:
    return {'header': _header(r.time, ''), **dataclasses.asdict(r)}


def _command(c: ThrusterCommand) -> Content:
    return {'header': _header(c.time, 'base_link'), 'on_time_s': c.on_time.tolist(),
            'throttle': c.throttle.tolist()}


def _thruster_status(s: AllocationStatus) -> Content:
    return {'header': _header(s.time, 'base_link'), 'duty': s.duty.tolist(),
            'saturation': s.saturation.tolist(), 'unachieved_force': _xyz(s.unachieved_force),
            'unachieved_torque': _xyz(s.unachieved_torque), 'failed_mask': s.failed_mask,
            'faults': list(s.faults)}


_CONTENTS: dict[type, Callable[[Any], Content]] = {
    Navigation: _odometry, NavigationReport: _navigation_status, AidStatus: _aid_source_status,
    Wrench: _wrench, GuidanceReport: _guidance_status, ThrusterCommand: _command,
    AllocationStatus: _thruster_status}


def _header(time: float, frame: str) -> Content:
    return {'stamp': _stamp(time), 'frame_id': frame}


def _stamp(time: float) -> dict[str, int]:
    nanoseconds = round(time * 1e9)
    return {'sec': nanoseconds // 1_000_000_000, 'nanosec': nanoseconds % 1_000_000_000}


def _xyz(v: np.ndarray) -> dict[str, float]:
    return dict(zip('xyz', v.tolist()))


def _xyzw(q: np.ndarray) -> dict[str, float]:
    return dict(zip('xyzw', q.tolist()))

"""A made-up but plausible descent as a bag, written without any node."""

import math

import numpy as np
from nav_msgs.msg import Odometry
from rclpy.serialization import serialize_message

from lander_common.constants import MOON_RADIUS
from lander_common.ros.time import to_stamp
from lander_msgs.msg import AidSourceStatus, GuidanceStatus, NavigationStatus, RangeSample, TouchdownReport
from lander_telemetry.bag_metadata import Topic
from lander_telemetry.bag_writer import BagWriter
from lander_telemetry.definitions import definition

TYPES = {'/truth/odometry': Odometry, '/navigation_status': NavigationStatus,
         '/guidance_status': GuidanceStatus, '/rangefinder/range_sample': RangeSample,
         '/aid_source_status': AidSourceStatus, '/truth/touchdown': TouchdownReport}
T0, LENGTH = 3000.0, 700.0
GROUND = -2450.0
STEP = 2.0


def type_name(message):
    return f'{message.__module__.split(".")[0]}/msg/{message.__name__}'


def write(folder, leave_out=(), close=True, **options):
    """Write the bag, without the topics in `leave_out`."""
    bag = BagWriter(folder, **options)
    channels = {}
    for topic, kind in TYPES.items():
        if topic not in leave_out:
            name = type_name(kind)
            channels[topic] = bag.add_channel(Topic(topic, name, '', []), definition(name))
    rng = np.random.default_rng(1)

    def put(topic, time, message):
        message.header.stamp = to_stamp(T0 + time)
        if topic in channels:
            bag.write(channels[topic], round((T0 + time) * 1e9), serialize_message(message))

    for time in np.arange(0.0, LENGTH, STEP):
        _step(put, float(time), rng)
    put('/truth/touchdown', LENGTH, TouchdownReport(
        result=1, reason='at rest', vertical_speed_m_s=1.4, horizontal_speed_m_s=0.1,
        distance_from_target_m=42.0))
    bag.close() if close else bag.flush()


def _step(put, time, rng):
    left = 1.0 - time / LENGTH
    height, speed = 20e3 * left**1.8 + 1.0, 1650.0 * max(0.0, (left - 0.2) / 0.8)**1.2
    sink, tilt = 20e3 * 1.8 * left**0.8 / LENGTH, math.radians(80.0) * max(0.0, left - 0.2) / 0.8
    arc = 450e3 * max(0.0, (left - 0.2) / 0.8)**2
    ground = 300.0 * math.sin(arc / 20e3) * min(1.0, arc / 20e3)
    angle, radius = arc / MOON_RADIUS, MOON_RADIUS + GROUND + height
    truth = Odometry()
    truth.pose.pose.position.x = -radius * math.sin(angle)
    truth.pose.pose.position.z = radius * math.cos(angle) - MOON_RADIUS
    pitch = -angle - tilt
    truth.pose.pose.orientation.y, truth.pose.pose.orientation.w = math.sin(pitch / 2), math.cos(pitch / 2)
    c, s = math.cos(tilt), math.sin(tilt)
    truth.twist.twist.linear.x, truth.twist.twist.linear.z = speed * c - sink * s, -speed * s - sink * c
    put('/truth/odometry', time, truth)
    seen = height < 9e3
    sigma = 8.0 + 0.01 * height if seen else 120.0
    put('/navigation_status', time, NavigationStatus(
        initialised=True, altitude_m=height - ground + rng.normal(0, sigma / 4),
        altitude_lower_m=height - ground - 3 * sigma, altitude_upper_m=height - ground + 3 * sigma,
        terrain_height_m=GROUND + ground, vertical_speed_m_s=-sink, ground_speed_m_s=speed, tilt_rad=tilt))
    phase = 3 if left > 0.25 else 4 if left > 0.15 else 5
    put('/guidance_status', time, GuidanceStatus(
        phase=phase, reason='made up', thrust_n=1500.0 if left > 0.2 else 700.0,
        propellant_left_kg=60 + 300 * left, sink_rate_m_s=sink,
        sink_rate_limit_m_s=math.sqrt(max(0.0, height - 3 * sigma)) + 1.0))
    shot = (height - ground) / max(0.2, math.cos(tilt)) + rng.normal(0, 2)
    put('/rangefinder/range_sample', time, RangeSample(
        validity=int(seen), range_m=shot if seen else math.nan))
    if seen:
        outlier = rng.random() < 0.03
        put('/aid_source_status', time, AidSourceStatus(
            source='range', outcome=int(outlier), innovation=[rng.normal(0, sigma) + 500.0 * outlier],
            innovation_variance=[sigma**2]))

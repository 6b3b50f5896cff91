"""Our bytes are those of ROS, apart from what it leaves in the gaps between fields."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from nav_msgs.msg import Odometry
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import Imu

from lander_msgs.msg import AidSourceStatus, ContactState, NavigationStatus, SensorState, ThrusterStatus
from lander_telemetry.codec import Codec
from lander_telemetry.definitions import definition


def codec(kind):
    name = f'{kind.__module__.split(".")[0]}/msg/{kind.__name__}'
    return Codec(name, definition(name))


def there_and_back(message):
    """Return a message of ROS after a way through our encoder and ROS, whose bytes must be the same."""
    data = serialize_message(message)
    encoded, mask = codec(type(message)).encode_masked(message)
    assert len(encoded) < len(data) + 4  # the end is filled up; ROS may leave more there
    data = data[:len(encoded)].ljust(len(encoded), b'\0')
    assert (int.from_bytes(encoded) ^ int.from_bytes(data)) & mask == 0
    return deserialize_message(encoded, type(message))


relaxed = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
texts = some.text(some.characters(exclude_characters='\0', codec='utf-8'), max_size=9)
numbers = some.lists(some.floats(width=64), max_size=4)


@relaxed
@given(source=texts, reason=texts, outcome=some.integers(0, 255), observation=numbers, innovation=numbers,
       ratio=some.floats())
def test_texts_and_sequences_of_any_length(source, reason, outcome, observation, innovation, ratio):
    message = AidSourceStatus(source=source, reason=reason, outcome=outcome, observation=observation,
                              innovation=innovation, test_ratio=ratio)
    assert repr(there_and_back(message)) == repr(message)  # NaN is not equal to itself


@relaxed
@given(names=some.lists(texts, max_size=4), probabilities=numbers, ages=numbers)
def test_messages_and_texts_in_sequences(names, probabilities, ages):
    sensors = [SensorState(name=name, state=2, age_s=age, fused=7) for name, age in zip(names, ages)]
    message = NavigationStatus(initialised=True, altitude_m=math.nan, sensors=sensors, hypotheses=names,
                               hypothesis_probabilities=probabilities)
    assert repr(there_and_back(message)) == repr(message)


@pytest.mark.parametrize('message', [
    Odometry(child_frame_id='base_link'), Imu(), ContactState(foot_contact=[True, False, True]),
    ThrusterStatus(duty=[0.5, 1.0], saturation=[0, 2], faults=['rcs_1 stuck', ''])])
def test_other_shapes(message):
    assert repr(there_and_back(message)) == repr(message)


def test_a_message_without_gaps_has_the_very_bytes_of_ros():
    rng = np.random.default_rng(1)
    message = Odometry(child_frame_id='base_link')
    message.header.frame_id = 'map'
    message.header.stamp.sec, message.header.stamp.nanosec = 4200, 20_000_000
    message.pose.pose.position.x = 1.25
    message.pose.covariance = rng.standard_normal(36)
    data = serialize_message(message)
    ours = codec(Odometry)
    encoded = ours.encode(ours.decode(data))
    assert deserialize_message(encoded, Odometry) == message
    assert ours.encode({'header': {'stamp': {'sec': 4200, 'nanosec': 20_000_000}, 'frame_id': 'map'},
                        'child_frame_id': 'base_link', 'pose': {
                            'pose': {'position': {'x': 1.25}, 'orientation': {'w': 1.0}},
                            'covariance': message.pose.covariance.tolist()}}) == encoded


def test_an_array_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match='covariance: expected 36 values, got 1'):
        codec(Odometry).encode({'pose': {'covariance': [1.0]}})


def test_a_definition_that_lacks_a_type_is_refused():
    with pytest.raises(ValueError, match='lacks geometry_msgs/PoseWithCovariance'):
        Codec('nav_msgs/msg/Odometry', 'geometry_msgs/PoseWithCovariance pose')

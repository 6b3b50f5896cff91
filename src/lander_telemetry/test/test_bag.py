"""Bags: written by us, read by others."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from nav_msgs.msg import Odometry
from rclpy.serialization import serialize_message
from rosbags.highlevel import AnyReader

from lander_msgs.msg import NavigationStatus, SensorState, ThrusterCommand
from lander_telemetry.bag_files import FILE
from lander_telemetry.bag_metadata import Topic
from lander_telemetry.bag_writer import BagWriter
from lander_telemetry.definitions import definition

QOS = {'history': 'unknown', 'depth': 0, 'reliability': 'reliable', 'durability': 'transient_local',
       'deadline': {'sec': 9223372036, 'nsec': 854775807}, 'lifespan': {'sec': 9223372036, 'nsec': 854775807},
       'liveliness': 'automatic', 'liveliness_lease_duration': {'sec': 9223372036, 'nsec': 854775807},
       'avoid_ros_namespace_conventions': False}
STATUS = NavigationStatus(altitude_m=893.25, altitude_lower_m=math.nan, sensors=[
    SensorState(name='range', state=2, fused=7, age_s=0.5), SensorState(name='star_tracker', rejected=3)],
    hypotheses=['ranges as expected'], hypothesis_probabilities=[1.0])  # rosbags misreads empty lists
COMMAND = ThrusterCommand(on_time_s=[0.0, 0.125, 1e-300], throttle=[1.0, 1.0, 0.5])
COMMAND.header.frame_id = 'base_link'
ODOMETRY = Odometry(child_frame_id='base_link')
ODOMETRY.pose.covariance[7] = 2.5
MESSAGES = [('/navigation_status', 'lander_msgs/msg/NavigationStatus', STATUS, 5_000_000_000),
            ('/thrusters/command', 'lander_msgs/msg/ThrusterCommand', COMMAND, 5_100_000_000),
            ('/odometry', 'nav_msgs/msg/Odometry', ODOMETRY, 5_050_000_000),
            ('/thrusters/command', 'lander_msgs/msg/ThrusterCommand', COMMAND, 6_000_000_001)]


def type_hash(name):
    for prefix in os.environ['AMENT_PREFIX_PATH'].split(os.pathsep):
        file = Path(prefix, 'share', name).with_suffix('.json')
        if file.exists():
            hashes = json.loads(file.read_text())['type_hashes']
            return next(h['hash_string'] for h in hashes if h['type_name'] == name)
    raise LookupError(name)


@pytest.fixture
def bag(tmp_path):
    writer = BagWriter(tmp_path / 'bag')
    channels = {}
    for topic, name, message, time in MESSAGES:
        if topic not in channels:
            described = Topic(topic, name, type_hash(name), [QOS, QOS])
            channels[topic] = writer.add_channel(described, definition(name))
        writer.write(channels[topic], time, serialize_message(message))
    writer.close()
    return tmp_path / 'bag'


def check(messages):
    status, odometry, command, last = messages
    assert status.altitude_m == 893.25 and math.isnan(status.altitude_lower_m)
    assert [(s.name, s.state, s.fused, s.rejected) for s in status.sensors] == [
        ('range', 2, 7, 0), ('star_tracker', 0, 0, 3)]
    assert list(command.on_time_s) == list(last.on_time_s) == [0.0, 0.125, 1e-300]
    assert command.header.frame_id == odometry.child_frame_id == 'base_link'
    assert odometry.pose.covariance[7] == 2.5


def test_rosbags_reads_it(bag):
    with AnyReader([bag]) as reader:
        assert reader.message_count == 4
        assert {c.topic: c.msgcount for c in reader.connections} == {
            '/navigation_status': 1, '/thrusters/command': 2, '/odometry': 1}
        assert reader.connections[0].ext.offered_qos_profiles[1].durability.name == 'TRANSIENT_LOCAL'
        read = [(time, reader.deserialize(data, c.msgtype)) for c, time, data in reader.messages()]
    assert [t for t, _ in read] == sorted(t for *_, t in MESSAGES)
    check([m for _, m in read])


def test_mcap_ros2_support_reads_it(bag):
    with (bag / FILE).open('rb') as stream:
        reader = make_reader(stream, decoder_factories=[DecoderFactory()])
        assert reader.get_header().profile == 'ros2'
        check([m.decoded_message for m in reader.iter_decoded_messages()])
        channel = next(iter(reader.get_summary().channels.values()))
        assert channel.message_encoding == 'cdr' and channel.metadata['topic_type_hash'].startswith('RIHS01')
        assert yaml.safe_load(channel.metadata['offered_qos_profiles']) == [QOS, QOS]
        assert {m.name for m in reader.iter_metadata()} == {'rosbag2'}
        assert all('serialized_metadata' in m.metadata for m in reader.iter_metadata()), 'else rosbag2 warns'


def test_metadata(bag):
    content = yaml.safe_load((bag / 'metadata.yaml').read_text())['rosbag2_bagfile_information']
    span = {'starting_time': {'nanoseconds_since_epoch': 5_000_000_000},
            'duration': {'nanoseconds': 1_000_000_001}, 'message_count': 4}
    topics = content.pop('topics_with_message_count')
    assert content == {'version': 9, 'storage_identifier': 'mcap', **span, 'compression_format': '',
                       'compression_mode': '', 'relative_file_paths': [FILE],
                       'files': [{'path': FILE, **span}],
                       'custom_data': None, 'ros_distro': 'jazzy'}
    assert topics[1] == {'message_count': 2, 'topic_metadata': {
        'name': '/thrusters/command', 'type': 'lander_msgs/msg/ThrusterCommand',
        'serialization_format': 'cdr', 'offered_qos_profiles': [QOS, QOS],
        'type_description_hash': type_hash('lander_msgs/msg/ThrusterCommand')}}


def test_empty_bag_is_readable(tmp_path):
    BagWriter(tmp_path / 'bag').close()
    with AnyReader([tmp_path / 'bag']) as reader:
        assert reader.message_count == 0


def test_never_overwrites(bag):
    before = (bag / FILE).read_bytes()
    with pytest.raises(FileExistsError):
        BagWriter(bag)
    assert (bag / FILE).read_bytes() == before


FULL_DISK = """
import resource, sys
from pathlib import Path
from lander_telemetry.bag_files import FILE
from lander_telemetry.bag_metadata import Topic
from lander_telemetry.parameters import RecorderParameters
from lander_telemetry.recording import Recording
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
recording = Recording(Path(sys.argv[1]), RecorderParameters(compression='none'))
receive = recording.add_topic(Topic('/chatter', 'std_msgs/msg/String', '', []), 'string data', False)
clock = recording.add_topic(Topic('/clock', 'rosgraph_msgs/msg/Clock', '', []), 'x', True)
clock(b'\\0\\1\\0\\0\\5' + bytes(7))
for _ in range(3000):
    receive(b'\\0\\1\\0\\0\\5\\0\\0\\0' + b'x' * 92)
recording.flush()
recording.close()
print(recording.trouble, recording.lost > 0)
"""


def test_full_disk_stops_the_recording_only(tmp_path):
    command = [sys.executable, '-c', FULL_DISK, str(tmp_path / 'bag')]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == 'recording stopped: File too large True'

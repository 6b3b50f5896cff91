"""The recorder as a real process over real DDS."""

import resource
import signal
import time

import pytest
import yaml
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from nav_msgs.msg import Odometry
from rclpy.action import ActionServer
from rclpy.duration import Duration
from rclpy.experimental.events_executor import EventsExecutor
from rclpy.serialization import deserialize_message
from rosbags.highlevel import AnyReader
from rosgraph_msgs.msg import Clock
from std_msgs.msg import String

from lander_common.ros.qos import LATCHED, RING, STATUS
from lander_common.ros.time import to_stamp
from lander_msgs.action import DeployRover
from lander_telemetry.bag_files import FILE, is_complete
from lander_telemetry.recovery import recover

from .conftest import wait_for


def recorded(folder, topic):
    """Return (time, bytes) of a topic of a bag."""
    with AnyReader([folder]) as reader:
        chosen = [c for c in reader.connections if c.topic == topic]
        return [(t, bytes(d)) for c, t, d in reader.messages() if c in chosen]


def publisher(node, kind, topic, qos=RING):
    """Return a publisher that the recorder has subscribed to."""
    made = node.create_publisher(kind, topic, qos)
    wait_for(lambda: made.get_subscription_count() == 1)
    return made


def odometry(time_s):
    message = Odometry(child_frame_id='base_link')
    message.header.stamp = to_stamp(time_s)
    return message


def test_everything_is_recorded_with_flight_time(tmp_path, node, node_process):
    latched = node.create_publisher(String, 'latched', LATCHED)
    latched.publish(String(data='before the recorder'))
    server = ActionServer(node, DeployRover, 'deploy_rover', lambda goal: None)
    recorder = node_process('flight_recorder_node', {
        'flight_dir': tmp_path, 'exclude': '/left_.*', 'compression': 'none'})
    clock = publisher(node, Clock, '/clock')
    wait_for(lambda: latched.get_subscription_count() == 1)
    assert latched.wait_for_all_acked(Duration(seconds=10))
    left_out = node.create_publisher(String, 'left_out', RING)
    odometries = publisher(node, Odometry, 'odometry')
    clock.publish(Clock(clock=to_stamp(1000.0)))
    for number in range(100):
        odometries.publish(odometry(1000.0 + 0.01 * number))
    clock.publish(Clock(clock=to_stamp(1001.0)))
    late = publisher(node, String, 'late', STATUS)  # a topic that appears during the flight
    late.publish(String(data='no stamp'))
    left_out.publish(String(data='x'))
    wait_for(lambda: b'no stamp' in (tmp_path / 'bag' / FILE).read_bytes())
    code, output = recorder.end(signal.SIGINT)
    server.destroy()
    assert code == 0, output
    bag = tmp_path / 'bag'
    assert [t for t, _ in recorded(bag, '/odometry')] == [
        1_000_000_000_000 + 10_000_000 * n for n in range(100)]
    assert deserialize_message(recorded(bag, '/odometry')[5][1], Odometry) == odometry(1000.05)
    assert [t for t, _ in recorded(bag, '/late')] == [1_001_000_000_000]
    (first, held), = recorded(bag, '/latched')
    assert deserialize_message(held, String).data == 'before the recorder'
    assert first == 1_000_000_000_000, 'held until flight time was known'
    assert not recorded(bag, '/left_out')
    content = yaml.safe_load((bag / 'metadata.yaml').read_text())['rosbag2_bagfile_information']
    topics = {t['topic_metadata']['name']: t['topic_metadata'] for t in content['topics_with_message_count']}
    assert '/deploy_rover/_action/feedback' in topics
    assert topics['/latched']['offered_qos_profiles'][0]['durability'] == 'transient_local'
    assert topics['/odometry']['type_description_hash'].startswith('RIHS01_')


def test_kill_loses_less_than_a_second(tmp_path, node, node_process):
    recorder = node_process('flight_recorder_node', {'flight_dir': tmp_path})
    odometries = publisher(node, Odometry, 'odometry')
    sent = []
    begin = time.monotonic()
    while time.monotonic() < begin + 3.0:
        sent.append(time.monotonic())
        odometries.publish(odometry(500.0 + 0.01 * len(sent)))
        time.sleep(0.005)
    recorder.end(signal.SIGKILL)
    killed = time.monotonic()
    assert not is_complete(tmp_path / 'bag' / FILE)
    assert recover(tmp_path / 'bag')[0].damaged_chunks == 0
    times = [t for t, _ in recorded(tmp_path / 'bag', '/odometry')]
    assert times == [500_000_000_000 + 10_000_000 * (n + 1) for n in range(len(times))], 'without a gap'
    assert killed - sent[len(times) - 1] < 1.0


def test_what_had_arrived_before_the_end_is_recorded(tmp_path, node, node_process):
    recorder = node_process('flight_recorder_node', {'flight_dir': tmp_path, 'compression': 'none'})
    odometries = publisher(node, Odometry, 'odometry')
    odometries.publish(odometry(5.0))
    wait_for(lambda: b'base_link' in (tmp_path / 'bag' / FILE).read_bytes())
    for number in range(900):
        odometries.publish(odometry(6.0 + 0.01 * number))
    assert odometries.wait_for_all_acked(Duration(seconds=10))
    assert recorder.end(signal.SIGINT)[0] == 0
    assert len(recorded(tmp_path / 'bag', '/odometry')) == 901


def test_terminate_completes_the_bag(tmp_path, node, node_process):
    recorder = node_process('flight_recorder_node', {'flight_dir': tmp_path, 'compression': 'none'})
    publisher(node, Odometry, 'odometry').publish(odometry(5.0))
    wait_for(lambda: b'base_link' in (tmp_path / 'bag' / FILE).read_bytes())
    assert recorder.end(signal.SIGTERM)[0] == 0
    assert is_complete(tmp_path / 'bag' / FILE) and (tmp_path / 'bag/metadata.yaml').is_file()


def test_full_disk_is_reported_and_the_recorder_lives_on(tmp_path, node, node_process):
    reports = []
    node.create_subscription(DiagnosticArray, '/diagnostics', lambda m: reports.append(m.status[0]), STATUS)
    recorder = node_process(
        'flight_recorder_node', {'flight_dir': tmp_path, 'compression': 'none'},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)))
    executor = EventsExecutor(context=node.context)
    executor.add_node(node)
    odometries = publisher(node, Odometry, 'odometry')

    def failed():
        for _ in range(20):
            odometries.publish(odometry(5.0))
        executor.spin_once(timeout_sec=0.01)
        return [r for r in reports if r.level == DiagnosticStatus.ERROR]

    report = wait_for(failed)[0]
    assert report.name == 'flight_recorder' and 'File too large' in report.message
    assert recorder.process.poll() is None
    code, output = recorder.end(signal.SIGINT)
    executor.shutdown()
    assert code == 0 and 'the flight goes on' in output
    assert recover(tmp_path / 'bag')[0].messages > 100


@pytest.mark.parametrize(('parameters', 'word'), [({}, 'flight_dir'), ({'exclude': '"["'}, 'exclude')])
def test_bad_parameters(tmp_path, node_process, parameters, word):
    if parameters:
        parameters['flight_dir'] = tmp_path
    recorder = node_process('flight_recorder_node', parameters)
    code, output = recorder.wait()
    assert code == 2 and word in output

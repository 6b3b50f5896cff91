"""The player as a real process over real DDS, with an estimator that only answers."""

import signal
import time

import pytest
from nav_msgs.msg import Odometry
from rclpy.experimental.events_executor import EventsExecutor
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Imu

from lander_common.ros.backlog import LIMIT
from lander_common.ros.qos import LATCHED, RING
from lander_common.ros.ring import TOPICS
from lander_common.ros.time import to_stamp
from lander_telemetry.bag_files import FILE, find_files
from lander_telemetry.bag_metadata import Topic
from lander_telemetry.bag_writer import BagWriter
from lander_telemetry.definitions import definition
from lander_telemetry.graph_node import message_class

from .test_flight_recorder_node import recorded

SAMPLES, MANY = 50, 4000
RANGE = 'lander_msgs/msg/RangeSample'
TYPES = {'/state_vector': 'nav_msgs/msg/Odometry', '/imu': 'sensor_msgs/msg/Imu',
         '/rangefinder/range_sample': RANGE}


def write_bag(folder, *topics, samples=SAMPLES, **options):
    """Write a bag with one message of each topic every 10 ms; the state vector only at the start."""
    writer = BagWriter(folder / 'bag', **options)
    for topic in topics:
        kind = message_class(TYPES[topic])
        channel = writer.add_channel(Topic(topic, TYPES[topic], '', []), definition(TYPES[topic]))
        for k in range(1 if topic == '/state_vector' else samples):
            message = kind()
            message.header.stamp = to_stamp(0.01 * k)
            writer.write(channel, 10_000_000 * k, serialize_message(message))
    writer.close()
    return folder


class Estimator:
    """Answers the first `patience` IMU samples; keeps everything it hears, in its order."""

    def __init__(self, node, patience):
        self.heard, self.patience = [], patience
        self.odometry = node.create_publisher(Odometry, 'odometry', RING)
        listen = node.create_subscription
        listen(Odometry, 'state_vector', lambda m: self.heard.append('state_vector'), LATCHED)
        listen(message_class(RANGE), 'rangefinder/range_sample',
               lambda m: self.heard.append(('range', m.header.stamp)), RING)
        listen(Imu, 'imu', self.on_imu, RING)

    def on_imu(self, message):
        if ('imu', message.header.stamp) not in self.heard:
            self.heard.append(('imu', message.header.stamp))
        if len([h for h in self.heard if h[0] == 'imu']) <= self.patience:
            self.odometry.publish(Odometry(header=message.header))


@pytest.fixture
def play(node, node_process):
    """Play a bag to an estimator; return exit code, output and what the estimator heard."""
    executor = EventsExecutor(context=node.context)
    executor.add_node(node)

    def run(bag, patience=SAMPLES, **parameters):
        estimator = Estimator(node, patience) if patience is not None else None
        player = node_process('flight_player_node', {'bag': bag, **parameters})
        code, output = player.wait(meanwhile=lambda: executor.spin_once(timeout_sec=0.05))
        return code, output, estimator.heard if estimator else []
    yield run
    executor.shutdown()


def test_everything_is_sent_once_and_in_order(play, tmp_path):
    code, output, heard = play(write_bag(tmp_path, *TYPES))
    assert code == 0, output
    heard.remove('state_vector')
    assert heard == [(what, to_stamp(0.01 * k)) for k in range(SAMPLES) for what in ('range', 'imu')]


def test_a_split_bag_is_played_as_one(play, tmp_path):
    bag = write_bag(tmp_path, *TYPES, split_s=0.1)
    assert len(find_files(bag)) > 3
    code, output, heard = play(bag)
    assert code == 0, output
    assert [h for h in heard if h != 'state_vector'] == [
        (what, to_stamp(0.01 * k)) for k in range(SAMPLES) for what in ('range', 'imu')]


def test_an_estimator_that_stops_ends_the_replay(play, tmp_path):
    code, output, heard = play(write_bag(tmp_path, *TYPES), patience=20, answer_timeout_s=1.0)
    assert code == 1
    assert 'no odometry for T+ 0.20 s within 1 s: giving up' in output
    assert heard[-1] == ('imu', to_stamp(0.2))


def test_nobody_to_play_to_ends_the_replay(play, tmp_path):
    code, output, _ = play(write_bag(tmp_path, *TYPES), patience=None, start_timeout_s=1.0)
    assert code == 1 and 'nobody listens to imu within 1 s' in output


@pytest.mark.parametrize('missing', ['/state_vector', '/imu'])
def test_a_bag_without_what_the_estimator_needs_is_refused(play, tmp_path, missing):
    code, output, _ = play(write_bag(tmp_path, *(t for t in TYPES if t != missing)), patience=None)
    assert code == 2
    assert str(tmp_path) in output and missing in output


def test_a_recorder_that_hangs_for_a_while_loses_nothing(node, node_process, tmp_path):
    bag = write_bag(tmp_path / 'flown', '/state_vector', '/imu', samples=MANY)
    executor = EventsExecutor(context=node.context)
    executor.add_node(node)
    last = []
    answers = node.create_publisher(Odometry, 'odometry', RING)

    def answer(message):
        last[:] = [message.header.stamp.sec * 100 + message.header.stamp.nanosec // 10_000_000]
        answers.publish(Odometry(header=message.header))

    node.create_subscription(Imu, 'imu', answer, RING)
    others = [node.create_publisher(Imu, topic, RING) for topic in TOPICS[2:]]
    recorder = node_process('flight_recorder_node', {'flight_dir': tmp_path})
    player = node_process('flight_player_node', {'bag': bag, 'recorded': 'true'})

    def spin_until(done, timeout):
        end = time.monotonic() + timeout
        while not done() and time.monotonic() < end:
            executor.spin_once(timeout_sec=0.05)

    spin_until(lambda: last and last[0] > 100, 30.0)
    recorder.process.send_signal(signal.SIGSTOP)
    hung = last[0]
    spin_until(lambda: last[0] > hung + LIMIT + 200, 3.0)
    assert hung + LIMIT // 2 < last[0] <= hung + LIMIT + 1, 'the player waits'
    recorder.process.send_signal(signal.SIGCONT)
    spin_until(lambda: player.process.poll() is not None, 30.0)
    assert player.process.poll() == 0, player.output
    assert recorder.end()[0] == 0
    executor.shutdown()
    assert len(others) == 2 and (tmp_path / 'bag' / FILE).is_file()
    times = [t for t, _ in recorded(tmp_path / 'bag', '/odometry')]  # the first: zero is no stamp
    assert times[1:] == [10_000_000 * k for k in range(1, MANY)]

import pytest
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Imu

from lander_common.ros.time import to_stamp
from lander_common.yaml_file import FileError
from lander_telemetry.bag_files import find_files
from lander_telemetry.bag_metadata import Topic
from lander_telemetry.bag_writer import BagWriter
from lander_telemetry.definitions import definition
from lander_telemetry.playback import read_bag


@pytest.fixture
def bag(tmp_path):
    from rclpy.serialization import serialize_message
    writer = BagWriter(tmp_path / 'bag')
    channels = {name: writer.add_channel(Topic(name, kind, '', []), definition(kind)) for name, kind in (
        ('/imu', 'sensor_msgs/msg/Imu'), ('/clock', 'rosgraph_msgs/msg/Clock'),
        ('/odometry', 'nav_msgs/msg/Odometry'))}
    for k in (2, 1, 3):  # out of order, as a recorder may receive them
        imu, time = Imu(), k * 10_000_000
        imu.header.stamp = to_stamp(time * 1e-9)
        writer.write(channels['/imu'], time, serialize_message(imu))
        writer.write(channels['/clock'], time, serialize_message(Clock(clock=imu.header.stamp)))
    writer.write(channels['/odometry'], 10_000_000, b'\0\1\0\0')
    writer.close()
    return tmp_path


def test_messages_come_by_time_and_the_imu_last(bag):
    played = [(m.topic, m.time) for m in read_bag(bag)]
    assert played == [(topic, k * 10_000_000) for k in (1, 2, 3) for topic in ('/clock', '/imu')]


def test_a_flight_a_bag_and_a_file_are_all_found(bag):
    assert find_files(bag) == find_files(bag / 'bag') == find_files(find_files(bag)[0])


def test_no_bag_is_an_error_that_names_the_place(tmp_path):
    with pytest.raises(FileError, match=f'{tmp_path}: no bag there'):
        list(read_bag(tmp_path))


def test_a_cut_bag_is_an_error_that_names_the_way_out(bag):
    path, = find_files(bag)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FileError, match='frigoris recover'):
        list(read_bag(bag))

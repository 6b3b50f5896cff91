"""Recording on file systems that are really full."""

import errno
import os
import random
import shutil
import signal

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.experimental.events_executor import EventsExecutor
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CompressedImage

from lander_common.parameters import ParameterError
from lander_common.ros.qos import RING, STATUS
from lander_common.ros.time import to_stamp
from lander_telemetry.bag_files import METADATA, find_files, is_complete
from lander_telemetry.bag_metadata import Topic
from lander_telemetry.definitions import definition
from lander_telemetry.disk import free_bytes
from lander_telemetry.parameters import RecorderParameters
from lander_telemetry.playback import read_bag
from lander_telemetry.recording import Recording
from lander_telemetry.recovery import recover

from .conftest import wait_for

DISK, SPLIT, RESERVE = 4_000_000, 500_000, 1_000_000
TYPE = 'sensor_msgs/msg/CompressedImage'
LENGTH = 2000
NEWEST = {'disk_full': 'keep_newest', 'split_bytes': SPLIT}


def image(number):
    # Texts of four bytes with their end: CDR pads others, with whatever is in memory.
    message = CompressedImage(format='raw', data=random.Random(number).randbytes(LENGTH))
    message.header.frame_id = 'cam'
    message.header.stamp = to_stamp(1.0 + 0.001 * number)
    return message


def recorded(bag):
    """Return the numbers of the messages of a bag; each is as it was sent."""
    numbers = []
    for message in read_bag(bag, ('/image',)):
        numbers.append(round((message.time - 1_000_000_000) / 1_000_000))
        assert message.data == serialize_message(image(numbers[-1]))
    return numbers


def start(folder, **parameters):
    recording = Recording(folder / 'bag', RecorderParameters(**parameters))
    return recording, recording.add_topic(Topic('/image', TYPE, '', []), definition(TYPE), True)


def send(recording, receive, numbers):
    for number in numbers:
        receive(serialize_message(image(number)))
        if number % 50 == 49:
            recording.flush()


@pytest.mark.parametrize('compression', ['none', 'zstd', 'lz4'])
def test_keep_oldest_closes_the_bag_before_the_disk_is_full(small_disk, compression):
    disk = small_disk(DISK)
    recording, receive = start(disk, reserve_bytes=RESERVE, compression=compression)
    send(recording, receive, range(3000))
    bag = disk / 'bag'
    assert recording.trouble == f'recording stopped: less than {RESERVE} bytes are free'
    assert is_complete(bag / 'bag_0.mcap') and (bag / METADATA).is_file(), 'closed at once'
    assert RESERVE - 200_000 < free_bytes(disk) < RESERVE
    recording.close()
    found = recorded(bag)
    assert found == list(range(recording.messages)) and 1000 < len(found) < 2000
    assert recording.messages + recording.lost == 3000


def test_keep_oldest_on_a_disk_that_others_fill(small_disk):
    disk = small_disk(DISK)
    recording, receive = start(disk, reserve_bytes=RESERVE)
    send(recording, receive, range(500))
    (disk / 'of_others').write_bytes(bytes(free_bytes(disk) - RESERVE // 2))
    recording.flush()
    assert recording.trouble and recorded(disk / 'bag') == list(range(500))
    recording.close()


def test_keep_oldest_without_reserve_leaves_what_can_be_recovered(small_disk, tmp_path):
    disk = small_disk(DISK)
    recording, receive = start(disk, reserve_bytes=0)
    send(recording, receive, range(3000))
    recording.close()
    assert recording.trouble == f'recording stopped: {os.strerror(errno.ENOSPC)}'
    assert free_bytes(disk) == 0
    shutil.copytree(disk / 'bag', tmp_path / 'bag')
    recover(tmp_path / 'bag')
    found = recorded(tmp_path / 'bag')
    assert found == list(range(len(found))) and len(found) > 1800


@pytest.mark.parametrize('reserve', [RESERVE, 0])
@pytest.mark.parametrize('compression', ['none', 'zstd'])
def test_keep_newest_goes_on(small_disk, reserve, compression):
    disk = small_disk(DISK)
    recording, receive = start(disk, reserve_bytes=reserve, compression=compression, **NEWEST)
    send(recording, receive, range(6000))
    assert recording.trouble == 'the disk is full: the oldest files of the bag are deleted'
    assert not reserve or free_bytes(disk) > reserve - 200_000
    recording.close()
    found = recorded(disk / 'bag')
    assert found == list(range(6000 - recording.messages, 6000)), 'the newest, without a gap'
    assert recording.messages + recording.lost == 6000
    assert recording.messages > (DISK - reserve - 2 * SPLIT) / LENGTH * 0.8
    assert all(map(is_complete, find_files(disk / 'bag'))) and 'bag_0.mcap' not in os.listdir(disk / 'bag')
    assert recover(disk / 'bag')[0].cut is None


def test_keep_newest_stops_when_nothing_is_left_to_delete(small_disk):
    disk = small_disk(DISK)
    recording, receive = start(disk, reserve_bytes=2 * RESERVE, **NEWEST)
    send(recording, receive, range(700))
    (disk / 'of_others').write_bytes(bytes(free_bytes(disk) - RESERVE // 4))
    for _ in range(5):
        recording.flush()
    assert recording.trouble.startswith('recording stopped')
    found = recorded(disk / 'bag')
    assert found == list(range(700 - recording.messages, 700)) and 0 < len(found) < 300
    recording.close()


def test_a_disk_without_any_room_does_not_end_the_process(small_disk):
    disk = small_disk(DISK)
    (disk / 'of_others').write_bytes(bytes(free_bytes(disk)))
    recording, receive = start(disk, reserve_bytes=0)
    send(recording, receive, range(100))
    recording.close()
    assert 'recording stopped' in recording.trouble and recording.lost > 0


def test_keep_newest_needs_a_split(tmp_path):
    with pytest.raises(ParameterError, match='disk_full'):
        start(tmp_path, disk_full='keep_newest')


@pytest.mark.parametrize('parameters', [
    {'reserve_bytes': RESERVE}, {'reserve_bytes': 0}, {'reserve_bytes': RESERVE, **NEWEST},
    {'reserve_bytes': 0, **NEWEST}], ids=['oldest', 'oldest, full', 'newest', 'newest, full'])
def test_the_flight_goes_on(small_disk, node, node_process, parameters):
    disk, reports = small_disk(DISK), []
    node.create_subscription(DiagnosticArray, '/diagnostics', lambda m: reports.append(m.status[0]), STATUS)
    recorder = node_process('flight_recorder_node', {
        'flight_dir': disk, 'exclude': '/diagnostics|/rosout|/parameter_events', **parameters})
    executor = EventsExecutor(context=node.context)
    executor.add_node(node)
    images = node.create_publisher(CompressedImage, 'image', RING)
    wait_for(lambda: images.get_subscription_count() == 1)
    sent = 0

    def lost():
        nonlocal sent
        for _ in range(10):
            images.publish(image(sent))
            sent += 1
        executor.spin_once(timeout_sec=0.01)
        # Diagnostics come once a second of flight time: that long it goes on after the error.
        return [r for r in reports if r.level == DiagnosticStatus.ERROR
                and int(next(v.value for v in r.values if v.key == 'lost')) > 500]

    report = wait_for(lost, timeout=60.0)[0]
    assert report.name == 'flight_recorder' and recorder.process.poll() is None
    newest = 'disk_full' in parameters
    assert ('oldest files of the bag are deleted' if newest else 'recording stopped') in report.message
    code, output = recorder.end(signal.SIGINT)
    executor.shutdown()
    assert code == 0 and output.count('the flight goes on') == 1, output
    if newest:
        found = recorded(disk / 'bag')
        assert found == list(range(found[0], sent)) and found[0] > 0
    elif parameters['reserve_bytes']:
        found = recorded(disk / 'bag')
        assert found == list(range(len(found))) and 1000 < len(found) < sent

"""Bags of several files: written by us, read by us and by others, and recovered."""

import os
import random
import struct

import pytest
import yaml
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from rclpy.serialization import serialize_message
from rosbags.highlevel import AnyReader
from std_msgs.msg import Header, String

from lander_common.ros.time import to_stamp
from lander_common.yaml_file import FileError
from lander_telemetry.bag_files import find_files, is_complete
from lander_telemetry.bag_metadata import Topic
from lander_telemetry.bag_writer import BagWriter
from lander_telemetry.definitions import definition
from lander_telemetry.flight_data import read
from lander_telemetry.playback import is_cut, read_bag, read_topics
from lander_telemetry.recovery import RecoveryError, recover

from . import made_flight

STEP_NS, COUNT = 10_000_000, 1000
TOPICS = {'/header': Header, '/text': String}
QOS = {'history': 'unknown', 'depth': 0, 'reliability': 'reliable', 'durability': 'volatile',
       'deadline': {'sec': 9223372036, 'nsec': 854775807}, 'lifespan': {'sec': 9223372036, 'nsec': 854775807},
       'liveliness': 'automatic', 'liveliness_lease_duration': {'sec': 9223372036, 'nsec': 854775807},
       'avoid_ros_namespace_conventions': False}


def sent():
    """Return what is written, as (topic, time, bytes): almost in order, as a recorder receives it."""
    rng, found = random.Random(1), []
    for k in range(COUNT):
        time = STEP_NS * (k + 1 - (3 if k % 7 == 6 else 0))
        header = Header(stamp=to_stamp(time * 1e-9), frame_id=f'{rng.getrandbits(2000):x}')
        found.append(('/header', time, serialize_message(header)))
        if k % 10 == 0:
            found.append(('/text', time, serialize_message(String(data=f'text {k}'))))
    return found


def write(folder, close=True, **options):
    bag = BagWriter(folder, **options)
    channels = {name: bag.add_channel(Topic(name, made_flight.type_name(kind), '', [QOS]),
                                      definition(made_flight.type_name(kind)))
                for name, kind in TOPICS.items()}
    for topic, time, data in sent():
        bag.write(channels[topic], time, data)
    bag.close() if close else bag.flush()
    return folder


@pytest.fixture(params=[{'split_bytes': 150_000, 'compression': 'none'}, {'split_bytes': 100_000},
                        {'split_s': 2.5, 'compression': 'lz4'}], ids=['bytes', 'compressed', 'time'])
def bag(tmp_path, request):
    return write(tmp_path / 'bag', **request.param)


def by_time(messages):
    return sorted(messages, key=lambda m: m[1])


def ours(bag, **options):
    return [(m.topic, m.time, m.data) for m in read_bag(bag, TOPICS, **options)]


def test_files_are_named_as_rosbag2_does_and_each_is_complete(bag):
    files = find_files(bag)
    assert len(files) >= 3 and [f.name for f in files] == [f'bag_{n}.mcap' for n in range(len(files))]
    found = []
    for number, file in enumerate(files):
        with file.open('rb') as stream:
            reader = make_reader(stream, decoder_factories=[DecoderFactory()])
            summary = reader.get_summary()
            assert {c.topic for c in summary.channels.values()} == set(TOPICS) and len(summary.schemas) == 2
            assert summary.chunk_indexes
            for _, channel, message, decoded in reader.iter_decoded_messages():
                assert channel.topic == '/header' or decoded.data.startswith('text')
                found.append((channel.topic, message.log_time, message.data))
            metadata = [m for m in reader.iter_metadata() if 'serialized_metadata' in m.metadata]
            known = yaml.safe_load(metadata[-1].metadata['serialized_metadata'])['relative_file_paths']
            assert known == [f.name for f in files[:number + 1]], 'the bag so far, as rosbag2 does'
    assert by_time(found) == by_time(sent())


def test_metadata_lists_the_files(bag):
    content = yaml.safe_load((bag / 'metadata.yaml').read_text())['rosbag2_bagfile_information']
    names = [f.name for f in find_files(bag)]
    assert content['relative_file_paths'] == names == [f['path'] for f in content['files']]
    for file in content['files']:
        times = [t for _, t, _ in ours(bag / file['path'])]
        assert file['message_count'] == len(times)
        assert file['starting_time']['nanoseconds_since_epoch'] == min(times)
        assert file['duration']['nanoseconds'] == max(times) - min(times)
    assert content['message_count'] == len(sent())
    assert content['starting_time']['nanoseconds_since_epoch'] == STEP_NS
    assert content['duration']['nanoseconds'] == STEP_NS * (COUNT - 1)
    topics = content['topics_with_message_count']
    assert {t['topic_metadata']['name']: t['message_count'] for t in topics} == {
        '/header': COUNT, '/text': COUNT // 10}


def test_rosbags_reads_it(bag):
    with AnyReader([bag]) as reader:
        assert reader.message_count == len(sent())
        assert (reader.start_time, reader.end_time) == (STEP_NS, STEP_NS * COUNT + 1)
        found = [(c.topic, t, bytes(d)) for c, t, d in reader.messages()]
        text = next(reader.deserialize(d, c.msgtype).data for c, _, d in reader.messages()
                    if c.topic == '/text')
    assert by_time(found) == by_time(sent()) and text == 'text 0'


def test_we_read_it_as_if_it_were_one_file(bag, tmp_path):
    one = write(tmp_path / 'one')
    assert len(find_files(one)) == 1
    assert ours(bag) == ours(one) == by_time(sent())
    assert {n: (t.count, text) for n, (t, text) in read_topics(bag).items()} == {
        n: (t.count, text) for n, (t, text) in read_topics(one).items()}


def test_only_the_files_that_are_needed_are_open(tmp_path):
    bag = write(tmp_path / 'bag', split_s=0.1)
    assert len(find_files(bag)) >= 80
    most, before = 0, len(os.listdir('/proc/self/fd'))
    for _ in read_bag(bag, TOPICS):
        most = max(most, len(os.listdir('/proc/self/fd')) - before)
    assert 1 <= most <= 4


def test_a_closed_file_is_never_touched_again(tmp_path):
    bag = BagWriter(tmp_path / 'bag', split_bytes=100_000, compression='none')
    kind = made_flight.type_name(String)
    channel = bag.add_channel(Topic('/text', kind, '', []), definition(kind))
    closed = {}

    def look(files):
        return {f: (f.stat().st_mtime_ns, f.read_bytes()) for f in files}
    for k in range(3000):
        bag.write(channel, k, serialize_message(String(data='x' * 200)))
        closed |= {f: v for f, v in look(find_files(tmp_path / 'bag')[:-1]).items() if f not in closed}
    late = bag.add_channel(Topic('/late', kind, '', []), definition(kind))
    bag.write(late, 3000, serialize_message(String(data='late')))
    bag.close()
    assert len(closed) >= 4 and look(closed) == closed
    assert all(is_complete(f) for f in closed)
    assert read_topics(tmp_path / 'bag')['/late'][0].count == 1


def test_picture_of_a_split_bag(tmp_path):
    made_flight.write(tmp_path / 'one')
    made_flight.write(tmp_path / 'bag', split_s=100.0)
    assert len(find_files(tmp_path)) == 8
    one, split = read(tmp_path / 'one'), read(tmp_path)
    assert split.phases == one.phases and split.result == one.result
    for columns in ('navigation', 'truth', 'guidance', 'ranges', 'innovations'):
        for name, values in getattr(one, columns).items():
            assert getattr(split, columns)[name].tobytes() == values.tobytes()


def test_a_bag_cut_in_its_last_file_is_recovered(tmp_path):
    bag = write(tmp_path / 'bag', close=False, split_bytes=100_000)
    *whole, last = find_files(bag)
    before = {file: file.read_bytes() for file in [*whole, last]}
    assert is_cut(bag) and not is_complete(last)
    assert ours(bag, cut=True) == by_time(sent())
    with pytest.raises(FileError, match=f'frigoris recover {bag}'):
        ours(bag)
    done = recover(tmp_path)
    assert [d.cut for d in done] == [*(None for _ in whole), last.with_name(f'{last.name}.cut')]
    assert {f: f.read_bytes() for f in whole} == {f: before[f] for f in whole}
    assert done[-1].cut.read_bytes() == before[last]
    assert ours(bag) == by_time(sent())
    test_metadata_lists_the_files(bag)
    test_rosbags_reads_it(bag)
    assert all(d.cut is None for d in recover(bag)), 'there is nothing left to do'


@pytest.mark.parametrize('content', [b'', b'\x89MCAP0\r\n'])
def test_a_recorder_killed_just_after_a_split_leaves_a_file_of_nothing(tmp_path, content):
    bag = write(tmp_path / 'bag', split_bytes=100_000)
    (bag / 'metadata.yaml').unlink()
    empty = bag / f'bag_{len(find_files(bag))}.mcap'
    empty.write_bytes(content)
    done = recover(bag)
    assert done[-1].messages == 0 and 'no message' in str(done[-1]) and not empty.exists()
    assert ours(bag) == by_time(sent())
    test_metadata_lists_the_files(bag)
    test_rosbags_reads_it(bag)


def test_a_power_failure_may_cut_several_files(tmp_path):
    bag = write(tmp_path / 'bag', split_s=2.5, compression='none')
    files = find_files(bag)
    (bag / 'metadata.yaml').unlink()
    for file in files[1:3]:
        file.write_bytes(file.read_bytes()[:-60_000] + bytes(1000))
    done = recover(bag)
    assert [bool(d.cut) for d in done] == [False, True, True, *(False for _ in files[3:])]
    found = ours(bag)
    assert set(found) < set(sent()) and len(found) == sum(d.messages for d in done) > 0.5 * len(sent())


def test_nothing_is_changed_when_nothing_can_be_read(tmp_path):
    for number in range(2):
        (tmp_path / f'bag_{number}.mcap').write_bytes(struct.pack('<I', number))
    with pytest.raises(RecoveryError, match='no message'):
        recover(tmp_path)
    assert [(f.name, f.read_bytes()[0]) for f in sorted(tmp_path.iterdir())] == [
        ('bag_0.mcap', 0), ('bag_1.mcap', 1)]


def test_files_of_several_bags_are_refused(tmp_path):
    for name in ('one_0.mcap', 'two_0.mcap'):
        (tmp_path / name).touch()
    with pytest.raises(FileError, match='several bags'):
        find_files(tmp_path)


def test_eleven_files_come_in_their_order(tmp_path):
    bag = write(tmp_path / 'bag', split_s=0.7)
    names = [f.name for f in find_files(bag)]
    assert names[9:11] == ['bag_9.mcap', 'bag_10.mcap']
    assert ours(bag) == by_time(sent())

"""Recovery of bags that were cut off anywhere."""

import shutil
import struct
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader
from rosbags.highlevel import AnyReader

from lander_common.yaml_file import FileError
from lander_telemetry.bag_files import FILE, is_complete
from lander_telemetry.bag_metadata import Topic
from lander_telemetry.bag_writer import BagWriter
from lander_telemetry.cut_file import RecoveryError
from lander_telemetry.recovery import recover

HASH = 'RIHS01_df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18'
TOPIC = Topic('/chatter', 'std_msgs/msg/String', HASH, [])
COUNT, LENGTH = 400, 900


def payload(number):
    return b'\0\1\0\0' + struct.pack('<I', LENGTH) + str(number).zfill(LENGTH - 1).encode() + b'\0'


@pytest.fixture(scope='module')
def complete(tmp_path_factory):
    folder = tmp_path_factory.mktemp('bags') / 'bag'
    bag = BagWriter(folder, compression='none')
    channel = bag.add_channel(Topic(**vars(TOPIC)), 'string data')
    for number in range(COUNT):
        bag.write(channel, 10**9 + number, payload(number), publish_time=number)
        if number % 150 == 149:
            bag.flush()
    bag.close()
    return folder


def read(file):
    with file.open('rb') as stream:
        messages = [m for _, _, m in make_reader(stream).iter_messages()]
    return [(m.log_time, m.publish_time, bytes(m.data)) for m in messages]


@cache
def ends(complete):
    """Return where each message ends in the complete file."""
    content = (complete / FILE).read_bytes()
    return [content.index(payload(n)) + len(payload(n)) for n in range(COUNT)]


def cut(complete, folder, size):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes((complete / FILE).read_bytes()[:size])
    return folder


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0.002, 0.999))
def test_every_whole_message_survives_any_cut(complete, tmp_path, share):
    content = (complete / FILE).read_bytes()
    size = int(share * len(content))
    whole = sum(end <= size for end in ends(complete))
    folder = cut(complete, tmp_path / 'cut', size)
    if not whole:
        with pytest.raises(RecoveryError, match='no message'):
            recover(folder)
        assert (folder / FILE).read_bytes() == content[:size]
        return
    done, = recover(folder)
    expected = [(10**9 + n, n, payload(n)) for n in range(whole)]
    assert done.messages == whole and done.damaged_chunks == 0
    assert read(folder / FILE) == expected
    assert done.cut.read_bytes() == content[:size], 'the original is kept'
    with AnyReader([folder]) as reader:
        assert reader.message_count == whole and reader.start_time == 10**9
    assert sorted(p.name for p in folder.iterdir()) == [FILE, f'{FILE}.cut', 'metadata.yaml']


def test_complete_bag_stays_as_it_is(complete):
    before = (complete / FILE).read_bytes()
    done, = recover(complete)
    assert done.cut is None and done.messages == COUNT and (complete / FILE).read_bytes() == before


def test_lost_metadata_is_written_again(complete, tmp_path):
    shutil.copytree(complete, tmp_path / 'bag')
    text = (tmp_path / 'bag/metadata.yaml').read_text()
    (tmp_path / 'bag/metadata.yaml').unlink()
    assert recover(tmp_path / 'bag' / FILE)[0].cut is None
    assert (tmp_path / 'bag/metadata.yaml').read_text() == text


def test_damaged_chunk_is_skipped_and_counted(complete, tmp_path):
    content = bytearray((complete / FILE).read_bytes())
    content[content.find(payload(3)) + 50] ^= 0xff
    folder = cut(complete, tmp_path / 'bag', 0)
    (folder / FILE).write_bytes(content[:-100])
    done, = recover(folder)
    assert done.damaged_chunks == 1
    assert {d for *_, d in read(folder / FILE)} < {payload(n) for n in range(COUNT)}


def test_second_recovery_keeps_the_first_original(complete, tmp_path):
    folder = cut(complete, tmp_path / 'bag', 200_000)
    first, = recover(folder)
    half = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(half[:len(half) // 2])
    second, = recover(folder)
    assert first.cut != second.cut and first.cut.exists() and second.cut.exists()
    assert is_complete(folder / FILE)


@pytest.mark.parametrize('content', [b'', b'not a bag at all', b'\x89MCAP0\r\n'])
def test_no_bag(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(RecoveryError):
        recover(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content


def test_no_file(tmp_path):
    with pytest.raises(FileError, match='no bag there'):
        recover(tmp_path)


def chunks(file):
    """Return end and number of messages of each chunk."""
    with file.open('rb') as stream:
        reader = make_reader(stream)
        indexes = sorted(reader.get_summary().chunk_indexes, key=lambda c: c.chunk_start_offset)
        times = [m.log_time for _, _, m in reader.iter_messages()]
    return [(c.chunk_start_offset + c.chunk_length,
             sum(c.message_start_time <= t <= c.message_end_time for t in times)) for c in indexes]


@pytest.fixture(scope='module', params=['zstd', 'lz4'])
def compressed(tmp_path_factory, request):
    folder = tmp_path_factory.mktemp('bags') / 'bag'
    bag = BagWriter(folder, compression=request.param)
    channel = bag.add_channel(Topic(**vars(TOPIC)), 'string data')
    for number in range(COUNT):
        bag.write(channel, 10**9 + number, payload(number))
        if number % 20 == 19:
            bag.flush()
    bag.close()
    return folder, chunks(folder / FILE)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0.1, 0.95))
def test_every_whole_chunk_survives_compressed(compressed, tmp_path, share):
    complete, ends = compressed
    size = int(share * ends[-1][0])
    expected = sum(messages for end, messages in ends if end <= size)
    folder = cut(complete, tmp_path / 'cut', size)
    if not expected:
        with pytest.raises(RecoveryError, match='no message'):
            recover(folder)
        return
    done, = recover(folder)
    assert done.messages == expected and done.damaged_chunks <= 1
    assert [data for *_, data in read(folder / FILE)] == [payload(n) for n in range(expected)]


@pytest.mark.parametrize('tail', [bytes(100_000), b'\xff' * 5000, b'\x06\xff\xff\xff\xff\xff\xff\xff\x7f'],
                         ids=['zeros', 'ones', 'chunk of 2**63 bytes'])
def test_what_a_power_failure_leaves_behind_the_last_chunk(compressed, tmp_path, tail):
    complete, ends = compressed
    folder = cut(complete, tmp_path / 'bag', ends[10][0])
    with (folder / FILE).open('ab') as stream:
        stream.write(tail)
    done, = recover(folder)
    assert done.messages == sum(messages for _, messages in ends[:11])


@pytest.mark.parametrize('before_end', [10, 40, 70])
def test_damaged_compressed_chunk_is_skipped_and_counted(compressed, tmp_path, before_end):
    complete, ends = compressed
    content = bytearray((complete / FILE).read_bytes())
    content[ends[5][0] - before_end] ^= 0xff
    folder = cut(complete, tmp_path / 'bag', 0)
    (folder / FILE).write_bytes(content[:ends[-1][0]])
    done, = recover(folder)
    assert done.damaged_chunks == 1 and done.messages == COUNT - ends[5][1]

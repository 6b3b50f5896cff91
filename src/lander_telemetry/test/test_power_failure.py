"""A power failure, as the kernel tells it: what is not on the disk yet is gone."""

import ctypes
import os
import random
import time
from collections import defaultdict

import pytest

from lander_telemetry.bag_files import find_files
from lander_telemetry.disk import DiskSync
from lander_telemetry.playback import read_bag
from lander_telemetry.recovery import RecoveryError, recover

from .conftest import wait_for
from .traffic import TOPICS, Traffic

PAGE = os.sysconf('SC_PAGE_SIZE')
CACHESTAT = 451  # system call of Linux 6.5


class _Range(ctypes.Structure):
    _fields_ = [('offset', ctypes.c_uint64), ('length', ctypes.c_uint64)]


class _Pages(ctypes.Structure):
    _fields_ = [(n, ctypes.c_uint64) for n in ('cached', 'dirty', 'writeback', 'evicted', 'recently')]


def pending(path, length=0):
    """Return how many pages of the first `length` bytes, or of all, are in memory only."""
    libc, pages = ctypes.CDLL(None, use_errno=True), _Pages()
    number = os.open(path, os.O_RDONLY)
    try:
        if libc.syscall(CACHESTAT, number, ctypes.byref(_Range(0, length)), ctypes.byref(pages), 0):
            pytest.skip(f'the kernel does not tell: {os.strerror(ctypes.get_errno())}')
    finally:
        os.close(number)
    return pages.dirty + pages.writeback


def on_disk(path):
    """Return the first bytes of a file, as far as all of them are on the disk."""
    low, high = 0, -(-path.stat().st_size // PAGE)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if not pending(path, middle * PAGE) else (low, middle - 1)
    with path.open('rb') as file:
        return file.read(low * PAGE)


def fail_power(bag, folder):
    """Leave in `folder` what a power failure at this moment would leave of a bag.

    Returns the messages that are recovered from it, and the moment.
    """
    folder.mkdir()
    for file in find_files(bag):
        (folder / file.name).write_bytes(on_disk(file))
    now, found = time.monotonic(), defaultdict(list)
    try:
        recover(folder)
    except RecoveryError:
        return found, now
    for message in read_bag(folder, TOPICS):
        found[message.topic].append(message.data)
    return found, now


@pytest.mark.parametrize('parameters', [{'compression': 'none'}, {'split_s': 0.7}], ids=['one file', 'split'])
def test_a_power_failure_costs_less_than_a_second(tmp_path, node, node_process, parameters):
    seed = random.SystemRandom().randrange(10**6)
    print(f'seed {seed}')
    rng, traffic = random.Random(seed), Traffic(node)
    recorder = node_process('flight_recorder_node', {
        'flight_dir': tmp_path, 'exclude': '/rosout|/parameter_events|/diagnostics', **parameters})
    traffic.begin()
    lost = []
    for number in range(8):
        time.sleep(rng.uniform(0.3, 0.6))
        found, now = fail_power(tmp_path / 'bag', tmp_path / f'failed{number}')
        lost.append(traffic.check(found, now, limit_s=1.0))
    traffic.end()
    print('lost', ' '.join(f'{s:.3f}' for s in lost), 's')
    assert recorder.end()[0] == 0
    assert not any(pending(file) for file in (tmp_path / 'bag').iterdir())


def test_without_fsync_nothing_is_on_the_disk(tmp_path, node, node_process):
    traffic = Traffic(node)
    recorder = node_process('flight_recorder_node', {
        'flight_dir': tmp_path, 'fsync_period_s': 0.0, 'compression': 'none'})
    traffic.begin()
    time.sleep(2.0)
    assert pending(tmp_path / 'bag/bag_0.mcap') > 10
    traffic.end()
    assert recorder.end()[0] == 0


def test_a_disk_that_hangs_blocks_nobody_and_its_error_is_told(tmp_path):
    """Opening a pipe hangs until its other end is open; then fsync is an error."""
    pipe, file = tmp_path / 'pipe', tmp_path / 'file'
    os.mkfifo(pipe)
    file.write_bytes(bytes(100_000))
    sync = DiskSync()
    sync.request([pipe])
    began = time.monotonic()
    wait_for(lambda: not sync._paths)
    sync.request([file, tmp_path / 'deleted meanwhile'])
    assert time.monotonic() - began < 1.0 and pending(file) > 0 and not sync.trouble
    with pipe.open('wb'):
        wait_for(lambda: sync.trouble)
    assert sync.trouble == 'pipe may not outlive a power failure: Invalid argument'
    wait_for(lambda: not pending(file))
    sync.close()
    assert sync.longest_s > 0.0

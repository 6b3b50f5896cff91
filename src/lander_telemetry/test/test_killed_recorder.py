"""The recorder, killed at any moment, loses less than a second and keeps the rest as it was."""

import random
import signal
import time
from collections import defaultdict

import pytest
from rosbags.highlevel import AnyReader

from lander_telemetry.bag_files import find_files
from lander_telemetry.cut_file import RecoveryError
from lander_telemetry.playback import read_bag
from lander_telemetry.recovery import recover

from .conftest import wait_for
from .traffic import TOPICS, Traffic

SEED = random.SystemRandom().randrange(10**6)
LIMIT_S = 1.0


def at_once(bag, recorder, rng):
    """Before the first message is flushed, or little later."""
    time.sleep(rng.uniform(0.0, 0.15))


def in_a_chunk(bag, recorder, rng):
    """Anywhere between two flushes."""
    time.sleep(rng.uniform(1.5, 2.5))


def after_a_split(bag, recorder, rng):
    """As soon as a new file is there."""
    number = rng.randint(1, 4)
    wait_for(lambda: (bag / f'bag_{number}.mcap').exists())


def before_the_end(bag, recorder, rng):
    """While it completes the bag."""
    time.sleep(rng.uniform(1.0, 2.0))
    recorder.process.send_signal(signal.SIGINT)
    time.sleep(rng.uniform(0.0, 0.4))


@pytest.mark.parametrize(('moment', 'parameters'), [
    (at_once, {}), (in_a_chunk, {'compression': 'none'}), (after_a_split, {'split_s': 0.5}),
    (in_a_chunk, {'compression': 'zstd'}), (in_a_chunk, {'compression': 'lz4', 'split_bytes': 10_000}),
    (before_the_end, {})], ids=['at once', 'in a chunk', 'after a split', 'zstd', 'lz4', 'before the end'])
def test_kill(tmp_path, node, node_process, moment, parameters):
    print(f'seed {SEED}')
    bag, rng = tmp_path / 'bag', random.Random(f'{SEED}{moment.__name__}{parameters}')
    traffic = Traffic(node)
    recorder = node_process('flight_recorder_node', {
        'flight_dir': tmp_path, 'exclude': '/rosout|/parameter_events|/diagnostics', **parameters})
    traffic.begin()
    moment(bag, recorder, rng)
    recorder.process.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    recorder.wait()
    traffic.end()
    found = defaultdict(list)
    assert len(find_files(bag)) >= (2 if {'split_s', 'split_bytes'} & set(parameters) else 1)
    try:
        recover(bag)
    except RecoveryError:
        assert moment is at_once
    else:
        for message in read_bag(bag, TOPICS):
            found[message.topic].append(message.data)
        with AnyReader([bag]) as reader:
            assert reader.message_count == sum(len(messages) for messages in found.values())
    lost = traffic.check(found, killed, LIMIT_S)
    print(f'lost {lost:.3f} s of {killed - traffic.sent["/clock"][0][0]:.3f} s')

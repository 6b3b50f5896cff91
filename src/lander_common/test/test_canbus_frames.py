"""Frames of the valves and of the release: round trips, flipped bits, arbitrary bytes."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lander_common.canbus import release, valves
from lander_common.canbus.frame import Frame, crc8, newer, seal, unseal

BYTE = st.integers(0, 255)
DECODERS = (valves.decode, release.decode)


def test_the_check_value_of_the_crc():
    assert crc8(b'123456789') == 0xDF
    assert crc8(b'') == 0


@given(BYTE, st.lists(st.tuples(st.floats(0, valves.LONGEST), st.floats(0, 1)), min_size=1, max_size=32))
def test_a_command_comes_back_to_half_a_tick(sequence, wanted):
    frames = valves.encode_command(sequence, *zip(*wanted))
    *pairs, execute = map(valves.decode, frames)
    assert execute == valves.Execute(sequence, len(pairs))
    assert [p.pair for p in pairs] == list(range(len(pairs)))
    assert {p.sequence for p in pairs} == {sequence}
    ticks = [t for p in pairs for t in p.ticks][:len(wanted)]
    throttles = [t for p in pairs for t in p.throttles][:len(wanted)]
    np.testing.assert_allclose(np.array(ticks) * valves.TICK, [o for o, _ in wanted], atol=0.51 * valves.TICK)
    np.testing.assert_allclose(np.array(throttles) / 255, [t for _, t in wanted], atol=0.51 / 255)


@given(st.builds(valves.BoardState, st.integers(0, 7), BYTE, st.integers(0, 65535), st.integers(0, 65535),
                 st.booleans(), st.booleans(), BYTE))
def test_a_board_state_comes_back(state):
    assert valves.decode(valves.encode_state(state)) == state


@given(BYTE)
def test_closing_comes_back(sequence):
    assert valves.decode(valves.encode_close(sequence)) == valves.Close(sequence)


@given(st.builds(release.Command, st.sampled_from(release.Order), BYTE, st.integers(0, 2**32 - 1)),
       st.builds(release.DeviceState, st.sampled_from(release.Device), st.booleans(), BYTE,
                 st.integers(0, 2**32 - 1), st.sampled_from(release.Refused)))
def test_release_frames_come_back(command, state):
    assert release.decode(release.encode_command(command)) == command
    assert release.decode(release.encode_state(state)) == state


@given(st.integers(0, 0x1FFFFFFF), st.binary(max_size=64))
def test_arbitrary_bytes_never_raise(identifier, data):
    for decode in DECODERS:
        decode(Frame(identifier, data))


@given(st.integers(0, 0x7FF), st.binary(min_size=7, max_size=7))
def test_arbitrary_content_with_a_good_check_never_raises(identifier, content):
    frame = seal(identifier, content)
    assert unseal(frame) == content
    for decode in DECODERS:
        decode(frame)


@pytest.mark.parametrize('frame', [
    *valves.encode_command(77, [0.5, 0.02], [1.0, 0.5]), valves.encode_close(3),
    release.encode_command(release.Command(release.Order.FIRE, 9, 0x12345678))], ids=lambda f: f'{f.id:#x}')
def test_up_to_three_flipped_bits_are_found(frame):
    """Of identifier (11 bits) and data (64): all singles, pairs and triples."""
    sent = int.from_bytes(frame.id.to_bytes(2, 'big') + frame.data, 'big')
    assert unseal(frame) is not None
    # The CRC is linear: a pattern of flips goes unseen if its own remainder is zero, whatever was sent.
    zero = crc8(bytes(9))
    weights = []
    for bit in range(75):
        flipped = (1 << bit).to_bytes(10, 'big')
        weights.append((crc8(flipped[:9]) ^ zero) ^ flipped[9])
    assert all(weights)
    assert len(set(weights)) == len(weights)
    at = {weight: bit for bit, weight in enumerate(weights)}
    triples = [(i, j) for i, j in itertools.combinations(range(75), 2)
               if at.get(weights[i] ^ weights[j], -1) > j]
    assert triples == []
    for bit in range(75):
        broken = (sent ^ 1 << bit).to_bytes(10, 'big')
        assert unseal(Frame(int.from_bytes(broken[:2], 'big'), broken[2:])) is None


@given(st.data())
def test_bursts_and_pairs_never_give_another_command(data):
    frame = data.draw(st.sampled_from([*valves.encode_command(200, [2.0] * 15, [1.0] * 15),
                                       valves.encode_close(200)]))
    sent = int.from_bytes(frame.id.to_bytes(2, 'big') + frame.data, 'big')
    flips = data.draw(st.sets(st.integers(0, 74), min_size=1, max_size=3))
    broken = (sent ^ sum(1 << bit for bit in flips)).to_bytes(10, 'big')
    assert valves.decode(Frame(int.from_bytes(broken[:2], 'big'), broken[2:])) is None


def test_what_does_not_fit_is_an_error():
    for identifier, content in ((0x800, b''), (-1, b''), (1, bytes(8))):
        with pytest.raises(ValueError, match='at most 0x7ff, 7'):
            seal(identifier, content)


@pytest.mark.parametrize('a, b, expected', [(1, 0, True), (0, 255, True), (127, 0, True), (128, 0, False),
                                            (5, 5, False), (4, 5, False), (3, 250, True)])
def test_newer(a, b, expected):
    assert newer(a, b) is expected


def test_orders_differ_in_four_bits():
    for a, b in itertools.combinations(release.Order, 2):
        assert (a ^ b).bit_count() >= 4

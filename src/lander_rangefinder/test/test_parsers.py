"""Every parser: the frames of the manuals, and what no bytes whatsoever may bring about."""

import math
import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_rangefinder import benewake, lightware_binary, lightware_frames, noptel
from lander_rangefinder.lightware_sf45 import OUTPUT, SHOT, LightwareSf45
from lander_rangefinder.protocol import Accepted, Damaged, Echoes, Event, Fault, Finished, Target

from .parsers import CHECKED, PARSERS, frame, new, ranges, size, witnesses

NOISE = st.binary(max_size=200)
LIKELY = st.lists(st.sampled_from([
    b'\x59', b'\x59\x59', b'\x59\xcc', b'\xaa', b'\xaa\xc0\x02\x2c', b'\x80', b'\x00', b'\xff', b'\r', b'\n',
    b'>',    b'ldf,1:', b'ldl,2:', b'12.34', b'<', b'LM,Md,', *(frame(name, 1234)[0] for name in PARSERS)]),
    max_size=20).map(b''.join)
GARBAGE = st.one_of(NOISE, LIKELY)
every_parser = pytest.mark.parametrize('name', PARSERS)
MAX_REMEMBERED = 2000  # [bytes], pickled


# --- from the manuals and from recorded traffic ---

@pytest.mark.parametrize('command, rate', [
    ('cc0100009d', 1), ('cc0200009e', 4), ('cc0300009f', 10), ('cc04000080', 20), ('cc05000081', 100),
    ('cc06000082', 200), ('cc06000082', 1000)])
def test_noptel_commands(command, rate):
    assert new('noptel').set_up(rate) == bytes.fromhex('c696' + command)


@pytest.mark.parametrize('command', ['cc0000009c', 'c696', 'c090', 'c292', 'c50297', 'c50095', 'dc8c'])
def test_noptel_check_byte(command):
    data = bytes.fromhex(command)
    assert noptel.encode_command(data[:-1]) == data


def test_noptel_recorded_answer():
    recorded = bytes.fromhex('59CC CA6F8042 2F01 00000120 0000 00000120 0000 00 C2')
    (echoes,) = new('noptel').feed(recorded)
    assert echoes.targets[0].range_m == pytest.approx(64.218, abs=5e-4)
    assert [t.code for t in echoes.targets] == ['amplitude 303', 'amplitude 0', 'amplitude 0']
    assert math.isnan(echoes.targets[1].range_m)
    assert noptel.encode([(echoes.targets[0].range_m, 303)]) == recorded


@pytest.mark.parametrize('range_m, amplitude, event', [
    (0.5, 100, Fault('error or limit of eye safety, status 0x00')),
    (math.nan, 100, Damaged('impossible range nan m, status 0x00')),
    (-3.0, 100, Damaged('impossible range -3 m, status 0x00')),
    (1e6, 100, Damaged('impossible range 1e+06 m, status 0x00')),
])
def test_noptel_errors(range_m, amplitude, event):
    assert new('noptel').feed(noptel.encode([(range_m, amplitude)])) == [event]


def test_noptel_range_without_amplitude_is_none():
    (echoes,) = new('noptel').feed(noptel.encode([(100.0, 0)]))
    assert echoes.targets[0].code == 'range without amplitude'
    assert ranges([echoes]) == []


def test_crc_of_lightware():
    # the check value of CRC-16/XMODEM, and a frame with its length and flags
    assert lightware_frames.binascii.crc_hqx(b'123456789', 0) == 0x31C3
    assert lightware_frames.encode(30, b'\x05\0\0\0', write=True)[:4] == bytes([0xAA, 0x41, 0x01, 30])


def test_sf45_is_set_up_for_both_returns_and_the_next_rate():
    commands = LightwareSf45().set_up(60.0)
    found = lightware_frames.LightwareScanner().feed(commands)
    assert [(f.good, f.frame[1] & 1, f.frame[3], int.from_bytes(f.frame[4:-2], 'little')) for f in found] == [
        (True, 0, 0, 0), (True, 1, 27, 0x12D), (True, 1, 66, 2), (True, 1, 30, 5)]
    assert OUTPUT == 0x12D


@pytest.mark.parametrize('shot, event', [
    ((1000, 40, 2367, 80, -100), Echoes((Target(23.67, True, '2367 cm'), Target(10.0, True, '1000 cm')))),
    ((2367, 80, 2367, 80, 101), Fault('the head looks 1.01 degrees aside')),
])
def test_sf45_shots(shot, event):
    assert LightwareSf45().feed(lightware_frames.encode(44, SHOT.pack(*shot))) == [event]


@pytest.mark.parametrize('shot, codes', [
    ((-100, 0, -100, 0, 0), ['lost signal -100 cm'] * 2),
    ((2000, 0, 2000, 0, 0), ['weak signal, strength 0 %'] * 2),
])
def test_sf45_no_echo(shot, codes):
    (echoes,) = LightwareSf45().feed(lightware_frames.encode(44, SHOT.pack(*shot)))
    assert [t.code for t in echoes.targets] == codes
    assert ranges([echoes]) == []


def test_sf45_says_what_it_is():
    device = LightwareSf45()
    assert device.identity == ''
    assert device.feed(lightware_frames.encode(0, b'SF45\0\xff\x07garbage')) == []
    assert device.identity == 'SF45'


def test_sf45_that_is_set_up_otherwise_is_damage():
    device = LightwareSf45()
    assert device.feed(lightware_frames.encode(44, struct.pack('<hh', 2000, 0))) == [
        Damaged('4 bytes of distance data instead of 10')]
    assert device.feed(lightware_frames.encode(30, b'\x05\0\0\0')) == []  # the answer to a command


@pytest.mark.parametrize('data, centimetres', [(b'\x80\x00', 0), (b'\x80\x01', 1), (b'\x81\x00', 128),
                                               (b'\xff\x7f', 16383), (b'\x92\x3f', 2367)])
def test_lightware_two_bytes(data, centimetres):
    assert lightware_binary.encode(centimetres) == data
    assert ranges(new('lightware_binary').feed(data * 2)) == [centimetres / 100]


@pytest.mark.parametrize('metres', [130, 160])
def test_lightware_two_bytes_lost_signal(metres):
    (echoes,) = new('lightware_binary').feed(lightware_binary.encode(metres * 100) * 2)
    assert echoes.targets[0].code == f'lost signal {metres * 100} cm'


def test_lightware_text():
    device = new('lightware_ascii')
    assert device.set_up(20.0) == b'www\r\n'
    assert device.command() == b'?LDL,2\r\n?LDF,1\r\n'
    assert device.feed(b'ldl,2:23.67\r\nldf,1:1.25\r\n') == [
        Accepted(), Echoes((Target(23.67, True, '23.67 m'), Target(1.25, True, '1.25 m'))), Finished(True)]
    device.command()  # the answer to the first question may be missing
    assert ranges(device.feed(b'ldf,1:1.25\r\n')) == [1.25]


@pytest.mark.parametrize('text', ['-1.00', '130.00', '160.00', '230.00', '250.00'])
def test_lightware_text_lost_signal(text):
    events = new('lightware_ascii').feed(f'ldf,1:{text}\r\n'.encode())
    assert ranges(events) == []
    assert events[1].targets[0].code == f'lost signal {text} m'


@pytest.mark.parametrize('line', ['ldf,1:nan', 'ldf,1:1e3', 'ldf,1:12', 'ldf,1:1.2.3',
                                  'ldf,1:123456.00', 'ldf:12.00', 'ldx,1:12.00', 'ldf,1: 12.00',
                                  'ldf,1:12.00m', 'ldf,1:+12.00'])
def test_lightware_text_must_have_the_exact_form(line):
    (damaged,) = new('lightware_ascii').feed(line.encode() + b'\r\n')
    assert damaged == Damaged(f'line {line!r} is no distance')


@pytest.mark.parametrize('command, rate', [
    ('5a06036400c7', 100), ('5a06030a006d', 10), ('5a0603e8034e', 5000)])
def test_benewake_commands(command, rate):
    # 5A 06 03 LL HH SU and 5A 05 07 01 67: the manuals of TFmini Plus, TFmini-S and TF03
    expected = bytes.fromhex(command) + bytes.fromhex('5a05070167')
    assert new('benewake_tf03').set_up(rate) == expected


def test_benewake_check_sum_of_the_manual():
    for command in ('5a04015f', '5a040260', '5a040462', '5a04116f', '5a04106e', '5a05050165', '5a05070066'):
        data = bytes.fromhex(command)
        assert benewake.encode_command(data[2:-1]) == data


@pytest.mark.parametrize('name, values, code', [
    ('benewake_tfmini', (0xFFFF, 50), 'weak signal, strength 50'),
    ('benewake_tfmini', (0xFFFE, 0xFFFF), 'signal too strong, strength 65535'),
    ('benewake_tfmini', (0xFFFC, 80), 'too much ambient light, strength 80'),
    ('benewake_tfmini', (100, 0xFFFF), 'signal too strong'),
    ('benewake_tfmini', (100, 0), 'weak signal, strength 0'),
    ('benewake_tfmini', (1200, 500), 'out of range, distance 1200'),
    ('benewake_tfmini', (0x8000, 500), 'out of range, distance 32768'),
    ('benewake_tf02', (500, 500, 6), 'unreliable, level 6 of 8'),
    ('benewake_tf02', (2200, 500, 8), 'out of range, distance 2200'),
    ('benewake_tf03', (18000, 500), 'out of range, distance 18000'),
])
def test_benewake_no_echo(name, values, code):
    (echoes,) = new(name).feed(benewake.encode(*values) * 2)
    assert echoes.targets[0].code == code
    assert ranges([echoes]) == []


def test_benewake_needs_two_frames_in_a_row_after_garbage():
    device = new('benewake_tf03')
    one, other = benewake.encode(1000, 500), benewake.encode(2000, 500)
    assert device.feed(one) == []
    assert ranges(device.feed(one + other)) == [10.0, 20.0]
    assert ranges(device.feed(b'\x00' + one)) == []
    assert ranges(device.feed(one)) == [10.0]
    (damaged,) = device.feed(other[:8] + b'\x00')
    assert damaged.reason.endswith('has a wrong checksum')


# --- whatever the bytes ---

@every_parser
@settings(deadline=None)
@given(data=GARBAGE, cuts=st.lists(st.integers(0, 400), max_size=8))
def test_events_do_not_depend_on_the_pieces(name, data, cuts):
    whole, pieces = new(name), new(name)
    ends = sorted(min(c, len(data)) for c in cuts)
    found = []
    for start, end in zip([0, *ends], [*ends, len(data)], strict=True):
        found += pieces.feed(data[start:end])
    assert repr(found) == repr(whole.feed(data))  # repr: NaN equals NaN
    assert pieces.skipped == whole.skipped


@every_parser
@settings(deadline=None)
@given(garbage=NOISE, centimetres=st.integers(21, 999))
def test_good_frames_are_found_after_any_garbage(name, garbage, centimetres):
    device = new(name)
    data, range_m = frame(name, centimetres)
    device.feed(garbage)
    for _ in range(8):  # garbage may look like the head of a frame that then swallows good ones
        events = device.feed(data)
    assert range_m in ranges(events)


@pytest.mark.parametrize('name', CHECKED)
@settings(max_examples=30, deadline=None)
@given(before=st.integers(21, 999), centimetres=st.integers(21, 999))
def test_no_flipped_bit_gives_another_range(name, before, centimetres):
    (good, range_m), (around, other) = frame(name, centimetres), frame(name, before)
    for bit in range(8 * len(good)):
        flipped = bytearray(good)
        flipped[bit // 8] ^= 1 << bit % 8
        events = new(name).feed(around * 2 + bytes(flipped) + around * 6)
        seen = ranges(events)
        assert set(seen) == {other}, (bit, range_m)
        assert len(seen) >= 5


@every_parser
@settings(deadline=None)
@given(data=GARBAGE)
def test_no_bytes_make_an_exception_or_a_range_that_is_not_in_them(name, data):
    judge(name, data)


@every_parser
def test_what_is_remembered_is_bounded(name):
    device = new(name)
    rng = random.Random(5)
    head = frame(name, 1234)[0][:4]
    for _ in range(200):
        device.feed(rng.randbytes(500))
        device.feed(head * 100)
        device.feed(b'\xaa' * 300 + b'l' * 300 + b'\x59' * 300 + b'>' + b'a' * 300)
        assert size(device) < MAX_REMEMBERED


def judge(name, data):
    """Parse `data` in one piece and say what must hold for any bytes."""
    device = new(name)
    events = device.feed(data)
    assert all(isinstance(e, Event) for e in events)
    found = ranges(events)
    if found:
        assert set(found) <= witnesses(name, data)
        assert all(0.0 <= r < 1e5 for r in found)
    return device


# --- mutations of good frames, many ---

def mutated(rng, tokens):
    """Return a few good frames, damaged somewhere."""
    data = bytearray(b''.join(rng.choice(tokens) for _ in range(rng.randrange(1, 6))))
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(6):
            case 0 if at < len(data):
                data[at] ^= 1 << rng.randrange(8)
            case 1:
                del data[at:at + rng.randrange(1, 6)]
            case 2:
                data[at:at] = rng.randbytes(rng.randrange(1, 6))
            case 3:
                data[at:at] = rng.choice(tokens)
            case 4:
                data[at:at + 1] = bytes([rng.choice(b'\x00\xff\x59\xaa\r\n>9-')])
            case _:
                data[at:at] = data[at // 2:at]
    return bytes(data)


def fuzz(name, inputs, seed):
    """Judge that many inputs; one parser in 50 lives on, so that old bytes meet new ones."""
    print(f'{name}: {inputs} inputs, seed {seed}')
    rng = random.Random(seed)
    tokens = [frame(name, c)[0] for c in (1, 127, 128, 1200, 2200, 12345, 16383)]
    tokens += [tokens[0][:3], tokens[1][-3:], rng.randbytes(9)]
    old = new(name)
    for k in range(inputs):
        data = mutated(rng, tokens)
        judge(name, data)
        if k % 50 == 0:
            old.feed(data)
            if k % 5000 == 0:
                assert size(old) < MAX_REMEMBERED


@every_parser
def test_mutations(name):
    fuzz(name, 2_000, seed=random.randrange(2**32))


@pytest.mark.campaign
@pytest.mark.timeout(3000)
@every_parser
def test_a_million_mutations(name):
    fuzz(name, 1_000_000, seed=random.randrange(2**32))

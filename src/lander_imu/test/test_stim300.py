"""The parser: datagrams of the data sheet and of a real device, and what no bytes may bring about."""

import math
import pickle
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_imu import stim300
from lander_imu.stim300 import Configuration, Damaged, Errors, Event, Identity, Measurement, Stim300, Unit

from .datagrams import GROUPS, PART, SERIAL, SIZES, configuration, measurement, numbers, with_crc

COUNTS = st.integers(-2**23, 2**23 - 1)
THREE = st.tuples(COUNTS, COUNTS, COUNTS)
NOISE = st.binary(max_size=200)
LIKELY = st.lists(st.sampled_from([
    b'\x91', b'\xaf', b'\xbc', b'\r\n', b'\0', b'\xff', measurement(1, (1, 2, 3), (4, 5, 6)), configuration(),
    SERIAL, measurement(2, identifier=0xA7)[:40], measurement(3)[5:]]), max_size=12).map(b''.join)
GARBAGE = st.one_of(NOISE, LIKELY)
MAX_REMEMBERED = 2000  # [bytes], pickled


def measurements(events):
    return [e for e in events if isinstance(e, Measurement)]


def real_datagram():
    """Return one of a real unit with 10 g, published by G. Hovland (github.com/geirhovland/stim300).

    He gives the values in units and the CRC; the counts behind them are whole numbers.
    """
    rate = [v * 2**14 for v in (0.017822265625, -0.0806884765625, 0.05242919921875)]
    force = [v * 2**19 for v in (-0.011890411376953125, -0.016986846923828125, 1.0138282775878906)]
    tilt = [v * 2**22 for v in (-0.007907867431640625, -0.01989459991455078, 0.999640703201294)]
    warm = [[v * 2**8 for v in axes] for axes in (
        (35.625, 35.75, 35.625), (35.09765625, 35.0390625, 35.109375),
        (35.58203125, 35.7109375, 35.58203125))]
    body = b'\xaf' + b''.join(numbers([round(v) for v in group]) + b'\0' for group in (rate, force, tilt))
    body += b''.join(numbers([round(v) for v in group], 2) + b'\0' for group in warm)
    return body + bytes([255, 239, 2, 0, 225]) + (506).to_bytes(2, 'big') + (3326689990).to_bytes(4, 'big')


def test_a_datagram_of_a_real_device():
    (m,) = Stim300().feed(real_datagram())
    assert (m.counter, m.valid, m.faults, m.latency_s) == (225, True, '', pytest.approx(506e-6))
    (c,) = Stim300().feed(configuration())
    degrees = [math.degrees(v * c.radians) for v in m.rate]
    assert degrees == pytest.approx([0.017822265625, -0.0806884765625, 0.05242919921875], rel=1e-12)
    force = [v * s for v, s in zip(m.force, c.newtons, strict=True)]
    assert force[2] == pytest.approx(1.0138282775878906 * 9.80665, rel=1e-12)


def test_the_crc_does_not_only_agree_with_itself():
    assert stim300.crc(real_datagram()[:-4]) == 3326689990
    assert stim300.crc(b'1234') == int.from_bytes(with_crc(b'1234')[-4:], 'big')


@pytest.mark.parametrize('identifier', GROUPS)
def test_every_datagram_with_accelerations_is_read(identifier):
    data = measurement(7, (1, -2, 3), (-8388608, 8388607, 0), identifier)
    assert len(data) == SIZES.get(identifier, len(data)) == stim300.length_of(stim300.CONTENTS[identifier])
    (event,) = Stim300().feed(data)
    if 'a' in GROUPS[identifier]:
        assert (event.counter, event.rate, event.force) == (7, (1, -2, 3), (-8388608, 8388607, 0))
    else:
        assert event == Damaged(f'datagram {identifier:02x} holds no acceleration: set the device to send it')


@pytest.mark.parametrize('code, full_scale, bits', [(3, 5, 20), (0, 10, 19), (4, 30, 18), (6, 80, 16)])
def test_full_scales(code, full_scale, bits):
    (c,) = Stim300().feed(configuration(full_scale=code))
    assert c.full_scale_g == (full_scale,) * 3
    assert c.newtons == pytest.approx((9.80665 * 2.0**-bits,) * 3)
    (c,) = Stim300().feed(configuration(full_scale=code, force_unit=1, gyro_unit=1))
    assert (c.rate_unit, c.force_unit) == (Unit.INCREMENT, Unit.INCREMENT)
    assert c.newtons == pytest.approx((2.0**-(bits + 3),) * 3)
    assert c.radians == pytest.approx(math.radians(2.0**-21))


def test_configuration():
    (c,) = Stim300().feed(configuration(rate=2000))
    assert (c.firmware, c.sample_rate_hz, c.problem) == ('K7', 2000, '')
    assert c.radians == pytest.approx(math.radians(2.0**-14))
    assert c.delay_s == pytest.approx(6.3e-3)
    assert c.gyro_lead_s == pytest.approx(0.1e-3)  # 6.3 ms against 2.2 + 4 ms
    (c,) = Stim300().feed(configuration(gyro_unit=0, gyro_filter=0, force_filter=0))
    assert (c.delay_s, c.gyro_lead_s) == pytest.approx((28.8e-3, 4.1e-3))


@pytest.mark.parametrize('settings, problem', [
    ({'rate': 0}, 'external trigger'), ({'gyro_unit': 3}, 'integral'), ({'force_unit': 4}, 'integral'),
    ({'content': 0}, 'no acceleration'), ({'full_scale': 9}, r'full scales \(9, 9, 9\) are not known')])
def test_settings_that_cannot_be_used(settings, problem):
    (c,) = Stim300().feed(configuration(**settings))
    assert re.search(problem, c.problem)


def test_identity_of_the_data_sheet():
    assert Stim300().feed(SERIAL + PART) == [Identity('serial_number', 'N25582405002002'),
                                             Identity('part_number', '84167-4400003-321 rev K')]


@pytest.mark.parametrize('status, words, valid', [
    ((0x80, 0), 'gyros: system integrity error', False),
    ((0x40, 0x40), 'gyros: start-up; accelerometers: start-up', False),
    ((0x20, 0), 'gyros: outside operating conditions', True),
    ((0, 0x15), 'accelerometers: overload x z', False),
    ((0x0A, 0), 'gyros: error in channel y', False)])
def test_status(status, words, valid):
    (m,) = Stim300().feed(measurement(1, status=status))
    assert (m.faults, m.valid) == (words, valid)


def test_a_fault_elsewhere_is_told_and_leaves_the_measurement_valid():
    body = bytearray(measurement(1, identifier=0xF7)[:-4])
    body[30], body[44], body[55] = 0x14, 0x20, 0x10
    (m,) = Stim300().feed(with_crc(bytes(body)))
    assert m.valid
    assert m.faults == ('inclinometers: overload z; temperatures of accelerometers: outside operating '
                        'conditions; auxiliary input: overload')


def test_extended_errors():
    bits = 1 << 112 | 1 << 105 | 1 << 85 | 1 << 88
    assert Stim300().feed(with_crc(b'\xbe' + bits.to_bytes(16, 'big'))) == [Errors((
        'self-test not running', 'gyro z: temperature deviation', 'accelerometer y: overload',
        'pulse input: time overflow'))]


def test_line_ends_do_not_break_the_step():
    device = Stim300()
    damaged = bytearray(measurement(2) + b'\r\n')
    damaged[5] ^= 1
    events = device.feed(measurement(1) + b'\r\n' + bytes(damaged) + measurement(3) + b'\r\n')
    assert [m.counter for m in measurements(events)] == [1, 3]
    assert Damaged('datagram 91 has a wrong CRC') in events


# --- whatever the bytes ---

@settings(deadline=None)
@given(data=GARBAGE, cuts=st.lists(st.integers(0, 400), max_size=8))
def test_events_do_not_depend_on_the_pieces(data, cuts):
    whole, pieces, found = Stim300(), Stim300(), []
    ends = sorted(min(c, len(data)) for c in cuts)
    for start, end in zip([0, *ends], [*ends, len(data)], strict=True):
        found += pieces.feed(data[start:end])
    assert found == whole.feed(data)
    assert pieces.skipped == whole.skipped


@settings(deadline=None)
@given(garbage=NOISE, counter=st.integers(0, 255), rate=THREE, force=THREE)
def test_good_datagrams_are_found_after_any_garbage(garbage, counter, rate, force):
    device = Stim300()
    device.feed(garbage)
    # what looks like the head of the longest datagram may wait for 63 bytes
    events = device.feed(measurement(counter, rate, force) * 4)
    assert measurements(events)[-1].rate == rate
    assert measurements(events)[-1].force == force


@settings(max_examples=30, deadline=None)
@given(rate=THREE, force=THREE)
def test_no_flipped_bit_gives_another_sample(rate, force):
    good = measurement(9, rate, force)
    around = measurement(10, (1, 1, 1), (1, 1, 1))
    for bit in range(8 * len(good)):
        flipped = bytearray(good)
        flipped[bit // 8] ^= 1 << bit % 8
        seen = measurements(Stim300().feed(around + bytes(flipped) + around * 4))
        assert {(m.counter, m.rate) for m in seen} == {(10, (1, 1, 1))}


@settings(deadline=None)
@given(data=GARBAGE)
def test_no_bytes_make_an_exception_or_a_sample_that_is_not_in_them(data):
    judge(data)


def judge(data):
    """Parse `data` and look for each sample in the bytes, with the CRC of the data sheet."""
    events = Stim300().feed(data)
    assert all(isinstance(e, Event) for e in events)
    for m in measurements(events):
        content = numbers(m.rate)
        at = [k for k in range(1, len(data)) if data[k:k + 9] == content]
        assert any(with_crc(data[k - 1:k + m.size - 5]) == data[k - 1:k - 1 + m.size] for k in at)
    for c in events:
        if isinstance(c, Configuration):
            assert all(0.0 < n < 1.0 for n in c.newtons)


def test_mutations():
    seed = random.randrange(2**32)
    print(f'seed {seed}')
    rng = random.Random(seed)
    tokens = [measurement(k, (k, -k, 3 * k), (k, k, k), i) for k, i in enumerate(GROUPS)]
    tokens += [configuration(), SERIAL, PART, b'\r\n']
    old = Stim300()
    for _ in range(1000):
        data = bytearray(b''.join(rng.choice(tokens) for _ in range(rng.randrange(1, 6))))
        for _ in range(rng.randrange(4)):
            at = rng.randrange(len(data))
            match rng.randrange(3):
                case 0:
                    data[at] ^= 1 << rng.randrange(8)
                case 1:
                    del data[at:at + rng.randrange(1, 6)]
                case _:
                    data[at:at] = rng.randbytes(rng.randrange(1, 6))
            data = data or bytearray(1)
        judge(bytes(data))
        old.feed(bytes(data))
        assert len(pickle.dumps(old)) < MAX_REMEMBERED

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lander_rangefinder.protocol import Accepted, Damaged, Echoes, Finished, Refused, Target
from lander_rangefinder.vectronix import VectronixAscii, format_target, parse_target
from lander_rangefinder.vectronix_frames import (
    LONGEST_BODY,
    BrokenFrame,
    Frame,
    FrameReader,
    Prompt,
    checksum,
    encode,
)

BODIES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters='<>!*'),
                 max_size=LONGEST_BODY)
NOISE = st.binary(max_size=300)
LIKELY = st.lists(st.sampled_from([
    b'>', b'*', b'\r', b'<', b'!', b'LM,Md,', b'v0006091', b'AC*84', b'R000E301', b'>AC*84\r',
    b'>LM,Md,v0006091*78\r', b'\x00', b'\xff']), max_size=40).map(b''.join)


@pytest.mark.parametrize('body, digits', [
    # from the manuals of the LRF 6019, 6042, 6742 and 7047
    ('LM,Md,3', 'D5'), ('AC', '84'), ('LM,Mf,3', 'D7'), ('LM,Md,3,0', '31'), ('NA,2', 'ED'), ('NA,0', 'EB'),
    ('LM,Mf,v0123400,v0432100,R000E301', '57'), ('LM,Md,v0006091,R000E301,R000E301', '46'),
])
def test_checksums_of_the_manual(body, digits):
    assert checksum(body) == digits
    assert FrameReader().feed(f'>{body}*{digits}\r'.encode()) == [Frame(body)]


def test_the_misprint_of_the_manual_is_refused():
    # The manual prints *46 also behind these three targets; the sum is 66.
    body = 'LM,Md,v0006091,v0108750,R000E301'
    assert checksum(body) == '66'
    (broken,) = FrameReader().feed(f'>{body}*46\r'.encode())
    assert broken == BrokenFrame('has the checksum 46 instead of 66', f'{body}*46')


@given(BODIES)
def test_round_trip(body):
    reader = FrameReader()
    assert reader.feed(encode(body)) == [Frame(body)]
    assert reader.skipped == 0


@pytest.mark.parametrize('body', ['a*b', 'a>b', 'a<b', 'a!b', 'é', 'a\rb', 'x' * (LONGEST_BODY + 1)])
def test_impossible_bodies_are_refused(body):
    with pytest.raises(ValueError, match='not a frame body'):
        encode(body)


@given(st.one_of(NOISE, LIKELY), st.data())
def test_events_do_not_depend_on_the_pieces(data, draw):
    whole, pieces = FrameReader(), FrameReader()
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(data)), max_size=8)))
    found = []
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        found += pieces.feed(data[start:end])
    assert found == whole.feed(data)
    assert pieces.skipped == whole.skipped


@given(st.one_of(NOISE, LIKELY), BODIES)
def test_a_good_frame_is_found_after_any_garbage(garbage, body):
    reader = FrameReader()
    reader.feed(garbage)
    assert reader.feed(encode(body) + b'<')[-2:] == [Frame(body), Prompt(True)]


@given(BODIES, st.integers(0, 7), st.data())
def test_a_flipped_bit_never_gives_the_frame(body, bit, draw):
    frame = bytearray(encode(body))
    frame[draw.draw(st.integers(0, len(frame) - 1))] ^= 1 << bit
    assert Frame(body) not in FrameReader().feed(bytes(frame))


@given(st.one_of(NOISE, LIKELY))
def test_the_protocol_never_raises(data):
    for event in VectronixAscii().feed(data):
        assert isinstance(event, Accepted | Refused | Echoes | Finished | Damaged)


def test_a_whole_dialogue():
    device = VectronixAscii()
    assert device.command() == b'>LM,Md,3*D5\r'
    assert device.feed(b'>AC*84\r>LM,Md,v0006091,T0108750,R000E301*44\r<') == [
        Accepted(),
        Echoes((Target(60.91, True, 'v0006091'), Target(1087.5, False, 'T0108750'),
                parse_target('R000E301'))),
        Finished(True)]
    assert device.feed(encode('NA,2') + b'!') == [Refused('invalid parameter (NA,2)'), Finished(False)]


def test_time_stamps_are_passed_over():
    (echoes,) = VectronixAscii().feed(encode('LM,Md,v0006091,t006295701,R000E301'))
    assert [t.code for t in echoes.targets] == ['v0006091', 'R000E301']


@pytest.mark.parametrize('body', ['LM,Md', 'LM,Md,', 'LM,Md,v006091', 'LM,Md,v00060911', 'LM,Md,V0006091', '',
                                  'LM,Mf,v0123400', 'LM,Md,v0006091,rubbish', 'XX,Md,v0006091', 'AC,1'])
def test_other_answers_are_damage(body):
    (event,) = VectronixAscii().feed(encode(body))
    assert isinstance(event, Damaged)
    assert repr(body) in event.reason


@given(st.integers(1, 9_999_999), st.booleans())
def test_target_round_trip(centimetres, valid):
    target = parse_target(format_target(centimetres / 100, valid))
    assert (target.range_m, target.guaranteed) == (centimetres / 100, valid)


@pytest.mark.parametrize('range_m', [None, 0.0, 0.001, -5.0, 1e5])
def test_what_does_not_fit_is_no_range(range_m):
    assert format_target(range_m) == 'R000E301'


def test_an_endless_frame_ends():
    reader = FrameReader()
    assert [e.reason for e in reader.feed(b'>' + b'a' * 10_000)] == ['does not end']
    assert reader.feed(encode('AC')) == [Frame('AC')]

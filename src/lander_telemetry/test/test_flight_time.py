"""Flight time told from the bytes of messages."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lander_telemetry.flight_time import PLAUSIBLE_NS, FlightTime


def cdr(seconds, nanoseconds, order='<'):
    return bytes([0, order == '<', 0, 0]) + struct.pack(f'{order}iI', seconds, nanoseconds) + b'rest'


@given(st.integers(0, 2**31 - 1), st.integers(0, 999_999_999), st.sampled_from('<>'))
def test_stamp_is_read_exactly(seconds, nanoseconds, order):
    if seconds or nanoseconds:
        assert FlightTime().of(cdr(seconds, nanoseconds, order), True) == seconds * 10**9 + nanoseconds


@pytest.mark.parametrize('data', [cdr(0, 0), b'', b'\0\1\0\0', cdr(5, 0)[:11], b'\0\7\0\0' + b'x' * 20])
def test_no_stamp_means_the_latest_time(data):
    time = FlightTime()
    assert time.of(data, True) is None
    time.of(cdr(7, 0), True)
    assert time.of(data, True) == time.of(b'anything at all', False) == 7 * 10**9


def test_stamp_far_from_the_clock_is_garbage():
    time = FlightTime()
    time.of(cdr(100, 0), True, is_clock=True)
    assert time.of(cdr(100 + PLAUSIBLE_NS // 10**9 + 1, 0), True) == 100 * 10**9
    assert time.of(cdr(101, 0), True) == 101 * 10**9


def test_older_stamp_keeps_its_own_time():
    time = FlightTime()
    time.of(cdr(100, 0), True)
    assert time.of(cdr(99, 5), True) == 99 * 10**9 + 5
    assert time.latest == 100 * 10**9

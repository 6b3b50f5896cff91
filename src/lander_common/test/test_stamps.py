import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip('builtin_interfaces')

from builtin_interfaces.msg import Time
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Imu
from std_msgs.msg import Header

from lander_common.cdr import imu, stamp_ns
from lander_common.ros.time import to_seconds, to_stamp

# 2**50 ns are 13 days. Beyond 17 days a float no longer tells nanoseconds apart after the two products.
nanoseconds = st.integers(0, 2**50)


@given(nanoseconds)
def test_stamps_survive(n):
    stamp = Time(sec=n // 10**9, nanosec=n % 10**9)
    assert to_stamp(to_seconds(stamp)) == stamp


@given(nanoseconds)
def test_times_counted_in_nanoseconds_survive_bit_for_bit(n):
    assert to_seconds(to_stamp(n * 1e-9)) == n * 1e-9


@given(st.floats(0.0, 1e6))
def test_a_stamp_is_the_nearest_nanosecond(seconds):
    assert abs(to_seconds(to_stamp(seconds)) - seconds) <= 0.5e-9 + 2.0**-33  # spacing of floats at 1e6


@given(nanoseconds, nanoseconds)
def test_order_is_kept(a, b):
    first, second = (to_seconds(Time(sec=n // 10**9, nanosec=n % 10**9)) for n in (a, b))
    assert (first < second) == (a < b)


def test_seconds_that_round_up_to_the_next_second():
    assert to_stamp(1.9999999999) == Time(sec=2, nanosec=0)


@pytest.mark.parametrize('seconds', [float('nan'), float('inf')])
def test_no_number_is_no_stamp(seconds):
    with pytest.raises((ValueError, OverflowError)):
        to_stamp(seconds)


@given(nanoseconds, st.text(max_size=20).filter(lambda t: '\0' not in t))
def test_a_stamp_is_read_from_bytes(n, frame):
    stamp = Time(sec=n // 10**9, nanosec=n % 10**9)
    assert stamp_ns(serialize_message(stamp)) == n
    assert stamp_ns(serialize_message(Header(stamp=stamp, frame_id=frame))) == n


@pytest.mark.parametrize('data', [b'', b'\0\1\0\0' + bytes(7), b'\0\2\0\0' + bytes(8)])
def test_no_stamp_is_read_from_other_bytes(data):
    with pytest.raises(ValueError, match='stamped message'):
        stamp_ns(data)


@given(nanoseconds, st.text(max_size=20).filter(lambda t: '\0' not in t),
       st.lists(st.floats(allow_nan=False), min_size=6, max_size=6))
def test_an_imu_sample_is_read_from_bytes(n, frame, values):
    message = Imu(header=Header(stamp=Time(sec=n // 10**9, nanosec=n % 10**9), frame_id=frame))
    message.orientation.w = message.orientation_covariance[8] = message.angular_velocity_covariance[0] = 7.0
    message.linear_acceleration_covariance[:] = 7.0
    rate, force = message.angular_velocity, message.linear_acceleration
    rate.x, rate.y, rate.z, force.x, force.y, force.z = values
    assert imu(serialize_message(message)) == (n, tuple(values[:3]), tuple(values[3:]))


@pytest.mark.parametrize('size', [12, 16, 315])
def test_no_imu_sample_is_read_from_other_bytes(size):
    with pytest.raises(ValueError, match='Imu'):
        imu(serialize_message(Imu())[:size])

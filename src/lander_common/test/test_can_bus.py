"""The bus: URLs, what goes wrong in words, opening again; multicast stays on this machine."""

import os
import socket
import threading
import time
import uuid

import pytest

from lander_common.canbus.bus import PAUSE, CanBus, CanBusError, check_url
from lander_common.canbus.frame import Frame

ALL = ((0, 0),)
FRAME = Frame(0x123, b'12345678')


def pair(url, listens=ALL):
    return CanBus(url, 500_000, listens), CanBus(url, 500_000, listens)


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.bind(('', 0))
        return end.getsockname()[1]


@pytest.fixture
def url():
    return f'virtual:{uuid.uuid4().hex}'


@pytest.mark.parametrize('good, expected', [
    ('socketcan:can0', ('socketcan', 'can0', None)), ('slcan:/dev/ttyACM0', ('slcan', '/dev/ttyACM0', None)),
    ('udp_multicast:239.74.163.2?port=5000', ('udp_multicast', '239.74.163.2', 5000))])
def test_urls(good, expected):
    assert check_url(good) == expected


@pytest.mark.parametrize('bad', ['', 'can0', 'nothing:can0', 'socketcan:can0?port=3', 'socketcan:',
                                 'udp_multicast:192.0.2.1', 'udp_multicast:239.1.1.1?port=70000'])
def test_bad_urls_name_what_is_allowed(bad):
    with pytest.raises(CanBusError, match=r'allowed is socketcan:can0'):
        check_url(bad)


def test_frames_go_both_ways_and_other_identifiers_are_left_out(url):
    a, b = pair(url, ((0x120, 0x7F0),))
    assert b.ready(0.0)
    assert a.send([FRAME, Frame(0x133, b''), Frame(0x124, b'x')], 0.0)
    assert b.receive(0.0, 1.0) == [FRAME, Frame(0x124, b'x')]
    assert b.send([FRAME], 0.0)
    assert a.receive(0.0, 1.0) == [FRAME]
    assert a.receive(0.0) == []
    a.close()
    b.close()


def test_frames_for_others_do_not_make_the_wait_longer(url):
    a, b = pair(url, ((0x200, 0x7FF),))
    assert b.ready(0.0)
    done = threading.Event()

    def talk():
        while not done.wait(0.005):
            a.send([FRAME], 0.0)
    talker = threading.Thread(target=talk)
    talker.start()
    begin = time.monotonic()
    try:
        assert b.receive(0.0, 0.05) == []
    finally:
        done.set()
        talker.join()
    assert time.monotonic() - begin < 1.0  # without a limit: until a thousand have come, 5 s
    a.close()
    b.close()


def test_an_interface_that_is_not_there_is_named_and_tried_again():
    bus = CanBus('socketcan:frigoris0', 500_000, ALL)
    # a kernel without CAN says that it does not know the family
    with pytest.raises(CanBusError, match=r'socketcan:frigoris0: .*(No such device|not supported)') as error:
        bus.open()
    assert not bus.send([FRAME], 10.0)
    assert bus.problem == str(error.value)
    bus.problem = ''
    assert bus.receive(10.0 + 0.9 * PAUSE) == []
    assert bus.problem == ''  # not tried
    assert bus.receive(10.0 + 1.1 * PAUSE) == []
    assert bus.problem == str(error.value)


def test_a_bus_that_drops_is_opened_again(url):
    a, b = pair(url)
    assert b.ready(0.0)
    assert a.send([FRAME], 0.0)
    a._bus.shutdown()  # the adapter is pulled
    assert not a.send([FRAME], 1.0)
    assert a.lost == 1
    assert url in a.problem
    assert not a.send([FRAME], 1.0 + 0.9 * PAUSE)
    assert a.send([FRAME], 1.0 + 1.1 * PAUSE)
    assert a.problem == ''
    assert b.receive(2.0, 1.0) == [FRAME, FRAME]
    b._bus.shutdown()
    assert b.receive(3.0) == []
    assert b.lost == 1
    a.close()
    b.close()


@pytest.fixture
def multicast():
    url = f'udp_multicast:239.74.163.2?port={free_port()}'
    ends = pair(url)
    for end in ends:
        end.open()
    yield ends
    for end in ends:
        end.close()


def test_multicast_between_two_ends(multicast):
    a, b = multicast
    assert a.send([FRAME], 0.0)
    assert b.receive(0.0, 5.0) == [FRAME]


def test_multicast_stays_on_this_machine(multicast):
    with socket.fromfd(multicast[0]._bus.fileno(), socket.AF_INET, socket.SOCK_DGRAM) as end:
        assert end.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL) == 0
        assert end.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, 4) == socket.inet_aton('127.0.0.1')


def test_a_datagram_that_is_no_frame_is_counted(multicast):
    a, b = multicast
    port = check_url(a.url)[2]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('127.0.0.1'))
        end.sendto(os.urandom(30), ('239.74.163.2', port))
    assert a.send([FRAME], 0.0)
    assert b.receive(0.0, 5.0) == [FRAME]
    assert (b.broken, b.lost) == (1, 0)


def test_another_bus_on_another_port_is_not_heard(multicast):
    others = pair(f'udp_multicast:239.74.163.2?port={free_port()}')
    for end in others:
        end.open()
    assert others[0].send([Frame(1, b'')], 0.0)
    assert multicast[0].send([FRAME], 0.0)
    assert multicast[1].receive(0.0, 5.0) == [FRAME]
    assert others[1].receive(0.0, 5.0) == [Frame(1, b'')]
    for end in others:
        end.close()

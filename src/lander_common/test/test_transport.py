import os
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lander_common.transport import TransportError, check_url, listen_transport, open_transport, with_baud

NAME = f'frigoris-test-{os.getpid()}'


def received(end, wanted, limit=5.0):
    """Read until `wanted` bytes are there: a pty and UDP take a moment."""
    data, stop = b'', time.monotonic() + limit
    while len(data) < wanted and time.monotonic() < stop:
        data += end.read()
    return data


def connect(kind):
    device = listen_transport({'memory': f'memory:{NAME}', 'unix': f'unix:@{NAME}', 'pty': 'pty:',
                               'udp': 'udp://127.0.0.1:0'}[kind])
    return device, open_transport(f'serial://{device.path}?baud=9600' if kind == 'pty' else device.url)


@pytest.mark.parametrize('kind', ['memory', 'unix', 'udp', 'pty'])
def test_bytes_go_both_ways(kind):
    device, host = connect(kind)
    everything = bytes(range(256))
    try:
        assert host.read() == b''
        assert device.read() == b''
        host.write(everything)
        host.acted(1.5)
        host.write(b'more')
        assert received(device, 260) == everything + b'more'
        assert device.connected
        device.write(everything)
        assert received(host, 256) == everything
    finally:
        host.close()
        device.close()
    host.close()
    device.close()


@pytest.mark.parametrize('kind', ['memory', 'unix', 'pty', 'udp'])
def test_a_device_that_goes_away_is_noticed(kind):
    device, host = connect(kind)
    device.close()
    stop = time.monotonic() + 5.0
    with pytest.raises(TransportError, match=host.url.split('?')[0]):
        while time.monotonic() < stop:
            host.write(b'x')
            host.read()
    host.close()


@pytest.mark.parametrize('kind', ['memory', 'unix', 'pty', 'udp'])
def test_a_host_that_goes_away_and_comes_back(kind):
    device, host = connect(kind)
    host.write(b'one')
    assert received(device, 3) == b'one'
    host.close()
    for _ in range(10):
        device.read()
        device.write(b'nobody reads this')
    host = open_transport(host.url)
    received(host, 10_000, limit=0.05)
    host.write(b'two')
    assert received(device, 3)[-3:] == b'two'
    device.write(b'hello')
    assert received(host, 5)[-5:] == b'hello'
    host.close()
    device.close()


@pytest.mark.parametrize('kind', ['memory', 'unix'])
def test_what_was_sent_before_the_end_still_counts(kind):
    device, host = connect(kind)
    host.write(b'x')
    assert device.read() == b'x'
    device.write(b'last words')
    if kind == 'unix':
        device.close()
        assert host.read() == b'last words'
    else:
        assert host.read() == b'last words'
        device.close()
    with pytest.raises(TransportError, match='gone'):
        host.read()


def test_simulator_waits_for_a_client_to_come():
    device = listen_transport(f'unix:@{NAME}')
    assert not device.meet(0.02)  # nobody
    hosts = []
    later = threading.Timer(0.05, lambda: hosts.append(open_transport(device.url)))
    later.start()
    assert device.meet(60.0)
    later.join()
    assert device.connected
    start = time.monotonic()
    assert device.meet(60.0)  # it is there
    assert time.monotonic() - start < 10.0
    hosts[0].close()
    device.close()


def test_nobody_there():
    for url in (f'memory:{NAME}-none', f'unix:@{NAME}-none', 'serial:///dev/frigoris-none'):
        with pytest.raises(TransportError, match=url):
            open_transport(url)


def test_names_are_taken_once():
    for url in (f'memory:{NAME}', f'unix:@{NAME}'):
        first = listen_transport(url)
        with pytest.raises(TransportError, match='in use'):
            listen_transport(url)
        first.close()
        listen_transport(url).close()


def test_simulator_waits_for_the_flight_time_of_its_client():
    device, host = connect('unix')
    assert not device.wait(1.0, 0.02)  # the client has not acted yet
    host.acted(1.0)
    assert device.wait(1.0, 5.0)
    assert not device.wait(1.01, 0.02)
    later = threading.Timer(0.05, lambda: (host.write(b'question'), host.acted(1.01)))
    later.start()
    assert device.wait(1.01, 5.0)
    assert device.read() == b'question'  # what came before is there, for certain
    later.join()
    host.close()
    start = time.monotonic()
    assert not device.wait(2.0, 60.0)  # nobody to wait for
    assert time.monotonic() - start < 10.0
    device.close()


def test_a_reader_that_sleeps_does_not_block_the_writer():
    device, host = connect('unix')
    with pytest.raises(TransportError):
        for _ in range(100_000):
            host.write(b'x' * 100)
    host.close()
    device.close()


@pytest.mark.parametrize('url', [
    '', 'serial:', 'serial:ttyUSB0', 'serial://host/dev/x',
    'udp://host', 'udp://:5000', 'udp://host:99999', 'unix:name', 'unix:@', 'memory:',
    'tcp://host:1', 'pty:', 'http://[bad'])
def test_bad_urls(url):
    with pytest.raises(TransportError, match='not one of serial'):
        open_transport(url)


@pytest.mark.parametrize('query, message', [
    ('baud=fast', r"baud = 'fast'; allowed is for baud a whole number from 10 to 99999999, once"),
    ('baud=-1', r"baud = '-1'; allowed is for baud a whole number"),
    ('baud=', r"baud = ''; allowed is for baud a whole number"),
    ('parity=even', r"parity = 'even'; allowed is for parity one of N \(none\), E \(even\), O \(odd\)"),
    ('parity=N&parity=N', r"parity = 'N'; allowed is for parity .*, once"),
    ('exclusive=yes', r"exclusive = 'yes'; allowed is for exclusive 1 \(no second program may open"),
    ('stop=2', r"no option 'stop' of a serial line; allowed is options baud, parity, exclusive"),
    ('&', r"no option '&' of a serial line; allowed is options baud, parity, exclusive"),
])
def test_bad_options_of_a_serial_line(query, message):
    url = f'serial:///dev/x?{query}'
    with pytest.raises(TransportError, match=message):
        check_url(url)


def test_a_serial_line_has_the_baud_rate_of_its_device_unless_told():
    assert with_baud('serial:///dev/x', 921600) == 'serial:///dev/x?baud=921600'
    assert with_baud('serial:///dev/x?parity=E', 9600) == 'serial:///dev/x?parity=E&baud=9600'
    assert with_baud('serial:///dev/x?baud=9600', 115200) == 'serial:///dev/x?baud=9600'
    assert with_baud('udp://host:1', 9600) == 'udp://host:1'


@pytest.mark.parametrize('options', ['baud=921600&parity=E', 'parity=O&exclusive=0', 'baud=9600&exclusive=1'])
def test_options_of_a_serial_line_are_set(options):
    device = listen_transport('pty:')
    host = open_transport(f'serial://{device.path}?{options}')
    given = dict(o.split('=') for o in options.split('&'))
    assert host._port.baudrate == int(given.get('baud', 115200))
    assert host._port.parity == given.get('parity', 'N')
    second = f'serial://{device.path}'
    if given.get('exclusive', '1') == '1':
        with pytest.raises(TransportError, match=r'(?i)lock|in use|busy|permission'):
            open_transport(second)
    else:
        open_transport(second).close()
    host.close()
    device.close()


def test_a_pseudo_terminal_with_a_name_that_stays(tmp_path):
    name = tmp_path / 'usb-lidar'
    first = listen_transport(f'pty:{name}')
    second = listen_transport(f'pty:{name}')  # plugged in again before the old one was taken away
    first.close()
    host = open_transport(f'serial://{name}')
    host.write(b'x')
    assert received(second, 1) == b'x'
    host.close()
    second.close()
    assert list(tmp_path.iterdir()) == []
    name.write_text('no link')
    with pytest.raises(TransportError, match='not an absolute path that is free'):
        listen_transport(f'pty:{name}')
    assert name.read_text() == 'no link'


@given(st.text(max_size=40))
def test_any_url_is_judged(url):
    try:
        check_url(url)
    except TransportError as error:
        assert url in str(error)


def test_a_flood_of_datagrams_does_not_hold_up_the_reader():
    device, host = connect('udp')
    device.write(b'nobody yet')
    host.write(b'x')
    received(device, 1)
    for _ in range(100):
        device.write(b'y' * 1400)
    pieces = []
    while data := host.read():
        pieces.append(data)
    assert max(len(p) for p in pieces) < 65536 + 1400
    assert len(pieces) >= 2
    host.close()
    device.close()


def test_a_serial_line_has_no_listener():
    with pytest.raises(TransportError, match='only udp, unix, memory, pty'):
        listen_transport('serial:///dev/ttyUSB0')


def test_a_program_that_ends_takes_its_terminal_away(tmp_path):
    """The next terminal may get the same number: a link left behind would lead to a foreign device."""
    link = tmp_path / 'line'
    program = f'from lander_common.transport import listen_transport as l; d = l("pty:{link}"); print(d.path)'
    result = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True, check=True)
    assert result.stdout == f'{link}\n'
    assert not link.is_symlink()

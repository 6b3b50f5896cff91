import pytest

from lander_common.parameters import ParameterError
from lander_rangefinder.parameters import RangefinderParameters
from lander_rangefinder.protocol import DeviceProtocol
from lander_rangefinder.protocols import OURS, find, known

FOREIGN = '''
from lander_rangefinder.protocol import DeviceProtocol, Echoes, Profile, Target

class Metronome(DeviceProtocol):
    streams = True
    profile = Profile('Metronome', 9600, 1.0, 0.25, 2.0, 0.1, 0.5, 99.0, 0.01)

    def feed(self, data):
        return [Echoes((Target(float(byte), True, str(byte)),)) for byte in data]

not_a_protocol = 3
'''


@pytest.fixture
def foreign(tmp_path, monkeypatch):
    """Another package, as pip would install it."""
    (tmp_path / 'metronome.py').write_text(FOREIGN)
    info = tmp_path / 'metronome-1.0.dist-info'
    info.mkdir()
    (info / 'METADATA').write_text('Metadata-Version: 2.1\nName: metronome\nVersion: 1.0\n')
    (info / 'entry_points.txt').write_text(
        '[frigoris.range_finders]\nmetronome = metronome:Metronome\nnumber = metronome:not_a_protocol\n'
        'missing = metronome:Missing\nvectronix_ascii = metronome:Metronome\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    find.cache_clear()


@pytest.mark.parametrize('name', OURS)
def test_ours_can_be_loaded_and_say_what_they_are_like(name):
    protocol = find(name)
    assert issubclass(protocol, DeviceProtocol)
    p = RangefinderParameters(protocol=name).of_device()
    assert p.of_device() is p
    assert 0.0 < p.latency_s < p.timeout_s
    assert p.minimum_range_m < p.maximum_range_m
    assert p.timeout_s <= 0.5 or not protocol.streams  # else it would not be heard within a second


def test_a_protocol_of_another_package(foreign):
    p = RangefinderParameters(protocol='metronome', sigma_m=0.7).of_device()
    assert (p.rate_hz, p.latency_s, p.maximum_range_m, p.sigma_m) == (1.0, 0.25, 99.0, 0.7)
    assert find('vectronix_ascii').__module__ == 'lander_rangefinder.vectronix'  # ours stays ours
    assert known()[-3:] == ['metronome', 'missing', 'number']


@pytest.mark.parametrize('name, message', [
    ('morse', r"protocol = 'morse': allowed is one of vectronix_ascii, noptel, .*, metronome, "),
    ('number', r"protocol = 'number': allowed is a class on the base of DeviceProtocol, not 3"),
    ('missing', r"protocol = 'missing': allowed is a protocol that can be loaded \(.*Missing"),
])
def test_errors_say_what_there_is(foreign, name, message):
    with pytest.raises(ParameterError, match=message):
        RangefinderParameters(protocol=name)


@pytest.mark.parametrize('values, message', [
    ({'timeout_s': -0.5}, r'timeout_s = -0\.5: allowed is 0\.05 to 10 \[s\], or -1 for that of the device'),
    ({'rate_hz': 2000}, r'rate_hz = 2000\.0: allowed is a number from -1 to 1000 \[Hz\]'),
    ({'protocol': 'benewake_tfmini', 'minimum_range_m': 20.0}, r'minimum_range_m = 20\.0: .* = 12'),
])
def test_bad_values(values, message):
    with pytest.raises(ParameterError, match=message):
        RangefinderParameters(**values)

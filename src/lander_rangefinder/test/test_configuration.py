import dataclasses
from pathlib import Path

import pytest
import yaml

from lander_common.parameters import ParameterError, make
from lander_rangefinder.parameters import RangefinderParameters
from lander_rangefinder.protocols import OURS, find

PACKAGE = Path(__file__).parents[1]


def test_the_file_holds_every_parameter_at_its_default():
    content = yaml.safe_load((PACKAGE / 'config/rangefinder.yaml').read_text())
    values = content['rangefinder']['ros__parameters']
    assert make(RangefinderParameters, values) == RangefinderParameters()
    assert set(values) == {f.name for f in dataclasses.fields(RangefinderParameters)}


def test_the_readme_tells_every_parameter_and_its_default():
    rows = [[cell.strip(' `') for cell in line.split('|')[1:-1]]
            for line in (PACKAGE / 'README.md').read_text().splitlines() if line.startswith('| `')]
    told = {row[0]: row[1:] for row in rows}
    for field in dataclasses.fields(RangefinderParameters):
        default, unit, _ = told[field.name]
        value = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
        assert (default, unit) == (value, field.metadata['unit'])


def test_the_readme_tells_every_device_and_what_it_is_like():
    text = (PACKAGE / 'README.md').read_text()
    for name in OURS:
        p = find(name).profile
        row = (f'| `{name}` | {p.baud} | {p.rate_hz:g} | {p.latency_s:g} | {p.timeout_s:g} | {p.sigma_m:g} '
               f'| {p.minimum_range_m:g} to {p.maximum_range_m:g} | {p.field_of_view_rad:g} |')
        assert row in text, row
        assert f'| `{name}` | {p.models.split(",")[0]}' in text, name


@pytest.mark.parametrize('url', ['tcp://host:1', 'serial:///dev/x?baud=fast', 'serial:///dev/x?stop=2'])
def test_a_link_must_have_a_known_form(url):
    with pytest.raises(ParameterError, match=r'transport = .*: allowed is '):
        RangefinderParameters(transport=url)


def test_a_serial_line_has_the_baud_rate_of_its_device_unless_told():
    def transport(**values):
        return RangefinderParameters(**values).of_device().transport
    assert transport(protocol='lightware_sf45') == 'serial:///dev/ttyUSB0?baud=921600'
    assert transport(transport='serial:///dev/x?parity=E') == 'serial:///dev/x?parity=E&baud=115200'
    assert transport(transport='serial:///dev/x?baud=9600', protocol='noptel') == 'serial:///dev/x?baud=9600'
    assert transport(transport='udp://host:1', protocol='noptel') == 'udp://host:1'

import pytest

from lander_campaign.flight import files

# Five seconds of braking in coarse steps: no landing, but everything runs, and in well under a second.
SHORT = """
name: short
start: {altitude_m: 15000, angle_before_site_deg: 12, arrival_time_s: 300}
limits: {time_s: 5, step_s: 0.05}
"""


@pytest.fixture
def short(tmp_path, config):
    (tmp_path / 'short.yaml').write_text(SHORT)
    return files(config, scenario=str(tmp_path / 'short'))


@pytest.fixture(scope='session')
def config(pytestconfig):
    return pytestconfig.rootpath / 'config'

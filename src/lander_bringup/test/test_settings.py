"""Changing node parameters for one landing."""

from pathlib import Path

import pytest
import yaml

from lander_bringup.landing import write_parameters
from lander_common.parameters import ParameterError

BASE = Path(__file__).parents[3] / 'launch' / 'landing.params.yaml'


def test_settings_come_between_the_lines_of_the_parameter_file(tmp_path):
    target = tmp_path / 'params.yaml'
    write_parameters(BASE, ['guidance.sink_margin=0.6', 'state_estimator.horizon_s=0.0',
                            'guidance.touchdown_sink_m_s=2'], target)
    before, after = yaml.safe_load(BASE.read_text()), yaml.safe_load(target.read_text())
    assert after['guidance']['ros__parameters'] == {
        **before['guidance']['ros__parameters'], 'sink_margin': 0.6, 'touchdown_sink_m_s': 2.0}
    assert 'touchdown_sink_m_s: 2.0' in target.read_text()  # ROS refuses a whole number for it
    assert after['state_estimator']['ros__parameters']['horizon_s'] == 0.0
    assert after['simulator'] == before['simulator']
    assert set(BASE.read_text().splitlines()) <= set(target.read_text().splitlines())


@pytest.mark.parametrize('setting', [
    'guidance.courage=1', 'guidance.vehicle_file=x', 'guidance.sink_margin=7'])
def test_settings_that_no_node_takes_are_refused(setting, tmp_path):
    with pytest.raises(ParameterError, match=setting.split('=')[0]):
        write_parameters(BASE, [setting], tmp_path / 'params.yaml')
    assert not (tmp_path / 'params.yaml').exists()

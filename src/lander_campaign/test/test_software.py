"""Changing parameters of the flight software by name."""

import pytest

from lander_campaign.software import Software
from lander_common.parameters import ParameterError


def test_a_setting_changes_one_parameter_and_can_be_named():
    software = Software().changed(['guidance.sink_margin=0.6', 'state_estimator.horizon_s=0',
                                   'guidance.touchdown_sink_m_s=2'])
    assert software.guidance.sink_margin == 0.6
    assert software.state_estimator.horizon_s == 0.0
    assert software.thruster_allocator == Software().thruster_allocator
    assert Software().changed(software.differences()) == software
    assert len(software.differences()) == 3
    assert Software().differences() == []


@pytest.mark.parametrize(('setting', 'named'), [
    ('sink_margin=0.6', 'NODE.PARAMETER=VALUE'),
    ('guidance.sink_margin', 'NODE.PARAMETER=VALUE'),
    ('pilot.sink_margin=1', 'rangefinder, state_estimator, guidance, thruster_allocator'),
    ('guidance.sink_margin=2', r'guidance.sink_margin = 2.0: allowed is a number from 0.3 to 1'),
    ('guidance.courage=2', 'guidance.courage = 2: allowed is no parameter of that name'),
    ('guidance.slew_deg_s=[', r'guidance.slew_deg_s = .\[.: allowed is a value as in YAML'),
])
def test_a_wrong_setting_is_refused_with_what_is_allowed(setting, named):
    with pytest.raises(ParameterError, match=named):
        Software().changed([setting])

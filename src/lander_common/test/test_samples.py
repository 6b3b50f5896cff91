from dataclasses import FrozenInstanceError, fields, is_dataclass

import numpy as np
import pytest

from lander_common import samples

CLASSES = [c for c in vars(samples).values()
           if isinstance(c, type) and is_dataclass(c) and c.__module__ == samples.__name__]


@pytest.mark.parametrize('cls', CLASSES)
def test_samples_are_frozen_timed_and_small(cls):
    first = fields(cls)[0]
    assert first.name == 'time'
    sample = cls(**{f.name: 0.0 for f in fields(cls)})
    with pytest.raises(FrozenInstanceError):
        sample.time = 1.0
    with pytest.raises((AttributeError, TypeError)):
        sample.other = 1.0


def test_range_validities_are_those_of_the_message():
    msg = pytest.importorskip('lander_msgs.msg').RangeSample
    for name in ('NO_RETURN', 'VALID', 'DEGRADED', 'DEVICE_ERROR', 'TIMEOUT'):
        assert getattr(samples.RangeSample, name) == getattr(msg, 'VALIDITY_' + name)


def test_navigations_do_not_share_covariances():
    first, second = (samples.Navigation(0.0, np.zeros(3), np.zeros(4), np.zeros(3), np.zeros(3))
                     for _ in range(2))
    assert first.position_covariance is not second.position_covariance


def test_thrusters_burn_at_full_thrust_unless_told_otherwise():
    assert (samples.ThrusterCommand(0.0, np.zeros(3)).throttle == [1.0, 1.0, 1.0]).all()
    assert (samples.ThrusterCommand(0.0, np.zeros(2), np.array([0.5, 1.0])).throttle == [0.5, 1.0]).all()

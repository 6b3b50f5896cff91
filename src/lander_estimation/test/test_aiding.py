"""Each aid source against finite differences of its own prediction."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common import rotations
from lander_common.samples import AttitudeFix, RangeSample, VelocitySample
from lander_estimation import model
from lander_estimation.aiding.attitude import AttitudeAid
from lander_estimation.aiding.range import RangeAid
from lander_estimation.aiding.rejections import Rejections
from lander_estimation.aiding.velocity import VelocityAid

SMALL = st.floats(-0.3, 0.3)


def state(world, tilt, height):
    """Return a nominal state near the site."""
    p = world.site.to_moon(np.array([500.0, -3000.0, height]))
    q = rotations.multiply(world.site.quaternion, rotations.from_rotation_vector(np.array(tilt)))
    return np.concatenate([p, [10.0, -60.0, 30.0], q, np.zeros(6), [-2451.0]])


def moved(x, error):
    """Add an error state to a nominal state."""
    x = x.copy()
    x[:6] += error[:6]
    x[6:10] = rotations.multiply(rotations.from_rotation_vector(error[6:9]), x[6:10])
    x[10:17] += error[9:16]
    return x


@settings(max_examples=60, deadline=None)
@given(tilt=st.tuples(SMALL, SMALL, SMALL), height=st.floats(-2000.0, 20e3))
@pytest.mark.parametrize('kind', ['range', 'attitude', 'velocity'])
def test_jacobian(world, kind, tilt, height):
    x = state(world, tilt, height)
    if kind == 'range':
        aid = RangeAid(world.parameters, world.vehicle, model.pack(world.parameters, world.site))
        sample = RangeSample(0.0, 0.0, RangeSample.VALID, '', 5000.0, 0.04, 1.0)
    elif kind == 'attitude':
        aid = AttitudeAid(world.parameters)
        sample = AttitudeFix(0.0, True, '', x[6:10], np.full(3, 1e-8))
    else:
        aid = VelocityAid(world.parameters)
        sample = VelocitySample(0.0, np.array([1.0, np.nan, -3.0]), np.array([0.01, np.nan, 0.01]))
    jacobian = aid.predict(x, sample).jacobian
    for k in range(16):
        step = 1e-4 if 6 <= k < 9 else 1.0
        error = np.zeros(16)
        error[k] = step
        plus, minus = aid.predict(moved(x, error), sample), aid.predict(moved(x, -error), sample)
        slope = (minus.innovation - plus.innovation) / (2.0 * step)
        assert slope == pytest.approx(jacobian[:, k], rel=1e-4, abs=2e-3 if 6 <= k < 9 else 1e-6)


def test_straight_down_range_is_height_of_the_aperture(world):
    aid = RangeAid(world.parameters, world.vehicle, model.pack(world.parameters, world.site))
    x = state(world, (0.0, 0.0, 0.0), 0.0)
    up = x[:3] / np.linalg.norm(x[:3])
    x[6:10] = rotations.align_z(up, world.site.rotation[:, 0].copy())
    sample = RangeSample(0.0, 0.0, RangeSample.VALID, '', 2000.0, 0.04, 1.0)
    expected = np.linalg.norm(x[:3]) - 1_737_400.0 + 2451.0 - 0.8
    assert sample.range_m - aid.predict(x, sample).innovation[0] == pytest.approx(expected, abs=1e-4)


def test_degraded_range_weighs_less(world):
    aid = RangeAid(world.parameters, world.vehicle, model.pack(world.parameters, world.site))
    x = state(world, (0.0, 0.0, 0.0), 0.0)
    noise = [aid.predict(x, RangeSample(0.0, 0.0, validity, '', 2000.0, 1.0, 1.0)).noise[0]
             for validity in (RangeSample.VALID, RangeSample.DEGRADED)]
    assert noise[1] - noise[0] == pytest.approx(8.0)


def test_rejections_must_agree_follow_each_other_and_be_recent():
    def verdicts(offsets, interval=0.2):
        memory = Rejections(count=4, gate=3.0, window=1.2)
        return [memory.agree(i * interval, np.array([o]), 1.0) for i, o in enumerate(offsets)]

    assert verdicts([100, 101, 99, 100]) == [False, False, False, True]
    assert not any(verdicts([100, -50, 300, 100, 20, 180]))
    assert not any(verdicts([100, 101, 99, 100], interval=0.5))
    assert verdicts([500, 100, 101, 99, 100])[-1]

"""Each aid source against finite differences of its own prediction."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common import rotations
from lander_estimation.aiding import attitude, rejections, velocity
from lander_estimation.aiding import range as altimeter
from lander_estimation.model import new_record
from lander_estimation.update import inject

SMALL = st.floats(-0.3, 0.3)
PREDICT = {'range': altimeter.predict, 'attitude': attitude.predict, 'velocity': velocity.predict}


def state(world, tilt, height):
    """Return a nominal state near the site."""
    p = world.site.to_moon(np.array([500.0, -3000.0, height]))
    q = rotations.multiply(world.site.quaternion, rotations.from_rotation_vector(np.array(tilt)))
    return np.concatenate([p, [10.0, -60.0, 30.0], q, np.zeros(6), [-2451.0, 0.2]])


def predict(est, kind, x, value, variance, degraded=0):
    """Return the prediction for a measurement in state x."""
    item = est['incoming']
    est['x'], item['value'], item['variance'], item['degraded'] = x, value, variance, degraded
    assert PREDICT[kind](est, item) == 0
    return est['prediction'].copy()


@settings(max_examples=60, deadline=None)
@given(tilt=st.tuples(SMALL, SMALL, SMALL), height=st.floats(-2000.0, 20e3))
@pytest.mark.parametrize('kind', PREDICT)
def test_jacobian(world, kind, tilt, height):
    x = state(world, tilt, height)
    est = new_record(world.parameters, world.vehicle, world.site)[0]
    value = {'range': 5000.0, 'attitude': x[6:10], 'velocity': [1.0, np.nan, -3.0, 0.0]}[kind]

    def innovation(error):
        moved = x.copy()
        inject(moved, error)
        p = predict(est, kind, moved, value, 0.01)
        return p['innovation'][:p['size']]

    p = predict(est, kind, x, value, 0.01)
    jacobian = p['jacobian'][:p['size']]
    assert p['size'] == {'range': 1, 'attitude': 3, 'velocity': 2}[kind]
    for k in range(17):
        step = 1e-4 if 6 <= k < 9 else 1.0
        error = np.zeros(17)
        error[k] = step
        slope = (innovation(-error) - innovation(error)) / (2.0 * step)
        assert slope == pytest.approx(jacobian[:, k], rel=1e-4, abs=2e-3 if 6 <= k < 9 else 1e-6)


def test_straight_down_range_is_height_of_the_aperture(world):
    est = new_record(world.parameters, world.vehicle, world.site)[0]
    x = state(world, (0.0, 0.0, 0.0), 0.0)
    up = x[:3] / np.linalg.norm(x[:3])
    x[6:10] = rotations.align_z(up, world.site.rotation[:, 0].copy())
    expected = np.linalg.norm(x[:3]) - 1_737_400.0 + 2451.0 - 0.8 + 0.2
    innovation = predict(est, 'range', x, 2000.0, 0.04)['innovation'][0]
    assert 2000.0 - innovation == pytest.approx(expected, abs=1e-4)


def test_degraded_range_weighs_less(world):
    est = new_record(world.parameters, world.vehicle, world.site)[0]
    x = state(world, (0.0, 0.0, 0.0), 0.0)
    noise = [predict(est, 'range', x, 2000.0, 1.0, degraded)['noise'][0] for degraded in (0, 1)]
    assert noise[1] - noise[0] == pytest.approx(8.0)


def test_rejections_must_agree_follow_each_other_and_be_recent(world):
    def verdicts(offsets, interval=0.2):
        memory = new_record(world.parameters, world.vehicle, world.site)[0]['rejections'][0]
        return [rejections.agree(memory, i * interval, np.array([o, 0.0, 0.0]), 1, 1.0, 4, 3.0, 1.2)
                for i, o in enumerate(offsets)]

    assert verdicts([100, 101, 99, 100]) == [False, False, False, True]
    assert not any(verdicts([100, -50, 300, 100, 20, 180]))
    assert not any(verdicts([100, 101, 99, 100], interval=0.5))
    assert verdicts([500, 100, 101, 99, 100])[-1]

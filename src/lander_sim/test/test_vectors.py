"""Kernels on tuples give the bits of their like in lander_common."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common import moon, rotations
from lander_sim import vectors

number = st.floats(-1.0, 1.0)
triple = st.tuples(number, number, number)


def same(a, b):
    return np.array(a).tobytes() == np.array(b).tobytes()


@given(st.tuples(number, number, number, st.floats(0.1, 1.0)), triple)
@settings(deadline=None)  # the first call compiles
def test_rotations(q, v):
    unit = rotations.normalise(np.array(q))
    assert same(vectors.normalise(np.array(q)), unit)
    matrix = rotations.to_matrix(unit)
    rows = vectors.matrix(unit)
    assert same(rows, matrix)
    assert np.allclose(vectors.turn(rows, v), matrix @ v, rtol=0, atol=1e-15)
    assert np.allclose(vectors.turn_back(rows, v), matrix.T @ v, rtol=0, atol=1e-15)


@given(triple, triple)
@settings(deadline=None)
def test_forces(direction, velocity):
    p, v = np.array([1.8e6, 0.0, 0.0]) + 1e5 * np.array(direction), 1700.0 * np.array(velocity)
    assert same(vectors.gravity(tuple(p)), moon.gravity(p))
    assert same(vectors.fictitious(tuple(p), tuple(v)), moon.fictitious(p, v))

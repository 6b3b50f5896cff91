"""Kernels on tuples do what their like on arrays do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common import gravity, moon, quaternions, rotations, vectors

number = st.floats(-1.0, 1.0)
triple = st.tuples(number, number, number)


def same(a, b):
    return np.array(a).tobytes() == np.array(b).tobytes()


@given(st.tuples(number, number, number, st.floats(0.1, 1.0)), triple)
@settings(deadline=None)  # the first call compiles
def test_rotations(q, v):
    unit = rotations.normalise(np.array(q))
    assert same(quaternions.normalise(np.array(q)), unit)
    matrix = rotations.to_matrix(unit)
    rows = quaternions.matrix(unit)
    assert same(rows, matrix)
    assert same(vectors.divide(v, q[3]), np.array(v) / q[3])
    assert np.allclose(vectors.turn(rows, v), matrix @ v, rtol=0, atol=1e-15)
    assert np.allclose(vectors.turn_back(rows, v), matrix.T @ v, rtol=0, atol=1e-15)


@given(triple, triple)
@settings(deadline=None)
def test_forces(direction, velocity):
    p, v = np.array([1.8e6, 0.0, 0.0]) + 1e5 * np.array(direction), 1700.0 * np.array(velocity)
    assert same(gravity.gravity(tuple(p)), moon.gravity(p))
    assert same(gravity.fictitious(tuple(p), tuple(v)), moon.fictitious(p, v))


@given(triple, triple)
@settings(deadline=None)
def test_free_fall(direction, velocity):
    p, v = np.array([1.8e6, 0.0, 0.0]) + 1e5 * np.array(direction), 1700.0 * np.array(velocity)
    assert gravity.free_fall(tuple(p), tuple(v)) == pytest.approx(moon.free_fall(p, v), rel=1e-12)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_attitudes(seed):
    rng = np.random.default_rng(seed)
    a, b, v = rng.normal(size=(3, 3))
    p, q = rotations.normalise(rng.normal(size=4)), rotations.normalise(rng.normal(size=4))
    a /= np.linalg.norm(a)
    aligned = rotations.align_z(a, b)
    assert quaternions.align_z(a, b) in (pytest.approx(aligned, abs=1e-9), pytest.approx(-aligned, abs=1e-9))
    assert quaternions.product(p, q) == pytest.approx(rotations.multiply(p, q), abs=1e-12)
    assert quaternions.rotation_vector(q) == pytest.approx(rotations.to_rotation_vector(q), abs=1e-12)
    assert quaternions.rotation(0.7, v) == pytest.approx(rotations.from_rotation_vector(0.7 * v), abs=1e-12)
    assert quaternions.rotation(0.01, v) == pytest.approx(rotations.from_rotation_vector(0.01 * v), abs=1e-12)
    assert quaternions.rotate(q, v) == pytest.approx(rotations.rotate(q, v), abs=1e-12)
    assert quaternions.z_axis(q) == pytest.approx(rotations.rotate(q, np.array([0.0, 0.0, 1.0])), abs=1e-12)

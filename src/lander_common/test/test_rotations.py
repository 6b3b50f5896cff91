import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lander_common import rotations

numbers = st.floats(-1e3, 1e3)
vectors = st.tuples(numbers, numbers, numbers).map(np.array)
units = st.floats(-1.0, 1.0)
quaternions = st.tuples(units, units, units, units).filter(lambda q: np.linalg.norm(q) > 0.1).map(
    lambda q: np.array(q) / np.linalg.norm(q))
angles = st.tuples(*[st.floats(-3.0, 3.0)] * 3).map(np.array)


def _same_rotation(p, q, tolerance=1e-12):
    assert min(np.abs(p - q).max(), np.abs(p + q).max()) < tolerance


@given(quaternions, quaternions)
def test_multiply(p, q):
    _same_rotation(rotations.multiply(p, q), (Rotation.from_quat(p) * Rotation.from_quat(q)).as_quat())


@given(quaternions)
def test_conjugate_undoes(q):
    _same_rotation(rotations.multiply(rotations.conjugate(q), q), np.array([0.0, 0.0, 0.0, 1.0]))


@given(quaternions, st.floats(0.01, 100.0))
def test_normalise(q, scale):
    assert rotations.normalise(scale * q) == pytest.approx(q, abs=1e-12)


@given(vectors, vectors)
def test_cross_norm_skew(a, b):
    size = 1.0 + np.linalg.norm(a) * np.linalg.norm(b)
    assert rotations.cross(a, b) == pytest.approx(np.cross(a, b), abs=1e-12 * size)
    assert rotations.skew(a) @ b == pytest.approx(np.cross(a, b), abs=1e-12 * size)
    assert rotations.norm(a) == pytest.approx(np.linalg.norm(a), rel=1e-14)


@given(quaternions, vectors)
def test_rotate(q, v):
    expected = Rotation.from_quat(q).apply(v)
    assert rotations.rotate(q, v) == pytest.approx(expected, abs=1e-11 * (1.0 + np.linalg.norm(v)))


@given(angles)
@example(np.array([1e-9, 0.0, 0.0]))
@example(np.array([0.0, 1e-8, 1e-300]))
@example(np.zeros(3))
def test_from_rotation_vector(v):
    q = rotations.from_rotation_vector(v)
    _same_rotation(q, Rotation.from_rotvec(v).as_quat())
    assert rotations.norm(q[:3]) ** 2 + q[3] ** 2 == pytest.approx(1.0, abs=1e-14)


@given(quaternions)
@example(np.array([1e-13, 0.0, 0.0, 1.0]))
@example(np.array([0.0, 0.0, 1e-10, -1.0]))
def test_to_rotation_vector_goes_the_shorter_way(q):
    v = rotations.to_rotation_vector(q)
    assert np.linalg.norm(v) <= np.pi + 1e-12
    _same_rotation(Rotation.from_rotvec(v).as_quat(), q)


@given(quaternions)
def test_to_matrix(q):
    assert rotations.to_matrix(q) == pytest.approx(Rotation.from_quat(q).as_matrix(), abs=1e-14)


@given(quaternions)
@example(np.array([1.0, 0.0, 0.0, 0.0]))
@example(np.array([0.0, 1.0, 0.0, 0.0]))
@example(np.array([0.0, 0.0, 1.0, 0.0]))
@example(np.array([0.0, 0.0, 0.0, 1.0]))
def test_from_matrix(q):
    found = rotations.from_matrix(np.ascontiguousarray(Rotation.from_quat(q).as_matrix()))
    _same_rotation(found, q)
    assert found[3] >= 0.0


@given(vectors, vectors)
def test_align_z(direction, forward):
    sizes = np.linalg.norm(direction) * np.linalg.norm(forward)
    assume(sizes > 1e-2 and np.linalg.norm(np.cross(direction, forward)) > 1e-2 * sizes)
    matrix = Rotation.from_quat(rotations.align_z(direction, forward)).as_matrix()
    assert matrix[:, 2] == pytest.approx(direction / np.linalg.norm(direction), abs=1e-9)
    assert matrix[:, 1] @ forward == pytest.approx(0.0, abs=1e-9 * np.linalg.norm(forward))
    assert matrix[:, 0] @ forward > 0.0

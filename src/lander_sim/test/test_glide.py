"""One integration step a cycle against the integrator for contact in tiny steps."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lander_common import rotations
from lander_common.constants import MOON_RATE
from lander_common.vehicle import load_vehicle
from lander_sim.dynamics import VehicleDynamics
from lander_sim.flight_step import step_low
from lander_sim.glide import turned

RESILIENCE = load_vehicle(Path(__file__).parents[3] / 'config/vehicles/resilience.yaml')
N = len(RESILIENCE.thrusters)
SEED = 12


class Deep:
    """Ground far below."""

    def height_at(self, position):
        return -100e3


def flying():
    dynamics = VehicleDynamics(RESILIENCE, Deep())
    dynamics.set_state(np.array([1e6, 0.3e6, 1.5e6]), np.array([-1373.0, 0.0, 915.0]),
                       np.array([0.3, -0.5, 0.2, 0.7]), np.zeros(3), 300.0)
    return dynamics


def apart(seconds, dt, tiny, spin=0.0):
    """Fly pulses in steps of dt [s] and in `tiny` ones; return how far apart [m], [m/s], [rad], [rad/s]."""
    print('seed', SEED)
    rng, a, b = np.random.default_rng(SEED), flying(), flying()
    b._contacts['count'], b._contacts['planes'][0] = 1, 0.0  # near a plane without a normal: it never pushes
    b._truth[0]['contact_step'] = tiny
    a._y[10:13] = b._y[10:13] = spin
    felt = np.zeros((2, 3))
    for k in range(round(seconds / dt)):
        on_time = np.zeros(N)
        on_time[0], on_time[1:7] = dt, 0.3 * dt * rng.random(6)
        if k % 7 == 0:
            on_time[7:] = dt * rng.random(8) * (rng.random(8) < 0.5)
        a.step(dt, on_time)
        b._propulsion.command[:] = on_time
        step_low(b._truth, dt)
        felt += a.increments - b.increments
    turn = rotations.to_rotation_vector(rotations.multiply(rotations.conjugate(a.q_moon_body), b.q_moon_body))
    return [float(np.abs(d).max()) for d in (
        a.position - b.position, a.velocity - b.velocity, turn, a.body_rate - b.body_rate, felt)]


@pytest.mark.parametrize('dt, spin, limits', [
    (0.01, 0.0, (1e-4, 1e-5, 1e-6, 1e-7, 1e-5)),
    (0.01, 0.05, (1e-3, 3e-5, 1e-6, 1e-6, 1e-5)),
    (0.02, 0.0, (1e-3, 1e-4, 1e-5, 1e-6, 1e-4))])
def test_a_pulsed_burn_is_that_of_tiny_steps(dt, spin, limits):
    differences = apart(20.0, dt, dt / 40.0, spin)
    assert all(d < limit for d, limit in zip(differences, limits)), differences
    assert differences[0] > 0.0


@given(st.lists(st.floats(-1.0, 1.0), min_size=3, max_size=3), st.floats(1e-6, 1.0), st.floats(0.0, 1.0))
@settings(deadline=None)
def test_a_turn_is_that_of_the_rotation_vector(axis, size, h):
    q, v = rotations.normalise(np.array([0.3, -0.5, 0.2, 0.7])), size * np.array(axis)
    moon = rotations.from_rotation_vector(np.array([0.0, 0.0, -MOON_RATE * h]))
    right = rotations.multiply(moon, rotations.multiply(q, rotations.from_rotation_vector(v)))
    assert np.array(turned(tuple(q), tuple(v), h)) == pytest.approx(right, abs=1e-15)
    assert math.isclose(np.linalg.norm(right), 1.0, rel_tol=1e-12)

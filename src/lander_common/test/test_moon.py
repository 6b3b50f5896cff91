import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lander_common import moon
from lander_common.constants import MOON_GM, MOON_GRAVITY_RADIUS, MOON_J2, MOON_RADIUS, MOON_RATE

latitudes, longitudes = st.floats(-1.57, 1.57), st.floats(-3.14, 3.14)
heights = st.floats(-5e3, 500e3)


def _potential(r):
    """Potential of a flattened body, textbook form, [m^2/s^2]."""
    size = np.linalg.norm(r)
    legendre = 0.5 * (3.0 * (r[2] / size) ** 2 - 1.0)
    return -MOON_GM / size * (1.0 - MOON_J2 * (MOON_GRAVITY_RADIUS / size) ** 2 * legendre)


@given(latitudes, longitudes, heights)
def test_gravity_is_the_slope_of_the_potential(latitude, longitude, height):
    r = (MOON_RADIUS + height) * moon.direction(latitude, longitude)
    step = 100.0
    slope = [(_potential(r + step * e) - _potential(r - step * e)) / (2.0 * step) for e in np.eye(3)]
    assert moon.gravity(r) == pytest.approx(-np.array(slope), abs=2e-7)


def test_gravity_at_the_surface():
    assert np.linalg.norm(moon.gravity(np.array([MOON_RADIUS, 0.0, 0.0]))) == pytest.approx(1.6247, abs=1e-4)


def test_a_body_at_rest_among_the_stars_feels_no_force():
    start, speed = np.array([2e6, 3e5, 1e6]), np.array([100.0, -50.0, 30.0])

    def seen(t):
        c, s = np.cos(MOON_RATE * t), np.sin(MOON_RATE * t)
        return np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]]) @ (start + speed * t)
    step, t = 10.0, 1234.0
    velocity = (seen(t + step) - seen(t - step)) / (2.0 * step)
    acceleration = (seen(t + step) - 2.0 * seen(t) + seen(t - step)) / step**2
    assert moon.fictitious(seen(t), velocity) == pytest.approx(acceleration, abs=1e-8)


def test_circular_equatorial_orbit_stays_circular_and_keeps_its_energy():
    r = MOON_RADIUS + 100e3
    rate = np.sqrt(MOON_GM / r**3 * (1.0 + 1.5 * MOON_J2 * (MOON_GRAVITY_RADIUS / r) ** 2))
    position, velocity = np.array([r, 0.0, 0.0]), np.array([0.0, r * (rate - MOON_RATE), 0.0])

    def energy():
        spin = 0.5 * MOON_RATE**2 * (position[0] ** 2 + position[1] ** 2)
        return 0.5 * velocity @ velocity + _potential(position) - spin
    first, n = energy(), 2000
    period = 2.0 * np.pi / rate
    for _ in range(n):
        position, velocity = _runge_kutta(position, velocity, period / n)
        assert np.linalg.norm(position) == pytest.approx(r, abs=1e-2)
    assert energy() == pytest.approx(first, rel=1e-10)
    angle = -MOON_RATE * period
    assert position == pytest.approx(r * np.array([np.cos(angle), np.sin(angle), 0.0]), abs=0.1)


@given(latitudes, longitudes, heights)
def test_direction_height_and_back(latitude, longitude, height):
    position = (MOON_RADIUS + height) * moon.direction(latitude, longitude)
    assert moon.height(position) == pytest.approx(height, abs=1e-6)
    back = moon.latitude_longitude(position)
    assert back == pytest.approx((latitude, longitude), abs=1e-6)  # near the poles arcsin is flat


def _runge_kutta(r, v, h):
    f = moon.free_fall
    a1 = f(r, v)
    a2 = f(r + h / 2 * v, v + h / 2 * a1)
    a3 = f(r + h / 2 * v + h * h / 4 * a1, v + h / 2 * a2)
    a4 = f(r + h * v + h * h / 2 * a2, v + h * a3)
    return r + h * v + h * h / 6 * (a1 + a2 + a3), v + h / 6 * (a1 + 2 * a2 + 2 * a3 + a4)

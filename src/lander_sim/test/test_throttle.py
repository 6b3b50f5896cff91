"""Throttled engines: thrust follows the command as fast as the throttle moves."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from lander_common.vehicle import load_vehicle
from lander_sim.dynamics import VehicleDynamics

RESILIENCE = load_vehicle(Path(__file__).parents[3] / 'config/vehicles/resilience.yaml')
MAIN = RESILIENCE.thrusters[0]
N = len(RESILIENCE.thrusters)


class Deep:
    """Ground far below."""

    def height_at(self, position):
        return -100e3


def flying(**changes):
    main = dataclasses.replace(MAIN, rise_time_s=0.0, fall_time_s=0.0, **changes)
    vehicle = dataclasses.replace(RESILIENCE, thrusters=(main, *RESILIENCE.thrusters[1:]))
    dynamics = VehicleDynamics(vehicle, Deep())
    upright = np.array([0.0, 0.0, 0.0, 1.0])
    dynamics.set_state(np.array([1.8e6, 0.0, 0.0]), np.zeros(3), upright, np.zeros(3), 300.0)
    return dynamics


def burn(dynamics, throttle, seconds, on=True):
    """Return the thrust of the main engine in each step of 10 ms [N]."""
    on_time, throttles, forces = np.zeros(N), np.ones(N), []
    on_time[0], throttles[0] = 0.01 * on, throttle
    for _ in range(round(100 * seconds)):
        mass = dynamics.mass
        dynamics.step(0.01, on_time, throttles)
        forces.append(dynamics.mean_specific_force[2] * 0.5 * (mass + dynamics.mass))
    return np.array(forces)


def test_half_the_throttle_is_half_the_thrust_and_flow():
    full, half = flying(throttle_min=0.3), flying(throttle_min=0.3)
    assert burn(full, 1.0, 1.0) == pytest.approx(MAIN.thrust_n, rel=1e-4)
    assert burn(half, 0.5, 1.0) == pytest.approx(0.5 * MAIN.thrust_n, rel=1e-4)
    assert 300.0 - half.propellant == pytest.approx(0.5 * (300.0 - full.propellant), rel=1e-6)
    assert half.thrust_fractions[0] == 0.5


def test_the_throttle_moves_at_its_rate():
    dynamics = flying(throttle_min=0.2, throttle_rate_s=0.5)
    share = burn(dynamics, 1.0, 0.1) / MAIN.thrust_n
    share = burn(dynamics, 0.3, 2.0) / MAIN.thrust_n
    middle = 0.01 * (np.arange(200) + 0.5)
    assert share == pytest.approx(np.maximum(1.0 - 0.5 * middle, 0.3), abs=1e-3)
    back = burn(dynamics, 0.9, 2.0) / MAIN.thrust_n
    assert back == pytest.approx(np.minimum(0.3 + 0.5 * middle, 0.9), abs=1e-3)


def test_a_closed_engine_is_set_before_it_burns():
    dynamics = flying(throttle_min=0.2, throttle_rate_s=0.1)
    burn(dynamics, 0.4, 0.05, on=False)
    assert burn(dynamics, 0.4, 0.05) == pytest.approx(0.4 * MAIN.thrust_n, rel=1e-3)


@pytest.mark.parametrize('least, wanted, got', [(0.4, 0.1, 0.4), (0.4, 3.0, 1.0), (1.0, 0.5, 1.0)])
def test_an_engine_gives_what_it_can(least, wanted, got):
    assert burn(flying(throttle_min=least), wanted, 0.1) == pytest.approx(got * MAIN.thrust_n, rel=1e-3)


def test_a_throttle_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match='throttle'):
        burn(flying(throttle_min=0.4), float('nan'), 0.01)
